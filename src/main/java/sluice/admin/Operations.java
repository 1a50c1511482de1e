package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import sluice.cache.AnswerCache;
import sluice.calls.CallTable;
import sluice.calls.RecentCalls;
import sluice.calls.TenantData;
import sluice.cluster.Inquiries;
import sluice.explain.Explainer;
import sluice.isolation.Shared;
import sluice.managed.AuditTable;
import sluice.managed.InForce;
import sluice.managed.KeyChanges;
import sluice.managed.ManagedLedger;
import sluice.managed.TenantChanges;
import sluice.tenancy.KeyRevocation;
import sluice.owners.Owners;
import sluice.tenancy.TenantDirectory;
import sluice.time.Time;

/** What answers each route of the admin API. */
public final class Operations {

    /**
     * What it shows.
     *
     * @param callers    the base URL that callers use
     * @param config     the effective configuration as YAML, without secrets
     * @param queue      who is waiting and for how long, and the state of the accounts
     * @param usage      what tenants have used
     * @param calls      the calls themselves
     * @param recent     how the latest of them ended
     * @param troubles   what is wrong now
     * @param directory  the tenants in effect
     * @param explainer  what would happen to a call
     * @param purges     removes answers from the cache
     * @param rehearsing replays recent calls against another configuration
     * @param replica    which replica this is
     * @param others     the other ones, if this is one of several
     */
    public record Views(Supplier<BaseUrl> callers, Supplier<String> config, QueueView queue, UsageView usage,
            CallTable calls, RecentCalls recent, Troubles troubles,
            TenantDirectory directory, Explainer explainer, AnswerCache cache, CachePurges purges,
            Rehearsing rehearsing, Supplier<ThisReplica> replica, Optional<Inquiries> others) {}

    /**
     * What it changes, and where that is audited.
     *
     * @param data deletes the data of a tenant's calls
     */
    public record Management(InForce inForce, ManagedLedger ledger, TenantChanges tenants, KeyChanges keys,
            KeyRevocation revocation, AuditTable audit, TenantData data) {}

    private final Map<AdminRoute, Operation> byRoute = new EnumMap<>(AdminRoute.class);
    private final Consumer<AdminCall> glassBroken;
    private final Optional<Work> work;

    /** These alone. */
    Operations(Map<AdminRoute, Operation> byRoute) {
        this.byRoute.putAll(byRoute);
        this.work = Optional.empty();
        this.glassBroken = call -> {
            // Nobody is to know.
        };
    }

    /** @param owners of what accounts store */
    public Operations(Vertx vertx, Views views, Management management, Owners owners, Time time) {
        Work work = new Work(vertx, time);
        this.work = Optional.of(work);
        this.glassBroken = call -> work.run(call, () -> {
            management.ledger().note(Work.by(call), "break-glass", "",
                    call.route().method() + " " + call.route().path(), "");
            return true;
        });
        byRoute.put(AdminRoute.CONTRACT, new ContractResource()::answer);
        byRoute.put(AdminRoute.SESSION, new SessionResource(views.callers())::session);
        byRoute.put(AdminRoute.CONFIG, call -> {
            call.knows();
            // With many tenants it is megabytes, and takes a second to write.
            return work.reckon(call, () -> Reply.text("application/yaml", views.config().get()));
        });
        Fleet fleet = new Fleet(vertx, views.replica(), views.others());
        QueueResource queue = new QueueResource(fleet, views.queue());
        byRoute.put(AdminRoute.QUEUE, queue::queue);
        byRoute.put(AdminRoute.ACCOUNTS, queue::accounts);
        EndingKeys ending = new EndingKeys(management.inForce(), management.revocation().revocations(), time);
        byRoute.put(AdminRoute.OVERVIEW,
                new OverviewResource(fleet, views.recent(), views.troubles(), ending, time)::overview);
        byRoute.put(AdminRoute.LIMITS,
                new LimitsResource(management.inForce(), views.directory(), fleet, work)::list);
        byRoute.put(AdminRoute.CALLS,
                new CallsResource(views.calls(), management.ledger().isShared(), work, time)::list);
        byRoute.put(AdminRoute.EXPLAIN,
                new ExplainResource(views.directory(), views.cache(), views.explainer())::explain);
        byRoute.put(AdminRoute.PURGE_CACHE,
                new CacheResource(views.purges(), management.ledger(), work)::purge);
        byRoute.put(AdminRoute.DRY_RUN, new DryRunResource(views.rehearsing(), work)::run);
        byRoute.put(AdminRoute.USAGE, views.usage()::answer);
        tenants(new PlansResource(management.inForce()), new TenantsResource(management.inForce(), management.tenants(),
                management.ledger(), management.data(), work));
        keys(new KeysResource(management.inForce(), management.keys(), management.revocation(), management.ledger(),
                work,
                time));
        objects(new ObjectsResource(management.inForce(), management.ledger(), owners, work, time));
        byRoute.put(AdminRoute.AUDIT,
                new AuditResource(management.audit(), management.ledger().isShared(), work)::list);
    }

    private void tenants(PlansResource plans, TenantsResource tenants) {
        byRoute.put(AdminRoute.PLANS, plans::list);
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

    private void objects(ObjectsResource objects) {
        byRoute.put(AdminRoute.OBJECTS, objects::list);
        byRoute.put(AdminRoute.ASSIGN_OBJECTS, objects::assign);
    }

    /** How full it is with what blocks. */
    public Optional<Shared> shared() {
        return work.map(Work::shared);
    }

    /** Ends what still runs; no more calls may come. */
    public Future<Void> close() {
        return work.map(Work::close).orElse(Future.succeededFuture());
    }

    /** A token for emergencies is used to read; changes are audited in any case. */
    void glassBroken(AdminCall call) {
        glassBroken.accept(call);
    }

    Map<AdminRoute, Operation> byRoute() {
        return Map.copyOf(byRoute);
    }
}
