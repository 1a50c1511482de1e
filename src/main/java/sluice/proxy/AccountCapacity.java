package sluice.proxy;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import sluice.cluster.Reports;
import sluice.quota.AccountQuota;
import sluice.quota.Limit.Unit;
import sluice.schedule.Capacity;
import sluice.schedule.Need;
import sluice.schedule.Quote;
import sluice.schedule.Quote.Lacking;
import sluice.schedule.Quote.Scope;
import sluice.tenant.KeyDigest;
import sluice.time.Time;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.KeyRing;

/**
 * An account as what the scheduler grants from: what it may send now is the least of what its own buckets hold, what the
 * upstream itself says is left, and nothing while it is paused. One whose last call failed says that nothing would be
 * left, so that it serves only what no other account can. Shared by all event loops.
 */
public final class AccountCapacity implements Capacity {
    private final String name;
    private final AccountHealth health;
    private final Time time;
    private final LearnedQuotas learned;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger unsent = new AtomicInteger();
    private volatile AccountQuota quota;
    private volatile KeyRing keys;
    private volatile BiConsumer<String, Duration> others = (notice, holds) -> {
        // Nobody else serves the account.
    };

    public AccountCapacity(String name, AccountQuota quota, AccountHealth health, KeyRing keys, Time time) {
        this.name = name;
        this.quota = quota;
        this.health = health;
        this.keys = keys;
        this.time = time;
        this.learned = new LearnedQuotas(time);
    }

    /** What the upstream says is left. */
    public Reports reports() {
        return learned;
    }

    /** From now on it takes from these buckets, and has these keys; what it has learned of the upstream stays. */
    public void change(AccountQuota changed, List<ApiKey> changedKeys, AccountHealth.BreakerSettings breaker) {
        quota = changed;
        health.change(breaker);
        if (!keys.holds(changedKeys)) {
            long now = time.nanos();
            keys = keys.with(changedKeys, now);
            health.rekeyed(now);
        }
    }

    /** Whatever pauses the account or a key of it is told to the others that serve it too. */
    public void tells(BiConsumer<String, Duration> others) {
        this.others = others;
    }

    /** Another one has told what {@link #tells} does, of all accounts; it holds for so long still. */
    public void hear(String notice, Duration holds) {
        long now = time.nanos();
        if (notice.equals("cooldown/" + name)) {
            health.rateLimited(now, holds.toNanos());
        } else if (notice.startsWith("rejected/" + name + "/")) {
            String id = notice.substring(notice.lastIndexOf('/') + 1);
            keys.outOfService(key -> KeyDigest.of(key.value()).id().equals(id), now + holds.toNanos());
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Quote quote(Need need, Set<String> withheld) {
        long now = time.nanos();
        double cost = quota.share(need.model(), need.tokens());
        long paused = health.waitNanos(now);
        if (paused > 0) {
            String cause = String.valueOf(health.cause()).toLowerCase(Locale.ROOT);
            return new Quote(paused, new Lacking(Scope.ACCOUNT, cause), cost, 0, inFlight.get());
        }
        AccountQuota.Check check = quota.check(need.model(), need.tokens(), withheld);
        LearnedQuotas.Learned reports = learned.of(need.model());
        long requests = reports.requests().waitNanos(1, now);
        long tokens = need.tokens() == 0 ? 0 : reports.tokens().waitNanos(need.tokens(), now);
        if (need.tokens() > 0 && !withheld.isEmpty() && withheld.contains(reportedTokens(need))) {
            tokens = Math.max(1, tokens);
        }
        long wait = Math.max(check.waitNanos(), Math.max(requests, tokens));
        double headroom = health.failing()
                ? 0
                : Math.min(check.headroom(),
                        Math.min(reports.requests().headroom(now), reports.tokens().headroom(now)));
        return new Quote(wait, wait == 0 ? null : lacking(need, check, requests, tokens), cost, headroom,
                inFlight.get());
    }

    /** The upstream reports on each model by itself. */
    private static String reportedTokens(Need need) {
        return "reported tokens of " + need.model();
    }

    private static Lacking lacking(Need need, AccountQuota.Check check, long requests, long tokens) {
        AccountQuota.Lacking own = check.lacking();
        if (own == null || check.waitNanos() < Math.max(requests, tokens)) {
            return requests >= tokens
                    ? new Lacking(Scope.LIMIT, "reported")
                    : new Lacking(Scope.TOKENS, reportedTokens(need));
        }
        if (own.unit() == Unit.TOKENS) {
            return new Lacking(Scope.TOKENS, own.name());
        }
        return new Lacking(own.ofAllModels() ? Scope.ACCOUNT : Scope.LIMIT, own.name());
    }

    @Override
    public void take(Need need) {
        health.entered(time.nanos());
        quota.take(need.model(), need.tokens());
        unsent.incrementAndGet();
        learned.count(need, 1);
    }

    @Override
    public void charge(Need need) {
        quota.charge(need.model(), need.tokens());
        unsent.incrementAndGet();
        learned.count(need, 1);
    }

    @Override
    public void named(Need need, String model) {
        quota.named(need.model(), model, need.tokens());
    }

    @Override
    public void sent(Need need) {
        unsent.decrementAndGet();
    }

    @Override
    public void giveBack(Need need) {
        quota.giveBack(need.model(), need.tokens(), unsent.decrementAndGet());
        learned.count(need, -1);
    }

    @Override
    public void forfeit(Need need) {
        quota.settle(need.model(), need.tokens(), 0);
        unsent.decrementAndGet();
        learned.count(need, -1);
    }

    @Override
    public void settle(Need need, long usedTokens) {
        quota.settle(need.model(), need.tokens(), usedTokens);
    }

    @Override
    public double cost(Need need) {
        return quota.share(need.model(), need.tokens());
    }

    @Override
    public double refill(Need need) {
        return quota.refill(need.model(), need.tokens());
    }

    @Override
    public boolean exceeds(Need need) {
        return quota.exceeds(need.model(), need.tokens());
    }

    /** What is left of its limits; read by the metrics. */
    public AccountQuota quota() {
        return quota;
    }

    /** How long it is paused still, in seconds. */
    public double cooldownSeconds() {
        return health.waitNanos(time.nanos()) / 1e9;
    }

    /** Why it is paused; null while it serves. */
    public @Nullable String pausedFor() {
        AccountHealth.Cause cause = health.waitNanos(time.nanos()) == 0 ? null : health.cause();
        return cause == null ? null : cause.name().toLowerCase(Locale.ROOT);
    }

    /** Keys that the upstream has not rejected. */
    public int keysInService() {
        return keys.inService(time.nanos());
    }

    /** Calls under way. */
    public int inFlight() {
        return inFlight.get();
    }

    /** A call has a connection to it, or no longer has. */
    void lines(int change) {
        inFlight.addAndGet(change);
    }

    /** The credentials of the next attempt. */
    ApiKey key() {
        return keys.next(time.nanos());
    }

    /** Where an attempt that is sent now stands. */
    LearnedQuotas.Mark mark(Need need) {
        return learned.mark(need);
    }

    /** The upstream has answered: what its headers say of its quota counts, and whether it works. */
    void answered(Need need, LearnedQuotas.Mark mark, int status, MultiMap headers) {
        long now = time.nanos();
        learned.report(need, mark, headers);
        if (status >= 500) {
            health.failed(now);
        } else if (status != 401 && status != 403 && status != 429) {
            health.answered(now);
        }
    }

    /** An attempt has failed without an answer. */
    void failed() {
        health.failed(time.nanos());
    }

    /** The upstream's quota is used up for so long. */
    void rateLimited(long nanos) {
        health.rateLimited(time.nanos(), nanos);
        others.accept("cooldown/" + name, Duration.ofNanos(nanos));
    }

    /** The upstream wants to be paid. */
    void outOfCredit() {
        health.refused(time.nanos(), AccountHealth.Cause.OUT_OF_CREDIT);
    }

    /** The upstream does not take the key; true if another one of the account may still be tried. */
    boolean rejected(ApiKey key) {
        long now = time.nanos();
        boolean another = keys.rejected(key, now);
        others.accept("rejected/" + name + "/" + KeyDigest.of(key.value()).id(), KeyRing.REJECTED);
        if (!another) {
            health.refused(now, AccountHealth.Cause.KEYS_REJECTED);
        }
        return another;
    }
}
