package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.managed.InForce;
import sluice.managed.KnownTenant;
import sluice.price.Cost;
import sluice.tenancy.Tenancy;
import sluice.tenancy.TenantDirectory;

/** What is left of the limits and budgets of tenants. */
final class LimitsResource {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private final InForce inForce;
    private final TenantDirectory directory;
    private final Supplier<ThisReplica> replica;
    private final Work work;

    LimitsResource(InForce inForce, TenantDirectory directory, Supplier<ThisReplica> replica, Work work) {
        this.work = work;
        this.inForce = inForce;
        this.directory = directory;
        this.replica = replica;
    }

    Future<Reply> list(AdminCall call) {
        call.knows("tenant", "limit", "cursor");
        Page page = Page.of(call, NAME);
        Optional<String> asked = call.tenantAsked();
        Optional<String> only = call.onlyTenant().or(() -> asked);
        only.filter(name -> inForce.tenant(name).isEmpty()).ifPresent(name -> {
            throw Fault.absent("tenant", name);
        });
        Stream<String> names = only.map(Stream::of).orElseGet(
                () -> inForce.tenantsAfter(page.after()).values().stream().map(KnownTenant::name));
        return work.run(call, () -> page.reply(names.flatMap(name -> directory.named(name).stream()), this::shown,
                tenancy -> tenancy.tenant().name()));
    }

    private JsonObject shown(Tenancy tenancy) {
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
                .put("plan", tenancy.tenant().plan()).put("enforced", !tenancy.tenant().shadow()).put("limits", limits)
                .put("budgets", budgets).put("concurrent", concurrent.isPresent() ? concurrent.getAsInt() : null)
                .put("in_flight", tenancy.inFlight().count()).mergeIn(replica.get().json());
    }
}
