package sluice.explain;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import sluice.price.Cost;
import sluice.tenancy.Tenancy;

/** What remains of a tenant's limits and budgets, as shown to its callers and to operators. */
public final class LimitsLeft {
    private LimitsLeft() {}

    /** As of now. */
    public static JsonObject of(Tenancy tenancy) {
        JsonArray limits = new JsonArray();
        tenancy.quota().levels().forEach((name, level) -> limits.add(new JsonObject().put("limit", name)
                .put("amount", level.limit()).put("remaining", level.remaining())
                .put("reset_seconds", TimeUnit.NANOSECONDS.toMillis(level.resetNanos()) / 1e3)));
        JsonArray budgets = new JsonArray();
        tenancy.spending().all().flatMap(each -> each.left().stream())
                .forEach(level -> budgets.add(new JsonObject().put("budget", level.name())
                        .put("amount_usd", Cost.dollars(level.budget().picodollars()))
                        .put("remaining_usd", Cost.dollars(level.left()))
                        .put("reset_seconds", level.reset().toMillis() / 1e3)));
        OptionalInt concurrent = tenancy.tenant().limits().concurrent();
        return new JsonObject().put("object", "limits").put("tenant", tenancy.tenant().name())
                .put("plan", tenancy.tenant().plan()).put("enforced", !tenancy.tenant().shadow())
                .put("limits", limits).put("budgets", budgets)
                .put("concurrent", concurrent.isPresent() ? concurrent.getAsInt() : null)
                .put("in_flight", tenancy.inFlight().count());
    }
}
