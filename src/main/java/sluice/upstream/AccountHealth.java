package sluice.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an account may be sent calls now. It serves; or it is paused for a cause, until a moment; or, that moment past,
 * one call tries whether the cause is gone.
 *
 * <p>States are immutable and follow each other by pure functions of what happened and when. A cool-down ends by itself; a
 * tripped breaker, a rejected key or an unpaid bill must be proved to be over by a probe.
 */
public final class AccountHealth {

    /**
     * When an account is taken out of service for failing, and for how long.
     *
     * @param failures   share of calls that fail, above 0, at most 1
     * @param ofAtLeast  calls, below which nothing is concluded
     * @param within     over which calls are counted
     * @param openFor    until a probe is sent
     */
    public record BreakerSettings(double failures, int ofAtLeast, Duration within, Duration openFor) {}

    /** Why an account is paused. */
    public enum Cause {
        /** The upstream said that its quota is used up. */
        COOLING,
        /** Too many calls failed. */
        BREAKER,
        /** The upstream wants to be paid, or spent what it may. */
        OUT_OF_CREDIT,
        /** None of the account's keys is taken. */
        KEYS_REJECTED
    }

    private sealed interface State {

        /** In a row: failures since the last call that did not fail. */
        record Serving(long since, int calls, int failures, int inARow) implements State {}

        record Paused(Cause cause, long until) implements State {}

        record Probing(Cause cause, long until) implements State {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(AccountHealth.class);
    private static final long PROBE_ACCOUNT_NANOS = Duration.ofSeconds(60).toNanos();

    private final String account;
    private final AtomicReference<State> state = new AtomicReference<>(new State.Serving(0, 0, 0, 0));
    private volatile BreakerSettings breaker;

    /** Of an account that serves. */
    public AccountHealth(String account, BreakerSettings breaker) {
        this.account = account;
        this.breaker = breaker;
    }

    /** From now on the breaker trips by other settings. */
    public void change(BreakerSettings changed) {
        breaker = changed;
    }

    /** It has other keys: if it was paused for the old ones, the next call tries the new ones. */
    public void rekeyed(long now) {
        state.updateAndGet(was -> switch (was) {
            case State.Paused(var cause, var until) when cause == Cause.KEYS_REJECTED -> new State.Paused(cause, now);
            case State.Probing(var cause, var until) when cause == Cause.KEYS_REJECTED -> new State.Paused(cause, now);
            case State.Paused paused -> paused;
            case State.Probing probing -> probing;
            case State.Serving serving -> serving;
        });
    }

    /** Until a call may be sent, in nanoseconds; 0 if now. */
    public long waitNanos(long now) {
        return switch (state.get()) {
            case State.Serving serving -> 0;
            case State.Paused paused -> Math.max(0, paused.until() - now);
            case State.Probing probing -> Math.max(0, probing.until() - now);
        };
    }

    /** Why it is paused or probed; null while it serves. */
    public @Nullable Cause cause() {
        return switch (state.get()) {
            case State.Serving serving -> null;
            case State.Paused paused -> paused.cause();
            case State.Probing probing -> probing.cause();
        };
    }

    /** Whether its last call failed, so that others are to be preferred. */
    public boolean failing() {
        return switch (state.get()) {
            case State.Serving serving -> serving.inARow() > 0;
            case State.Paused paused -> paused.cause() != Cause.COOLING;
            case State.Probing probing -> true;
        };
    }

    /** A call is about to be sent; the first one behind a pause is its probe. */
    public void entered(long now) {
        state.updateAndGet(was -> switch (was) {
            case State.Paused paused when paused.until() <= now && paused.cause() == Cause.COOLING ->
                new State.Serving(now, 0, 0, 0);
            case State.Paused paused when paused.until() <= now ->
                new State.Probing(paused.cause(), now + pause(paused.cause()));
            case State.Probing probing when probing.until() <= now ->
                new State.Probing(probing.cause(), now + pause(probing.cause()));
            case State.Serving serving -> serving;
            case State.Paused paused -> paused;
            case State.Probing probing -> probing;
        });
    }

    /** The upstream answered a call, well or with a fault of the caller's. */
    public void answered(long now) {
        State before = state.getAndUpdate(was -> switch (was) {
            case State.Serving serving -> count(serving, now, 0);
            case State.Probing probing -> new State.Serving(now, 1, 0, 0);
            case State.Paused paused -> paused;
        });
        if (before instanceof State.Probing probing) {
            LOG.info("account {} serves again after {}", account, probing.cause());
        }
    }

    /** The upstream failed a call, or could not be reached. */
    public void failed(long now) {
        State after = state.updateAndGet(was -> switch (was) {
            case State.Serving serving -> tripped(count(serving, now, 1), now);
            case State.Probing probing -> new State.Paused(probing.cause(), now + pause(probing.cause()));
            case State.Paused paused -> paused;
        });
        if (after instanceof State.Paused paused && paused.cause() == Cause.BREAKER) {
            LOG.warn("account {} is paused: too many calls failed", account);
        }
    }

    /** The upstream has no quota for so many nanoseconds. */
    public void rateLimited(long now, long nanos) {
        state.updateAndGet(was -> switch (was) {
            case State.Paused paused when paused.cause() != Cause.COOLING -> paused;
            case State.Paused paused -> new State.Paused(Cause.COOLING, Math.max(paused.until(), now + nanos));
            case State.Serving serving -> new State.Paused(Cause.COOLING, now + nanos);
            case State.Probing probing -> new State.Paused(Cause.COOLING, now + nanos);
        });
    }

    /** The account as a whole is refused, for a cause that only its operators can mend. */
    public void refused(long now, Cause cause) {
        state.set(new State.Paused(cause, now + PROBE_ACCOUNT_NANOS));
        LOG.error("account {} is out of service: {}; it is tried again every {} s", account,
                cause == Cause.OUT_OF_CREDIT
                        ? "the upstream reports that its credit or spending limit is used up"
                        : "the upstream accepts none of its keys",
                PROBE_ACCOUNT_NANOS / 1_000_000_000L);
    }

    private long pause(Cause cause) {
        return cause == Cause.BREAKER ? breaker.openFor().toNanos() : PROBE_ACCOUNT_NANOS;
    }

    private State.Serving count(State.Serving serving, long now, int failures) {
        boolean stale = now - serving.since() > breaker.within().toNanos();
        return stale
                ? new State.Serving(now, 1, failures, failures)
                : new State.Serving(serving.since(), serving.calls() + 1, serving.failures() + failures,
                        failures == 0 ? 0 : serving.inARow() + failures);
    }

    /** Enough failures in a row trip it too, however well the calls before them went. */
    private State tripped(State.Serving serving, long now) {
        boolean trips = serving.inARow() >= breaker.ofAtLeast() || (serving.calls() >= breaker.ofAtLeast()
                && serving.failures() >= breaker.failures() * serving.calls());
        return trips ? new State.Paused(Cause.BREAKER, now + breaker.openFor().toNanos()) : serving;
    }
}
