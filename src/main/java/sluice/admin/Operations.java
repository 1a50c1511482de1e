package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import sluice.cache.AnswerCache;
import sluice.calls.CallTable;
import sluice.calls.TenantData;
import sluice.explain.Explainer;
import sluice.isolation.Shared;
import sluice.managed.AuditTable;
import sluice.managed.InForce;
import sluice.managed.KeyChanges;
import sluice.managed.ManagedLedger;
import sluice.managed.TenantChanges;
import sluice.tenancy.KeyRevocation;
import sluice.tenancy.TenantDirectory;
import sluice.time.Time;

/** What answers each route of the admin API. */
public final class Operations {

    /**
     * What it shows.
     *
     * @param config    the effective configuration as YAML, without secrets
     * @param queue     who is waiting and for how long, and the state of the accounts
     * @param usage     what tenants have used
     * @param calls     the calls themselves
     * @param directory the tenants in effect
     * @param explainer what would happen to a call
     * @param replica   which replica this is
     */
    public record Views(Supplier<String> config, QueueView queue, UsageView usage, CallTable calls,
            TenantDirectory directory, Explainer explainer, AnswerCache cache, Supplier<ThisReplica> replica) {}

    /**
     * What it changes, and where that is audited.
     *
     * @param data deletes the data of a tenant's calls
     */
    public record Management(InForce inForce, ManagedLedger ledger, TenantChanges tenants, KeyChanges keys,
            KeyRevocation revocation, AuditTable audit, TenantData data) {}

    private final Map<AdminRoute, Operation> byRoute = new EnumMap<>(AdminRoute.class);
    private final Consumer<AdminCall> glassBroken;
    private final Optional<Shared> places;

    /** These alone. */
    Operations(Map<AdminRoute, Operation> byRoute) {
        this.byRoute.putAll(byRoute);
        this.places = Optional.empty();
        this.glassBroken = call -> {
            // Nobody is to know.
        };
    }

    public Operations(Vertx vertx, Views views, Management management, Time time) {
        Work work = new Work(vertx);
        this.places = Optional.of(work.shared());
        this.glassBroken = call -> work.run(call, () -> {
            management.ledger().note(Work.by(call), "break-glass", "",
                    call.route().method() + " " + call.route().path(), "");
            return true;
        });
        byRoute.put(AdminRoute.CONTRACT, new ContractResource()::answer);
        byRoute.put(AdminRoute.CONFIG, call -> {
            call.knows();
            // With many tenants it is megabytes, and takes a second to write.
            return work.run(call, () -> Reply.text("application/yaml", views.config().get()));
        });
        byRoute.put(AdminRoute.QUEUE, call -> {
            call.knows();
            return Future.succeededFuture(Reply.json(views.queue().json().mergeIn(views.replica().get().json())));
        });
        byRoute.put(AdminRoute.ACCOUNTS, call -> accounts(call, views));
        byRoute.put(AdminRoute.LIMITS,
                new LimitsResource(management.inForce(), views.directory(), views.replica(), work)::list);
        byRoute.put(AdminRoute.CALLS,
                new CallsResource(views.calls(), management.ledger().isShared(), work, time)::list);
        byRoute.put(AdminRoute.EXPLAIN,
                new ExplainResource(views.directory(), views.cache(), views.explainer())::explain);
        byRoute.put(AdminRoute.USAGE, views.usage()::answer);
        tenants(new TenantsResource(management.inForce(), management.tenants(), management.ledger(), management.data(),
                work));
        keys(new KeysResource(management.inForce(), management.keys(), management.revocation(), management.ledger(),
                work,
                time));
        byRoute.put(AdminRoute.AUDIT,
                new AuditResource(management.audit(), management.ledger().isShared(), work)::list);
    }

    private static Future<Reply> accounts(AdminCall call, Views views) {
        call.knows();
        return Future.succeededFuture(Reply.json(new JsonObject().put("object", "list")
                .put("data", views.queue().accounts()).put("has_more", false).putNull("next_cursor")
                .mergeIn(views.replica().get().json())));
    }

    private void tenants(TenantsResource tenants) {
        byRoute.put(AdminRoute.TENANTS, tenants::list);
        byRoute.put(AdminRoute.CREATE_TENANT, tenants::create);
        byRoute.put(AdminRoute.TENANT, tenants::get);
        byRoute.put(AdminRoute.CHANGE_TENANT, tenants::change);
        byRoute.put(AdminRoute.DELETE_TENANT, tenants::delete);
    }

    private void keys(KeysResource keys) {
        byRoute.put(AdminRoute.TENANT_KEYS, keys::ofTenant);
        byRoute.put(AdminRoute.ISSUE_KEY, keys::issue);
        byRoute.put(AdminRoute.KEYS, keys::list);
        byRoute.put(AdminRoute.KEY, keys::get);
        byRoute.put(AdminRoute.CHANGE_KEY, keys::change);
        byRoute.put(AdminRoute.DELETE_KEY, keys::delete);
        byRoute.put(AdminRoute.ROTATE_KEY, keys::rotate);
        byRoute.put(AdminRoute.REVOKE_KEY, call -> keys.revoke(call, true));
        byRoute.put(AdminRoute.REVOKE_SUBJECT, keys::revokeSubject);
        byRoute.put(AdminRoute.RESTORE_KEY, call -> keys.revoke(call, false));
    }

    /** How full it is with what blocks. */
    public Optional<Shared> shared() {
        return places;
    }

    /** A token for emergencies is used to read; changes are audited in any case. */
    void glassBroken(AdminCall call) {
        glassBroken.accept(call);
    }

    Map<AdminRoute, Operation> byRoute() {
        return Map.copyOf(byRoute);
    }
}
