package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** What answers each route of the admin API. */
public final class Operations {

    /**
     * What it shows and changes.
     *
     * @param config the effective configuration as YAML, without secrets
     * @param queue  who is waiting and for how long, and the state of the accounts
     * @param usage  what tenants have used
     * @param keys   revokes and restores keys
     */
    public record Means(Supplier<String> config, Supplier<JsonObject> queue, UsageView usage, KeyChange keys) {}

    /** Revokes or restores the key with this id. */
    @FunctionalInterface
    public interface KeyChange {
        Future<Void> apply(String id, boolean revoked);
    }

    private final Map<AdminRoute, Operation> byRoute = new EnumMap<>(AdminRoute.class);

    public Operations(Means means) {
        KeysResource keys = new KeysResource(means.keys());
        byRoute.put(AdminRoute.CONTRACT, new ContractResource()::answer);
        byRoute.put(AdminRoute.CONFIG, call -> {
            call.knows();
            return Future.succeededFuture(Reply.text("application/yaml", means.config().get()));
        });
        byRoute.put(AdminRoute.QUEUE, call -> {
            call.knows();
            return Future.succeededFuture(Reply.json(means.queue().get()));
        });
        byRoute.put(AdminRoute.USAGE, means.usage()::answer);
        byRoute.put(AdminRoute.REVOKE_KEY, call -> keys.change(call, true));
        byRoute.put(AdminRoute.RESTORE_KEY, call -> keys.change(call, false));
    }

    Map<AdminRoute, Operation> byRoute() {
        return Map.copyOf(byRoute);
    }
}
