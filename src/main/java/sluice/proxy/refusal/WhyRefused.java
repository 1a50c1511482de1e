package sluice.proxy.refusal;

import sluice.metrics.Why;
import sluice.quota.Verdict;
import sluice.schedule.Decision;
import sluice.upstream.Fault;

/** What the log says of a reason beyond the status and the code. */
public final class WhyRefused {
    private static final long UNKNOWN = -1;
    private static final Why KEY_REJECTED = Why.limit("key_rejected", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

    private WhyRefused() {}

    /** Nothing for reasons that the code fully describes. */
    public static Why of(Reason reason) {
        return switch (reason) {
            case Reason.LimitReached(Verdict.Refused refused) -> Why.limit(refused.name(), refused.limit().amount(),
                    refused.level().remaining(), refused.amount(),
                    refused.waitNanos() == Verdict.NEVER ? UNKNOWN : refused.waitNanos());
            case Reason.BudgetSpent(var refused) ->
                Why.limit(refused.name(), UNKNOWN, UNKNOWN, UNKNOWN, refused.reset().toNanos());
            case Reason.TooManyInFlight full ->
                Why.limit(full.name(), full.limit(), 0, 1, full.retryAfterNanos());
            case Reason.NoPermit(Decision.Denied denied) ->
                Why.limit(denied.because(), UNKNOWN, UNKNOWN, UNKNOWN, denied.retryAfterNanos());
            case Reason.UpstreamRejectedKey(var _) -> KEY_REJECTED;
            case Reason.UpstreamFault(Fault.RejectedKey()) -> KEY_REJECTED;
            case Reason.ModelNotAllowed(String model) -> Why.model(model);
            case Reason.ModelNotServed(String model, var _) -> Why.model(model);
            case Reason.ModelNotPriced(String model) -> Why.model(model);
            case Reason.UnknownUrl(var _, String path) -> Why.path(path);
            case Reason.UnknownOwnUrl(var _, String path) -> Why.path(path);
            case Reason.WrongMethod(var _, String path, var _) -> Why.path(path);
            default -> Why.NONE;
        };
    }
}
