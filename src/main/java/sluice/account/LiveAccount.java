package sluice.account;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import sluice.cluster.Reports;
import sluice.quota.AccountQuota;
import sluice.quota.Limit.Unit;
import sluice.schedule.Capacity;
import sluice.schedule.Need;
import sluice.schedule.Quote;
import sluice.schedule.Quote.Lacking;
import sluice.schedule.Quote.Scope;
import sluice.time.Time;
import sluice.upstream.AccountHealth;
import sluice.upstream.AccountModels;
import sluice.upstream.AccountModels.Served;
import sluice.upstream.ApiKey;
import sluice.upstream.Hold;
import sluice.upstream.KeyRing;

/**
 * An account from which the scheduler grants: what it may send now is the least of what its own buckets hold and what
 * the upstream reports as remaining, and nothing while it is paused. If its last call failed it reports no headroom,
 * so that it serves only calls that no other account can take. Shared by all event loops.
 */
public final class LiveAccount implements Capacity {
    private final String name;
    private final AccountHealth health;
    private final Time time;
    private final LearnedQuotas learned;
    private final AccountModels models;
    private final AccountWatch watch;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger unsent = new AtomicInteger();
    private volatile AccountQuota quota;
    private volatile ServedModels serves = ServedModels.ALL;

    public LiveAccount(String name, AccountQuota quota, AccountHealth health, KeyRing keys, Time time) {
        this.name = name;
        this.quota = quota;
        this.health = health;
        this.time = time;
        Shortages shortages = new Shortages(name, (model, kind) -> this.quota.allowed(model, kind));
        this.learned = new LearnedQuotas(shortages, time);
        this.models = new AccountModels(health, time);
        this.watch = new AccountWatch(health, models, learned, shortages, keys,
                model -> this.quota.longestWindow(model), time);
    }

    /** What the upstream reports as remaining. */
    public Reports reports() {
        return learned;
    }

    /** Learns about it from attempts. */
    public AccountWatch watch() {
        return watch;
    }

    /** Switches to these buckets, models and keys; what it has learned about the upstream stays. */
    public void change(AccountQuota changed, ServedModels changedModels, List<ApiKey> changedKeys,
            AccountHealth.BreakerSettings breaker) {
        quota = changed;
        serves = changedModels;
        health.change(breaker);
        watch.rekey(changedKeys);
    }

    @Override
    public String name() {
        return name;
    }

    /** The models that it serves. */
    public ServedModels served() {
        return serves;
    }

    @Override
    public boolean serves(String model) {
        return serves.include(model);
    }

    @Override
    public Quote quote(Need need, Set<String> withheld) {
        long now = time.nanos();
        double cost = quota.share(need.model(), need.tokens());
        Quote.Load load = new Quote.Load(inFlight.get(), watch.answerNanos());
        Hold all = health.hold(now);
        Hold hold = all == null ? models.hold(served(need), need.tenant()) : all;
        if (hold != null) {
            return new Quote(hold.nanos(), new Lacking(all == null ? Scope.LIMIT : Scope.ACCOUNT, hold.word()), cost, 0,
                    load, new Quote.Pause(hold.nanos(), hold.refuses()));
        }
        AccountQuota.Check check = quota.check(need.model(), need.tokens(), withheld);
        LearnedQuotas.Learned reports = learned.said(need.model());
        long requests = Math.max(reports.requests().waitNanos(1, now), reports.pace().get().waitNanos(now));
        long tokens = need.tokens() == 0 ? 0 : reports.tokens().waitNanos(need.tokens(), now);
        if (need.tokens() > 0 && !withheld.isEmpty() && withheld.contains(reportedTokens(need))) {
            tokens = Math.max(1, tokens);
        }
        long wait = Math.max(check.waitNanos(), Math.max(requests, tokens));
        double headroom = failing(need, now)
                ? 0
                : Math.min(check.headroom(),
                        Math.min(reports.requests().headroom(now), reports.tokens().headroom(now)));
        return new Quote(wait, wait == 0 ? null : lacking(need, check, requests, tokens), cost, headroom, load, null);
    }

    private boolean failing(Need need, long now) {
        return health.failing(now) || models.failing(served(need), need.tenant());
    }

    /** What a failure of such a call is attributed to. */
    static Served served(Need need) {
        return new Served(need.model(), need.tier());
    }

    /** The upstream reports on each model separately. */
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
        long now = time.nanos();
        health.entered(need.tenant(), now);
        models.entered(served(need), need.tenant());
        learned.pace(need, pace -> pace.sent(now));
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
        left(need);
    }

    @Override
    public void forfeit(Need need) {
        quota.settle(need.model(), need.tokens(), 0);
        unsent.decrementAndGet();
        learned.count(need, -1);
        left(need);
    }

    /** If the call was the trial after a pause, the next one will be. */
    private void left(Need need) {
        health.left(need.tenant(), time.nanos());
        models.left(served(need), need.tenant());
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

    /** What remains of its limits; read by the metrics. */
    public AccountQuota quota() {
        return quota;
    }

    /** How much longer the whole account is paused, in seconds. */
    public double cooldownSeconds() {
        Hold hold = health.hold(time.nanos());
        return hold == null ? 0 : hold.nanos() / 1e9;
    }

    /** Why the whole account is paused; null while it serves. */
    public @Nullable String pausedFor() {
        Hold hold = health.hold(time.nanos());
        return hold == null ? null : hold.word();
    }

    /** Calls in flight. */
    public int inFlight() {
        return inFlight.get();
    }

    /** A call got a connection to it, or gave it back. */
    public void lines(int change) {
        inFlight.addAndGet(change);
    }

    /** The mark of an attempt that is sent now. */
    public LearnedQuotas.Mark mark(Need need) {
        return learned.mark(need);
    }
}
