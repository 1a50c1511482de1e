package sluice.explain;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.cache.AnswerCache;
import sluice.metrics.Tariff;
import sluice.openai.TokenEstimate;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.quota.AnswerLengths;
import sluice.quota.Spending;
import sluice.quota.TenantQuota;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Need;
import sluice.schedule.Outlook;
import sluice.schedule.Quote;
import sluice.schedule.Scheduler;
import sluice.time.Time;

/** Explains what would happen to a call, in the order in which its stages would decide. */
public final class Explainer {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Scheduler scheduler;
    private final AnswerLengths lengths;
    private final Tariff tariff;
    private final WhyCached caching;
    private final Time time;

    public Explainer(Scheduler scheduler, AnswerLengths lengths, Tariff tariff, AnswerCache cache, Time time) {
        this.scheduler = scheduler;
        this.lengths = lengths;
        this.tariff = tariff;
        this.caching = new WhyCached(cache);
        this.time = time;
    }

    /** What a call is expected to use, and what that costs; a price of null is not known. */
    private record Expected(long input, long reserved, long most, @Nullable Cost cost) {}

    /**
     * The explanation.
     *
     * @param naming whether accounts are named
     */
    public JsonObject explain(Question question, boolean naming) {
        Expected expected = expected(question);
        List<TenantQuota.Outlook> limits = question.endpoint().countsAsRequest()
                ? question.tenancy().quota().outlook(question.model(), expected.reserved(), expected.most())
                : List.of();
        List<Spending.Level> budgets = question.tenancy().spending().all().flatMap(each -> each.left().stream())
                .toList();
        Optional<Outlook> accounts = question.endpoint().needsPermit()
                ? Optional.of(scheduler.outlook(call(question, expected.most())))
                : Optional.empty();
        JsonObject json = new JsonObject().put("object", "explanation")
                .put("tenant", question.tenancy().tenant().name())
                .put("endpoint", question.endpoint().label()).put("model", question.model())
                .put("enforced", !question.tenancy().tenant().shadow()).put("cache", question.cache().result())
                .put("caching", caching.of(question))
                .put("tokens", new JsonObject().put("input", expected.input()).put("reserved", expected.reserved())
                        .put("most", expected.most()))
                .put("cost_usd",
                        expected.cost() instanceof Cost.Priced priced ? Cost.dollars(priced.picodollars()) : null)
                .put("limits", limits(limits)).put("budgets", budgets(budgets))
                .put("max_wait_ms", question.maxWaitNanos() / NANOS_PER_MILLI)
                .put("accounts", accounts.map(outlook -> accounts(outlook, naming)).orElseGet(JsonArray::new));
        return Fate.of(question, limits, budgets, accounts, expected.cost()).into(json);
    }

    private Expected expected(Question question) {
        long input = TokenEstimate.input(question.endpoint(), question.envelope());
        long most = TokenEstimate.of(question.endpoint(), question.envelope());
        AnswerLengths.Expected learned = lengths.expected(question.tenancy().tenant().name(), question.model(), input,
                most - input);
        Cost cost = question.endpoint().needsPermit()
                ? tariff.prices().cost(question.model(), question.envelope().serviceTier(),
                        new Usage(input, learned.output(), 0))
                : Cost.NOTHING;
        return new Expected(input, learned.tokens(), most, cost);
    }

    private Call call(Question question, long tokens) {
        Call.Routes routes = new Call.Routes() {
            @Override
            public boolean allows(Capacity account) {
                return question.accounts().contains(account.name());
            }

            @Override
            public boolean connect(Capacity account) {
                return false;
            }
        };
        Need need = new Need(question.tenancy().tenant().name(), question.model(), question.envelope().serviceTier(),
                tokens);
        return new Call(question.tenancy().share(), need, question.lane(), routes,
                time.nanos() + question.maxWaitNanos(), false, Runnable::run);
    }

    private static JsonArray limits(List<TenantQuota.Outlook> limits) {
        JsonArray all = new JsonArray();
        limits.forEach(each -> all.add(new JsonObject().put("limit", each.name()).put("amount", each.level().limit())
                .put("remaining", each.level().remaining()).put("takes", each.due())
                .put("reset_seconds", TimeUnit.NANOSECONDS.toMillis(each.level().resetNanos()) / 1e3)
                .put("fits", each.fits())));
        return all;
    }

    private static JsonArray budgets(List<Spending.Level> budgets) {
        JsonArray all = new JsonArray();
        budgets.forEach(each -> all.add(new JsonObject().put("budget", each.name())
                .put("amount_usd", Cost.dollars(each.budget().picodollars()))
                .put("remaining_usd", Cost.dollars(each.left())).put("reset_seconds", each.reset().toMillis() / 1e3)));
        return all;
    }

    private static JsonArray accounts(Outlook outlook, boolean naming) {
        JsonArray all = new JsonArray();
        outlook.quotes().forEach((name, quote) -> all.add(new JsonObject().put("account", naming ? name : null)
                .put("wait_ms", quote.waitNanos() == Quote.NEVER ? null : quote.waitNanos() / NANOS_PER_MILLI)
                .put("lacks", quote.lacking() == null ? null : quote.lacking().what())));
        return all;
    }
}
