package sluice.upstream;

import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import sluice.upstream.AccountHealth.BreakerSettings;
import sluice.upstream.AccountHealth.Cause;

/**
 * Whether one model, at one service tier of one account, may be sent calls now. It is paused for all when its quota
 * is used up, or when calls of several tenants fail; if only one tenant's calls fail, only that tenant is held back.
 */
final class ModelHealth {

    /** Whom a call's outcome concerns. */
    enum Verdict {
        NOBODY, TENANT, ALL
    }

    /** How one tenant's calls fare, and whether they pass. */
    private record Standing(Gate gate, Tally tally) {}

    private static final int MOST_TENANTS = 1_000;

    private final AtomicReference<Gate> gate = new AtomicReference<>(Gate.open());
    private final Map<String, AtomicReference<Standing>> tenants = new ConcurrentHashMap<>();
    private volatile long failingSince;

    /** What holds a tenant's calls back; null if nothing does. */
    @Nullable
    Hold hold(String tenant, BreakerSettings settings, long now) {
        Hold all = gate.get().hold(now, settings.openFor());
        if (all != null) {
            return all;
        }
        AtomicReference<Standing> own = tenants.get(tenant);
        return own == null ? null : own.get().gate().hold(now, settings.openFor());
    }

    /** What holds all calls back; null if nothing does. */
    @Nullable
    Hold hold(BreakerSettings settings, long now) {
        return gate.get().hold(now, settings.openFor());
    }

    /** When it was paused for all because calls failed, by the clock's {@code nanos()}; empty if that is not so. */
    OptionalLong failingSince() {
        return gate.get().cause() == Cause.BREAKER ? OptionalLong.of(failingSince) : OptionalLong.empty();
    }

    /** Whether the tenant's last call failed, and recently. */
    boolean failing(String tenant, BreakerSettings settings, long now) {
        AtomicReference<Standing> own = tenants.get(tenant);
        return own != null && own.get().tally().failing(settings, now);
    }

    /** Whether a trial call is finding out if the model no longer fails. */
    boolean triesAfterFailures() {
        return gate.get() instanceof Gate.Tried tried && tried.cause() == Cause.BREAKER;
    }

    void entered(String tenant, long now) {
        bothGates(tenant, was -> was.entered(tenant, now));
    }

    void left(String tenant, long now) {
        bothGates(tenant, was -> was.left(tenant, now));
    }

    /** The gate for all, and the tenant's own. */
    private void bothGates(String tenant, UnaryOperator<Gate> change) {
        gate.updateAndGet(change);
        AtomicReference<Standing> own = tenants.get(tenant);
        if (own != null) {
            own.updateAndGet(was -> new Standing(change.apply(was.gate()), was.tally()));
        }
    }

    /** The model answered; returns whose calls were held back until now. */
    Verdict answered(String tenant, BreakerSettings settings, long now) {
        Gate before = gate.getAndUpdate(Gate::passed);
        AtomicReference<Standing> own = of(tenant, settings, now);
        Gate alone = own == null
                ? Gate.open()
                : own.getAndUpdate(was -> new Standing(was.gate().passed(), was.tally().count(false, settings, now)))
                        .gate();
        if (before instanceof Gate.Tried) {
            return Verdict.ALL;
        }
        return alone instanceof Gate.Tried ? Verdict.TENANT : Verdict.NOBODY;
    }

    /** A call failed; returns whose calls are held back from now on that were not before. */
    Verdict failed(String tenant, BreakerSettings settings, long now) {
        Gate before = gate.getAndUpdate(was -> was instanceof Gate.Tried tried && tried.cause() != Cause.BREAKER
                ? was.passed()
                : was.failed(now, settings.openFor()));
        AtomicReference<Standing> own = of(tenant, settings, now);
        if (own == null) {
            return Verdict.NOBODY;
        }
        Tally tally = own.updateAndGet(was -> new Standing(was.gate().failed(now, settings.openFor()),
                was.tally().count(true, settings, now))).tally();
        if (before instanceof Gate.Tried || before instanceof Gate.Shut) {
            return Verdict.NOBODY;
        }
        Verdict verdict = judge(tally, tenants.values().stream().map(each -> each.get().tally()).toList(), settings,
                now);
        long pause = settings.openFor().toNanos();
        if (verdict == Verdict.ALL) {
            failingSince = now;
            gate.updateAndGet(was -> was.shut(Cause.BREAKER, now, pause));
        } else if (verdict == Verdict.TENANT) {
            Standing was = own.getAndUpdate(standing -> standing.gate() instanceof Gate.Open
                    ? new Standing(standing.gate().shut(Cause.BREAKER, now, pause), standing.tally())
                    : standing);
            return was.gate() instanceof Gate.Open ? verdict : Verdict.NOBODY;
        }
        return verdict;
    }

    /**
     * Whom failing calls concern: all, if the mean of the tenants' shares of failures is too large and more than one
     * tenant's own share is; otherwise the tenant whose call has just failed, if its own share is.
     */
    static Verdict judge(Tally own, Collection<Tally> tallies, BreakerSettings settings, long now) {
        int calls = 0;
        int tenants = 0;
        int failing = 0;
        double shares = 0;
        for (Tally tally : tallies) {
            if (!tally.stale(settings, now) && tally.calls() > 0) {
                calls += tally.calls();
                tenants++;
                failing += tally.fails(settings) ? 1 : 0;
                shares += tally.share(settings);
            }
        }
        if (failing > 1 && calls >= settings.ofAtLeast() && shares / tenants >= settings.failures()) {
            return Verdict.ALL;
        }
        return own.trips(settings) ? Verdict.TENANT : Verdict.NOBODY;
    }

    /** Its quota is used up for this long. */
    void rateLimited(long now, long nanos) {
        gate.updateAndGet(was -> was.shut(Cause.COOLING, now, nanos));
    }

    /** The tenant's standing; null if there are too many tenants to track. */
    private @Nullable AtomicReference<Standing> of(String tenant, BreakerSettings settings, long now) {
        if (tenants.size() >= MOST_TENANTS && !tenants.containsKey(tenant)) {
            tenants.values()
                    .removeIf(
                            each -> each.get().gate() instanceof Gate.Open && each.get().tally().stale(settings, now));
            if (tenants.size() >= MOST_TENANTS) {
                return null;
            }
        }
        return tenants.computeIfAbsent(tenant,
                fresh -> new AtomicReference<>(new Standing(Gate.open(), Tally.none(now))));
    }
}
