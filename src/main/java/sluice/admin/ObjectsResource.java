package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.managed.InForce;
import sluice.managed.ManagedLedger;
import sluice.openai.StoredRoute;
import sluice.owners.OwnerTable;
import sluice.owners.Owners;
import sluice.owners.StoredObject;
import sluice.tenancy.Tenant;
import sluice.time.Time;

/** Lists the owners of stored objects, and assigns objects made before owners were recorded. */
final class ObjectsResource {
    private static final Pattern CURSOR = Pattern.compile("[!-9;-~]{1,64}:[!-~]{1,160}");
    private static final Pattern ID = Pattern.compile("[!-~]{1,160}");
    private static final Pattern NAME = Pattern.compile("[^\\s]{1,64}");
    private static final int MOST_IDS = 1_000;
    /** The audit repeats no more. */
    private static final int MOST_TOLD = 20;

    private final InForce inForce;
    private final ManagedLedger ledger;
    private final Owners owners;
    private final Work work;
    private final Time time;

    ObjectsResource(InForce inForce, ManagedLedger ledger, Owners owners, Work work, Time time) {
        this.inForce = inForce;
        this.ledger = ledger;
        this.owners = owners;
        this.work = work;
        this.time = time;
    }

    Future<Reply> list(AdminCall call) {
        call.knows("tenant", "account", "kind", "id", "limit", "cursor");
        mustBeKept();
        Page page = Page.of(call, CURSOR);
        Optional<String> asked = call.tenantAsked();
        Optional<OwnerTable.Cursor> after = page.after().isEmpty() ? Optional.empty() : Optional.of(cursor(page));
        OwnerTable.Query query = new OwnerTable.Query(call.onlyTenant().or(() -> asked), call.query("account"),
                call.query("kind").map(ObjectsResource::kind), call.query("id"), after, page.limit() + 1);
        boolean team = call.onlyTenant().isPresent();
        return work.run(call, () -> owners.table().read(query))
                .map(found -> page.reply(found.stream(), each -> shown(each, team),
                        each -> each.account() + ":" + each.id()));
    }

    private static OwnerTable.Cursor cursor(Page page) {
        int colon = page.after().indexOf(':');
        return new OwnerTable.Cursor(page.after().substring(0, colon), page.after().substring(colon + 1));
    }

    /** Teams do not see accounts. */
    private static JsonObject shown(StoredObject object, boolean team) {
        return new JsonObject().put("object", "stored_object").put("id", object.id()).put("kind", object.kind())
                .put("tenant", object.tenant()).put("account", team ? null : object.account())
                .put("since", Instant.ofEpochMilli(object.sinceMillis()).toString());
    }

    Future<Reply> assign(AdminCall call) {
        call.knows();
        Fields fields = call.requiredFields();
        String name = fields.required("tenant", NAME, "the name of a tenant");
        String collection = fields.required("kind", NAME, "a collection such as files");
        List<String> ids = fields.texts("ids", ID, MOST_IDS, "1 to " + MOST_IDS + " ids");
        fields.finish();
        String kind = kind(collection);
        mustBeKept();
        Tenant tenant = inForce.tenant(name).flatMap(known -> known.tenant())
                .orElseThrow(() -> Fault.absent("tenant", name));
        String at = tenant.home();
        long now = time.now().toEpochMilli();
        List<StoredObject> objects = ids.stream().map(id -> new StoredObject(at, id, name, kind, now)).toList();
        return work.run(call, () -> assign(call, name, kind, objects))
                .map(done -> Reply.json(new JsonObject().put("object", "stored_objects.assigned").put("tenant", name)
                        .put("account", at).put("kind", kind).put("count", ids.size())));
    }

    private boolean assign(AdminCall call, String tenant, String kind, List<StoredObject> objects) throws IOException {
        owners.table().assign(objects);
        objects.forEach(each -> owners.forget(each.account(), each.id()));
        ledger.note(Work.by(call), "objects.assign", tenant, kind, new JsonObject().put("count", objects.size())
                .put("ids", new JsonArray(objects.stream().limit(MOST_TOLD).map(StoredObject::id).toList())).encode());
        return true;
    }

    private static String kind(String text) {
        if (!StoredRoute.kinds().contains(text)) {
            throw Fault.invalid("kind", "one of " + String.join(", ", StoredRoute.kinds()));
        }
        return text;
    }

    private void mustBeKept() {
        if (!ledger.isShared()) {
            throw Fault.conflict("ledger_not_shared",
                    "Owners of stored objects are not kept: with redis.url, ledger.url "
                            + "must be a PostgreSQL database, which all replicas share.");
        }
    }
}
