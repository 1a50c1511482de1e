package sluice.proxy.attempt;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import sluice.openai.EndpointClass;
import sluice.openai.Trait;
import sluice.proxy.Attempt.Past;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.refusal.Reason;
import sluice.upstream.AccountModels;
import sluice.upstream.Fault;
import sluice.upstream.RetryBudget;

/**
 * Which failed attempts are retried: only before the first byte of an answer, only if the model cannot have run, and
 * only as often as attempts, budget and deadline allow. A call that broke or timed out once the upstream may have had
 * all of it is never retried; one that changes or names something stored upstream, only if nothing of it can have been
 * acted on.
 */
public final class RetryRule {

    /**
     * The next attempt.
     *
     * @param reason     a word for the metrics
     * @param delayNanos before it asks for a permit
     * @param past       its history by then
     */
    record Retry(String reason, long delayNanos, Past past) {}

    private static final Set<Trait> ONCE = Set.of(Trait.BACKGROUND, Trait.STORED_OBJECT);

    /** Waiting for quota costs the upstream little, but no call retries forever. */
    private static final int MOST_REFUSALS = 20;
    private static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_DELAY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final int attempts;
    private final RetryBudget budget;
    private final LongUnaryOperator jitter;

    /**
     * Uses a budget that all event loops share.
     *
     * @param jitter a random number below the one given
     */
    public RetryRule(int attempts, RetryBudget budget, LongUnaryOperator jitter) {
        this.attempts = attempts;
        this.budget = budget;
        this.jitter = jitter;
    }

    /** A call has arrived, and earns its tenant a share of a retry. */
    void called(Funded funded) {
        budget.call(funded.tenant());
    }

    /** Whether an answer of this status may be followed by another attempt; takes nothing. */
    boolean mayRetry(Funded funded, int status, Past past) {
        return passing(status) && past.failures() + 1 < attempts && repeatable(funded);
    }

    /**
     * The attempt that follows a failure, if any.
     *
     * @param leftNanos that the call may still wait
     * @param elsewhere whether another account may serve it
     */
    Optional<Retry> after(Funded funded, Reason reason, Past past, long leftNanos, boolean elsewhere) {
        return switch (reason) {
            case Reason.UpstreamUnreachable() when funded.body().repeatable() ->
                paid(funded, "unreachable", past, leftNanos, true);
            case Reason.UpstreamBroke(boolean whole) when !whole && funded.body().repeatable() ->
                paid(funded, "not_taken", past, leftNanos, true);
            case Reason.UpstreamFault(Fault.NotJson(int status)) when mayRetry(funded, status, past) ->
                paid(funded, Integer.toString(status), past, leftNanos, true);
            case Reason.UpstreamFault(Fault.Unavailable held) when mayRetry(funded, held.status(), past) ->
                paid(funded, Integer.toString(held.status()), past, leftNanos, true);
            case Reason.UpstreamFault(Fault.Quota(long nanos)) -> waiting(funded, past, leftNanos);
            case Reason.UpstreamFault(Fault.SlowDown(long nanos)) -> waiting(funded, past, leftNanos);
            case Reason.UpstreamFault(Fault.TierBusy(long nanos)) when repeatable(funded) ->
                paid(funded, "tier_busy", past, leftNanos, true);
            case Reason.UpstreamFault(Fault.OutOfCredit()) when repeatable(funded) ->
                paid(funded, "out_of_credit", past, leftNanos, false);
            case Reason.UpstreamRejectedKey(boolean another) when (another || elsewhere) && repeatable(funded) ->
                paid(funded, "key_rejected", past, leftNanos, false);
            default -> Optional.empty();
        };
    }

    /** Waits for its model's pause to end; a model whose name is too long is never paused. */
    private static Optional<Retry> waiting(Funded funded, Past past, long leftNanos) {
        boolean waits = repeatable(funded) && past.refusals() < MOST_REFUSALS && leftNanos > 0
                && funded.model().length() <= AccountModels.LONGEST_NAME;
        return waits
                ? Optional.of(new Retry("429", 0, new Past(past.failures(), past.refusals() + 1)))
                : Optional.empty();
    }

    /** Full jitter: any delay up to a bound that doubles with each failure. */
    private Optional<Retry> paid(Funded funded, String word, Past past, long leftNanos, boolean later) {
        int failures = past.failures() + 1;
        long bound = Math.min(LONGEST_DELAY_NANOS, FIRST_DELAY_NANOS << Math.min(past.failures(), 10));
        long delay = later ? jitter.applyAsLong(bound) : 0;
        boolean allowed = failures < attempts && delay < leftNanos && budget.take(funded.tenant());
        return allowed ? Optional.of(new Retry(word, delay, new Past(failures, past.refusals()))) : Optional.empty();
    }

    /**
     * Whether the upstream, or a proxy before it, did not accept the call; after a 502, 504, 520 or 524 it may have.
     */
    private static boolean passing(int status) {
        return switch (status) {
            case 503, 521, 522, 523 -> true;
            default -> false;
        };
    }

    private static boolean repeatable(Funded funded) {
        return funded.endpoint().endpointClass() == EndpointClass.INFERENCE
                && funded.endpoint().needsPermit() && funded.body().repeatable()
                && funded.body().envelope().traits().stream().noneMatch(ONCE::contains);
    }
}
