package sluice.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sluice.account.LiveAccount;
import sluice.schedule.Scheduler;
import sluice.schedule.TenantQueue;
import sluice.upstream.AccountModels;
import sluice.upstream.Unreachable;

/**
 * Who is waiting here for upstream quota, for how long, and what is holding up the accounts: a noisy neighbor at a glance.
 */
public final class QueueView {
    /** Those that have waited longest. These bounds keep an answer below the size that replicas may send one another. */
    private static final int MOST_TENANTS = 50;
    private static final int MOST_ACCOUNTS = 30;
    private static final int MOST_MODELS = 10;

    private final Scheduler scheduler;
    private final Supplier<List<LiveAccount>> accounts;

    /** @param accounts in effect */
    public QueueView(Scheduler scheduler, Supplier<List<LiveAccount>> accounts) {
        this.scheduler = scheduler;
        this.accounts = accounts;
    }

    JsonObject json() {
        JsonArray tenants = new JsonArray();
        scheduler.view().stream().sorted(Comparator.comparingLong(TenantQueue::oldestNanos).reversed())
                .limit(MOST_TENANTS)
                .forEach(tenant -> tenants.add(new JsonObject().put("tenant", tenant.tenant())
                        .put("weight", tenant.weight())
                        .put("interactive", tenant.interactive()).put("batch", tenant.batch())
                        .put("oldest_wait_ms", TimeUnit.NANOSECONDS.toMillis(tenant.oldestNanos()))
                        .put("fair_share_lead", tenant.ahead())));
        return new JsonObject().put("waiting", scheduler.waiting()).put("tenants", tenants).put("accounts", accounts());
    }

    private JsonArray accounts() {
        JsonArray served = new JsonArray();
        accounts.get().stream().limit(MOST_ACCOUNTS).forEach(account -> served.add(shown(account)));
        return served;
    }

    private static JsonObject shown(LiveAccount account) {
        JsonObject remaining = new JsonObject();
        account.quota().remainingRatios().forEach((limit, ratio) -> remaining.put(limit, ratio.getAsDouble()));
        JsonArray models = new JsonArray();
        account.watch().pausedModels().stream().limit(MOST_MODELS).forEach(paused -> models.add(shown(paused)));
        Unreachable unreachable = account.watch().unreachable();
        return new JsonObject().put("account", account.name()).put("in_flight", account.inFlight())
                .put("paused_for", account.pausedFor()).put("paused_seconds", account.cooldownSeconds())
                .put("unreachable", unreachable == null ? null : unreachable.word()).put("paused_models", models)
                .put("keys_in_service", account.watch().keysInService()).put("remaining", remaining);
    }

    private static JsonObject shown(AccountModels.Paused paused) {
        return new JsonObject().put("model", paused.served().model()).put("service_tier", paused.served().tier())
                .put("paused_for", paused.hold().word()).put("paused_seconds", paused.hold().nanos() / 1e9);
    }
}
