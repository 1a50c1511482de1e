package sluice.upstream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import sluice.upstream.AccountHealth.Cause;

/**
 * Whether calls may pass somewhere: all do; or none does for some time; or, after that, one trial call finds out
 * whether the cause is gone. Immutable; each state follows from what happened and when by a pure function.
 */
sealed interface Gate {

    /** The open gate. */
    static Gate open() {
        return new Open();
    }

    /** Why it is not open; null if it is. */
    @Nullable
    Cause cause();

    /** Calls pass. */
    record Open() implements Gate {

        @Override
        public @Nullable Cause cause() {
            return null;
        }
    }

    /**
     * No call passes until a moment; the next one is then the trial.
     *
     * @param failed trial calls that have failed since the gate was open
     */
    record Shut(Cause cause, long until, int failed) implements Gate {}

    /**
     * One trial call is in progress, and the others wait for its outcome.
     *
     * @param tenant whose call it is
     * @param since  when it was granted
     * @param until  when it is given up, and another one tries
     * @param failed trial calls that have failed before it
     */
    record Tried(Cause cause, String tenant, long since, long until, int failed) implements Gate {}

    /** What holds calls back now; null if they may pass. */
    default @Nullable Hold hold(long now, Duration openFor) {
        return switch (this) {
            case Open open -> null;
            case Shut(Cause cause, long until, int failed) -> until - now <= 0
                    ? null
                    : new Hold(cause, until - now, failed > 0);
            case Tried(Cause cause, String tenant, long since, long until, int failed) -> {
                long next = since + cause.pauseNanos(openFor, failed + 1);
                yield until - now <= 0
                        ? null
                        : failed == 0
                                ? new Hold(cause, until - now, false)
                                : new Hold(cause, Math.clamp(next - now, 1, until - now), true);
            }
        };
    }

    /** A call is about to be sent; the first one after a pause is the trial. */
    default Gate entered(String by, long now) {
        return switch (this) {
            case Open open -> open;
            case Shut(Cause cause, long until, int failed) when until - now <= 0 ->
                new Tried(cause, by, now, now + cause.trialNanos(), failed);
            case Tried(Cause cause, String tenant, long since, long until, int failed) when until - now <= 0 ->
                new Tried(cause, by, now, now + cause.trialNanos(), failed);
            case Shut shut -> shut;
            case Tried tried -> tried;
        };
    }

    /** A call of a tenant that had entered was not sent, or its caller left: if it was the trial, another one will be. */
    default Gate left(String by, long now) {
        return this instanceof Tried(Cause cause, String tenant, long since, long until, int failed)
                && tenant.equals(by)
                        ? new Shut(cause, now, failed)
                        : this;
    }

    /** If a trial is in progress, its cause is gone: the gate opens. */
    default Gate passed() {
        return this instanceof Tried ? open() : this;
    }

    /** A call failed for the gate's own cause: if it was the trial, the gate stays shut, for longer than before. */
    default Gate failed(long now, Duration openFor) {
        return this instanceof Tried(Cause cause, String tenant, long since, long until, int failed)
                ? new Shut(cause, now + cause.pauseNanos(openFor, failed + 1), failed + 1)
                : this;
    }

    /** Shuts the gate for a cause that calls have met; if already shut, the longer pause or the graver cause wins. */
    default Gate shut(Cause cause, long now, long nanos) {
        return switch (this) {
            case Open open -> new Shut(cause, now + nanos, 0);
            case Shut(Cause other, long until, int failed) when other == cause ->
                new Shut(cause, until - now > nanos ? until : now + nanos, failed);
            case Shut(Cause other, long until, int failed) ->
                cause.compareTo(other) > 0 ? new Shut(cause, now + nanos, 0) : this;
            case Tried(Cause other, String tenant, long since, long until, int failed) ->
                new Shut(cause, now + nanos, 0);
        };
    }
}
