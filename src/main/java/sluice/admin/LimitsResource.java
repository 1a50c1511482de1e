package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.explain.LimitsLeft;
import sluice.managed.InForce;
import sluice.managed.KnownTenant;
import sluice.tenancy.Tenancy;
import sluice.tenancy.TenantDirectory;

/** What remains of the limits and budgets of tenants. */
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
        return LimitsLeft.of(tenancy).mergeIn(replica.get().json());
    }
}
