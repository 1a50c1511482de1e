package sluice.explain;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.price.Cost;
import sluice.quota.Spending;
import sluice.quota.TenantQuota;
import sluice.schedule.Outlook;

/**
 * What would happen to a call.
 *
 * @param would   {@code answer_from_cache}, {@code send}, {@code wait} or {@code refuse}
 * @param code    of the refusal; null if there is none
 * @param because for people
 * @param waitMs  for which it would wait; null if it would be refused
 */
record Fate(String would, @Nullable String code, String because, @Nullable Double waitMs) {
    private static final double NANOS_PER_MILLI = 1e6;

    /** The first thing that decides. */
    static Fate of(Question question, List<TenantQuota.Outlook> limits, List<Spending.Level> budgets,
            Optional<Outlook> accounts, @Nullable Cost cost) {
        boolean shadow = question.tenancy().tenant().shadow();
        Optional<TenantQuota.Outlook> requests = limits.stream().filter(each -> each.ofRequests() && !each.fits())
                .findFirst();
        if (requests.isPresent() && !shadow) {
            return lacking(requests.get());
        }
        if (question.cache().isFound()) {
            return new Fate("answer_from_cache", null, "An identical call was answered recently.", 0.0);
        }
        if (accounts.isPresent() && !accounts.get().served()) {
            return new Fate("refuse", "model_not_found",
                    "None of the accounts that it may be sent to serves the model " + question.model() + ".", null);
        }
        long due = cost == null ? 0 : cost.picodollars();
        Optional<Spending.Level> spent = budgets.stream().filter(each -> each.left() <= 0 || each.left() < due)
                .findFirst();
        if (spent.isPresent() && !shadow) {
            return new Fate("refuse", "insufficient_quota", "The budget " + spent.get().name() + " has "
                    + Cost.dollars(spent.get().left()).toPlainString() + " USD left.", null);
        }
        Optional<TenantQuota.Outlook> tokens = limits.stream().filter(each -> !each.fits()).findFirst();
        if (tokens.isPresent() && !shadow) {
            return lacking(tokens.get());
        }
        return accounts.map(outlook -> upstream(question, outlook))
                .orElseGet(() -> new Fate("send", null, "It uses no upstream quota.", 0.0));
    }

    private static Fate lacking(TenantQuota.Outlook limit) {
        return limit.never()
                ? new Fate("refuse", "request_exceeds_limit", "The limit " + limit.name() + " holds "
                        + limit.level().limit() + " at most, and the call may need more.", null)
                : new Fate("refuse", "rate_limit_exceeded", "The limit " + limit.name() + " has "
                        + limit.level().remaining() + " left of " + limit.level().limit() + ", and the call takes "
                        + limit.due() + ".", null);
    }

    private static Fate upstream(Question question, Outlook outlook) {
        if (outlook.never()) {
            return new Fate("refuse", "upstream_quota_exhausted",
                    "No account that may serve it is large enough for it.", null);
        }
        if (outlook.refuses()) {
            return new Fate("refuse", "upstream_unavailable", "The upstream is paused for now.", null);
        }
        double millis = outlook.waitNanos() / NANOS_PER_MILLI;
        if (outlook.waitNanos() == 0) {
            return new Fate("send", null, "An account has quota now.", 0.0);
        }
        return outlook.waitNanos() > question.maxWaitNanos()
                ? new Fate("refuse", "upstream_quota_exhausted",
                        "Its turn would come in " + Math.round(millis) + " ms, later than it may wait.", null)
                : new Fate("wait", null, "Its turn would come in " + Math.round(millis) + " ms.", millis);
    }

    JsonObject into(JsonObject explanation) {
        return explanation.put("would", would).put("code", code).put("because", because).put("wait_ms", waitMs);
    }
}
