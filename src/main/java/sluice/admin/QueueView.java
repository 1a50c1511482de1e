package sluice.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sluice.account.LiveAccount;
import sluice.schedule.Scheduler;
import sluice.schedule.TenantQueue;
import sluice.upstream.AccountModels;
import sluice.upstream.Unreachable;

/**
 * Who is waiting for upstream quota, for how long, and what is holding up the accounts: a noisy neighbor at a glance.
 */
public final class QueueView {
    private final Scheduler scheduler;
    private final Supplier<List<LiveAccount>> accounts;

    /** @param accounts in effect */
    public QueueView(Scheduler scheduler, Supplier<List<LiveAccount>> accounts) {
        this.scheduler = scheduler;
        this.accounts = accounts;
    }

    JsonObject json() {
        JsonArray tenants = new JsonArray();
        for (TenantQueue tenant : scheduler.view()) {
            tenants.add(new JsonObject().put("tenant", tenant.tenant()).put("weight", tenant.weight())
                    .put("interactive", tenant.interactive()).put("batch", tenant.batch())
                    .put("oldest_wait_ms", TimeUnit.NANOSECONDS.toMillis(tenant.oldestNanos()))
                    .put("fair_share_lead", tenant.ahead()));
        }
        return new JsonObject().put("waiting", scheduler.waiting()).put("tenants", tenants).put("accounts", accounts());
    }

    /** The state of the accounts. */
    JsonArray accounts() {
        JsonArray served = new JsonArray();
        for (LiveAccount account : accounts.get()) {
            JsonObject remaining = new JsonObject();
            account.quota().remainingRatios().forEach((limit, ratio) -> remaining.put(limit, ratio.getAsDouble()));
            JsonArray models = new JsonArray();
            for (AccountModels.Paused paused : account.watch().pausedModels()) {
                models.add(new JsonObject().put("model", paused.served().model())
                        .put("service_tier", paused.served().tier()).put("paused_for", paused.hold().word())
                        .put("paused_seconds", paused.hold().nanos() / 1e9));
            }
            Unreachable unreachable = account.watch().unreachable();
            served.add(new JsonObject().put("account", account.name()).put("in_flight", account.inFlight())
                    .put("paused_for", account.pausedFor()).put("paused_seconds", account.cooldownSeconds())
                    .put("unreachable", unreachable == null ? null : unreachable.word()).put("paused_models", models)
                    .put("keys_in_service", account.watch().keysInService()).put("remaining", remaining));
        }
        return served;
    }
}
