package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.calls.TenantData;
import sluice.managed.InForce;
import sluice.managed.KnownTenant;
import sluice.managed.ManagedLedger;
import sluice.managed.ManagedTenant;
import sluice.managed.TenantChanges;

/** The tenants: those that the configuration declares, to be seen, and managed ones, to be changed. */
final class TenantsResource {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final String A_NAME = "lower-case letters, digits and ._-, at most 64, not beginning with ._-";

    private final InForce inForce;
    private final TenantChanges changes;
    private final ManagedLedger ledger;
    private final TenantData data;
    private final Work work;

    TenantsResource(InForce inForce, TenantChanges changes, ManagedLedger ledger, TenantData data, Work work) {
        this.inForce = inForce;
        this.changes = changes;
        this.ledger = ledger;
        this.data = data;
        this.work = work;
    }

    Future<Reply> list(AdminCall call) {
        call.knows("limit", "cursor", "origin");
        Optional<String> origin = call.query("origin");
        if (origin.isPresent() && !List.of("managed", "declared").contains(origin.get())) {
            throw Fault.invalid("origin", "managed or declared");
        }
        Page page = Page.of(call, NAME);
        Stream<KnownTenant> all = call.onlyTenant().map(own -> inForce.tenant(own).stream())
                .orElseGet(() -> inForce.tenantsAfter(page.after()).values().stream());
        return work.reckon(call, () -> page.reply(
                all.filter(known -> origin.isEmpty() || origin.get().equals(origin(known.managed()))), this::shown,
                KnownTenant::name));
    }

    Future<Reply> get(AdminCall call) {
        call.knows();
        return Future.succeededFuture(Reply.json(shown(known(call))));
    }

    Future<Reply> create(AdminCall call) {
        call.knows();
        Fields fields = call.requiredFields();
        String name = fields.required("name", NAME, A_NAME);
        JsonObject settings = withoutNulls(fields.object("settings").orElseGet(JsonObject::new));
        return work.run(call, () -> {
            fields.finish(() -> Fault.mistakes(changes.mistakes(settings)));
            return changes.create(Work.by(call), Work.once(call), name, settings);
        }).map(made -> replayed(made, Reply.created(shown(made.subject()))));
    }

    Future<Reply> change(AdminCall call) {
        call.knows();
        Fields fields = call.requiredFields();
        JsonObject settings = fields.requiredObject("settings", "the settings to change");
        fields.finish();
        return work.run(call, () -> changes.change(Work.by(call), call.tenant(), settings))
                .map(made -> Reply.json(shown(made.subject())));
    }

    Future<Reply> delete(AdminCall call) {
        call.knows("data");
        String withData = call.query("data").orElse("false");
        if (!List.of("true", "false").contains(withData)) {
            throw Fault.invalid("data", "true or false");
        }
        String name = call.tenant();
        return work.run(call, () -> withData.equals("true") ? withData(call, name) : delete(call, name, 0));
    }

    /** A deleted tenant may have left data: repeating the request deletes the rest. */
    private Reply withData(AdminCall call, String name) throws IOException {
        if (inForce.tenant(name).isPresent()) {
            changes.delete(Work.by(call), name);
        }
        long rows = data.erase(name);
        ledger.note(Work.by(call), "tenant.erase", name, name, new JsonObject().put("rows", rows).encode());
        return deleted(name, rows);
    }

    private Reply delete(AdminCall call, String name, long rows) throws IOException {
        changes.delete(Work.by(call), name);
        return deleted(name, rows);
    }

    private static Reply deleted(String name, long rows) {
        return Reply.json(new JsonObject().put("object", "tenant.deleted").put("name", name).put("deleted", true)
                .put("rows_deleted", rows));
    }

    /** Something was made by this request before, and is shown as it is now. */
    static Reply replayed(ManagedLedger.Made made, Reply reply) {
        return made.replayed() ? reply.with("idempotent-replayed", "true") : reply;
    }

    private static JsonObject withoutNulls(JsonObject settings) {
        JsonObject given = new JsonObject();
        for (Map.Entry<String, Object> each : settings) {
            if (each.getValue() != null) {
                given.put(each.getKey(), each.getValue());
            }
        }
        return given;
    }

    private KnownTenant known(AdminCall call) {
        call.mustSee(call.tenant());
        return inForce.tenant(call.tenant()).orElseThrow(() -> Fault.absent("tenant", call.tenant()));
    }

    private JsonObject shown(String name) {
        return shown(inForce.tenant(name).orElseThrow(() -> Fault.absent("tenant", name)));
    }

    private JsonObject shown(KnownTenant known) {
        JsonObject json = new JsonObject().put("object", "tenant").put("name", known.name())
                .put("origin", origin(known.managed()))
                .put("declared_at", inForce.declarations().place(known.name()).orElse(null))
                .put("settings", known.managed().map(managed -> new JsonObject(managed.settings())).orElse(null))
                .put("effective", known.tenant()
                        .map(tenant -> inForce.declarations().show(known.name(),
                                known.managed().map(ManagedTenant::settings)))
                        .orElse(null))
                .put("in_force", known.tenant().isPresent()).put("problems", new JsonArray(known.unfit()))
                .put("keys", inForce.keyCount(known.name()));
        known.managed().ifPresentOrElse(
                managed -> json.put("created_at", managed.created().toString()).put("changed_at",
                        managed.changed().toString()),
                () -> json.putNull("created_at").putNull("changed_at"));
        return json;
    }

    private static String origin(Optional<ManagedTenant> managed) {
        return managed.isPresent() ? "managed" : "declared";
    }
}
