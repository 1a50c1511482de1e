package sluice.upstream;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an account as a whole may be sent calls now, or cannot be reached, is out of credit, or has all its keys
 * rejected. Trouble of single models is for {@link AccountModels}.
 *
 * <p>States are immutable, and each follows from what happened and when by a pure function: see {@link Gate}.
 */
public final class AccountHealth {

    /**
     * When a breaker opens, and for how long.
     *
     * @param failures  share of calls that fail, above 0, at most 1
     * @param ofAtLeast fewer calls than this never open it
     * @param within    over which calls are counted
     * @param openFor   until the first trial call; twice as long after each that fails, up to 30 s
     */
    public record BreakerSettings(double failures, int ofAtLeast, Duration within, Duration openFor) {}

    /** Why calls are held back; if there are two causes, the later one in this list wins. */
    public enum Cause {
        /** The upstream said that the quota is used up. */
        COOLING,
        /** Too many calls failed. */
        BREAKER,
        /** No connection. */
        UNREACHABLE,
        /** Out of credit ({@code insufficient_quota}), at its spending limit, or closed. */
        OUT_OF_CREDIT,
        /** All of the account's keys are rejected. */
        KEYS_REJECTED;

        private static final long LONGEST_OPEN_NANOS = Duration.ofSeconds(30).toNanos();
        private static final long OPERATORS_NANOS = Duration.ofSeconds(60).toNanos();
        private static final long COOL_TRIAL_NANOS = Duration.ofSeconds(1).toNanos();

        /** Until the next trial call, when this many have failed. */
        long pauseNanos(Duration openFor, int failed) {
            return switch (this) {
                case COOLING, BREAKER, UNREACHABLE -> Math.max(openFor.toNanos(),
                        Math.min(LONGEST_OPEN_NANOS, openFor.toNanos() << Math.min(failed, 20)));
                case OUT_OF_CREDIT, KEYS_REJECTED -> OPERATORS_NANOS;
            };
        }

        /** After which a trial call is given up: a used-up quota is reported at once, a failure may take its time. */
        long trialNanos() {
            return switch (this) {
                case COOLING -> COOL_TRIAL_NANOS;
                case BREAKER, UNREACHABLE -> LONGEST_OPEN_NANOS;
                case OUT_OF_CREDIT, KEYS_REJECTED -> OPERATORS_NANOS;
            };
        }

        /** What it means for an account, in logs and messages. */
        public String sentence() {
            return switch (this) {
                case COOLING -> "its quota is used up";
                case BREAKER -> "too many calls fail";
                case UNREACHABLE -> "it cannot be reached";
                case OUT_OF_CREDIT -> "the upstream reports it is out of credit, at its spending limit, or closed";
                case KEYS_REJECTED -> "the upstream rejects all of its keys";
            };
        }

        /** What the log says when a call has passed again. */
        String ended() {
            return switch (this) {
                case COOLING -> "its quota has room again";
                case BREAKER -> "calls succeed again";
                case UNREACHABLE -> "it can be reached again";
                case OUT_OF_CREDIT -> "the upstream accepts its calls again";
                case KEYS_REJECTED -> "the upstream accepts its key again";
            };
        }

        /** The word for it in logs and messages. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What is wrong with an account as a whole.
     *
     * @param cause       why no calls are sent to it; null if the last connection failed, but calls may still pass
     * @param unreachable why the last connection failed; null if that is not what is wrong
     * @param since       when the account was last well, by the clock's {@code nanos()}
     */
    public record Outage(@Nullable Cause cause, @Nullable Unreachable unreachable, long since) {}

    /**
     * What is known of an account.
     *
     * @param gate        whether calls pass
     * @param connections how recent attempts to connect fared
     * @param unreachable why the last one that failed did so, until it is reached again; null if nothing is wrong
     * @param failedAt    when that was
     * @param since       when the account was last well; meaningless while it is
     */
    private record State(Gate gate, Tally connections, @Nullable Unreachable unreachable, long failedAt, long since) {

        State with(Gate changed) {
            return changed.equals(gate) ? this : new State(changed, connections, unreachable, failedAt, since);
        }

        @Nullable
        Outage outage() {
            Cause cause = gate.cause();
            return cause == null && unreachable == null ? null : new Outage(cause, unreachable, since);
        }

        /** When it was last well, if something goes wrong now. */
        private long lastWell(long now) {
            return outage() == null ? now : since;
        }

        State refused(Cause cause, BreakerSettings settings, long now) {
            Gate next = gate instanceof Gate.Tried tried && tried.cause() == cause
                    ? tried.failed(now, settings.openFor())
                    : gate.shut(cause, now, cause.pauseNanos(settings.openFor(), 0));
            return new State(next, connections, unreachable, failedAt, lastWell(now));
        }

        /** An account that fails occasionally does not count as healthy between two failures. */
        State connected(BreakerSettings settings, long now) {
            boolean well = now - failedAt >= settings.within().toNanos();
            Gate next = gate instanceof Gate.Tried(Cause cause, var tenant, var since, var until, var failed)
                    && cause == Cause.UNREACHABLE ? Gate.open() : gate;
            return new State(next, connections.count(false, settings, now), well ? null : unreachable, failedAt,
                    since);
        }

        State failed(Unreachable why, BreakerSettings settings, long now) {
            Tally counted = connections.count(true, settings, now);
            Gate next = switch (gate) {
                case Gate.Open open -> counted.trips(settings)
                        ? open.shut(Cause.UNREACHABLE, now, settings.openFor().toNanos())
                        : open;
                case Gate.Tried(Cause cause, var tenant, var since, var until, var failed) when cause != Cause.UNREACHABLE ->
                    gate.left(tenant, now);
                case Gate.Tried tried -> tried.failed(now, settings.openFor());
                case Gate.Shut shut -> shut;
            };
            return new State(next, counted, why, now, lastWell(now));
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(AccountHealth.class);

    private final String account;
    private final AtomicReference<State> state = new AtomicReference<>(
            new State(Gate.open(), Tally.none(0), null, 0, 0));
    private volatile BreakerSettings settings;

    /** Starts healthy. */
    public AccountHealth(String account, BreakerSettings settings) {
        this.account = account;
        this.settings = settings;
    }

    /** The account's name. */
    public String account() {
        return account;
    }

    /** Switches to other settings. */
    public void change(BreakerSettings changed) {
        settings = changed;
    }

    /** The current settings. */
    public BreakerSettings settings() {
        return settings;
    }

    /** Its keys have changed: if it was paused because of the old ones, the next call tries the new ones. */
    public void rekeyed(long now) {
        gate(was -> switch (was) {
            case Gate.Shut(Cause cause, long until, int failed) when cause == Cause.KEYS_REJECTED ->
                new Gate.Shut(cause, now, 0);
            case Gate.Tried(Cause cause, String tenant, long since, long until, int failed) when cause == Cause.KEYS_REJECTED ->
                new Gate.Shut(cause, now, 0);
            default -> was;
        });
    }

    /** What holds all calls back; null if nothing does. */
    public @Nullable Hold hold(long now) {
        return state.get().gate().hold(now, settings.openFor());
    }

    /** Whether its last connection failed recently, or a trial call is in progress, so that others are preferred. */
    public boolean failing(long now) {
        State current = state.get();
        return current.connections().failing(settings, now) || current.gate() instanceof Gate.Tried;
    }

    /** Why it cannot be reached; null if it can. */
    public @Nullable Unreachable unreachable() {
        return state.get().unreachable();
    }

    /** What is wrong with it; null if nothing is. */
    public @Nullable Outage outage() {
        return state.get().outage();
    }

    /** A call is about to be sent; the first one after a pause is the trial. */
    public void entered(String tenant, long now) {
        gate(was -> was.entered(tenant, now));
    }

    /** A call that had entered was not sent. */
    public void left(String tenant, long now) {
        gate(was -> was.left(tenant, now));
    }

    /** A call got a connection; true if calls were held back until now. */
    public boolean connected(long now) {
        State before = state.getAndUpdate(was -> was.connected(settings, now));
        if (before.unreachable() != null && before.connected(settings, now).unreachable() == null) {
            LOG.info("account {} is reachable again", account);
        }
        return before.gate() instanceof Gate.Tried tried && tried.cause() == Cause.UNREACHABLE;
    }

    /** A call got no connection. */
    public void unreachable(Unreachable why, Throwable failure, long now) {
        State before = state.getAndUpdate(was -> was.failed(why, settings, now));
        if (before.unreachable() != why) {
            LOG.warn("account {} cannot be reached: {} ({})", account, why.word(),
                    Objects.requireNonNullElseGet(failure.getMessage(), failure::toString));
        }
    }

    /** The upstream answered a call, well or with a fault of the caller's; true if calls were held back until now. */
    public boolean answered() {
        State before = state.getAndUpdate(was -> was.with(was.gate().passed()));
        if (before.gate() instanceof Gate.Tried(Cause cause, var tenant, var since, var until, var failed)) {
            LOG.info("account {} is back in service: {}", account, cause.ended());
            return true;
        }
        return false;
    }

    /** The account as a whole is refused, for a cause that only its operators can fix. */
    public void refused(long now, Cause cause) {
        State before = state.getAndUpdate(was -> was.refused(cause, settings, now));
        if (before.gate() instanceof Gate.Open) {
            LOG.error("account {} is out of service: {}; probing it every {} s", account, cause.sentence(),
                    TimeUnit.NANOSECONDS.toSeconds(cause.pauseNanos(settings.openFor(), 0)));
        }
    }

    private void gate(UnaryOperator<Gate> change) {
        state.updateAndGet(was -> was.with(change.apply(was.gate())));
    }
}
