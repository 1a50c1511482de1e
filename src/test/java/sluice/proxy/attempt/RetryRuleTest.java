package sluice.proxy.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicies;
import sluice.cache.CachePolicy;
import sluice.inbound.InboundRequest;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.metrics.CallTrace;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Origin;
import sluice.metrics.Stopwatch;
import sluice.metrics.Tariff;
import sluice.net.Departure;
import sluice.openai.Endpoint;
import sluice.openai.EndpointClass;
import sluice.openai.EnvelopeReader;
import sluice.openai.MalformedBody;
import sluice.openai.OpenAiError;
import sluice.openai.Route;
import sluice.price.Prices;
import sluice.price.Unpriced;
import sluice.proxy.Attempt.Past;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Found.Miss;
import sluice.proxy.Paid;
import sluice.proxy.Patience;
import sluice.proxy.Purse;
import sluice.proxy.attempt.RetryRule.Retry;
import sluice.proxy.body.Body;
import sluice.proxy.body.HeldBody;
import sluice.proxy.refusal.Reason;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Limits;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.Reservation;
import sluice.quota.TenantQuota;
import sluice.quota.Verdict;
import sluice.schedule.Decision.Denied;
import sluice.schedule.Decision.Why;
import sluice.schedule.Lane;
import sluice.schedule.Share;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;
import sluice.testing.ManualTime;
import sluice.testing.TestSpending;
import sluice.upstream.Fault;
import sluice.upstream.RetryBudget;

class RetryRuleTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final Past FRESH = new Past(0, 0);

    private final GatewayMeters meters = new GatewayMeters(new GatewayMeters.Settings(10), "test");
    private final ManualTime time = new ManualTime();
    private final List<Long> bounds = new ArrayList<>();
    private final RetryRule rule = rule(3, 1);
    private final Funded chat = funded("POST", "/v1/chat/completions", "{\"model\":\"m\"}");

    @AfterEach
    void close() {
        meters.close();
    }

    private RetryRule rule(int attempts, double budget) {
        return new RetryRule(attempts, new RetryBudget(budget), bound -> {
            bounds.add(bound);
            return bound - 1;
        });
    }

    /** Nothing of the request itself matters to the rule. */
    private static InboundRequest untouched() {
        return (InboundRequest) Proxy.newProxyInstance(InboundRequest.class.getClassLoader(),
                new Class<?>[]{InboundRequest.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    private Tenancy tenancy() {
        Outstanding outstanding = new Outstanding();
        Tenant tenant = new Tenant("bot", "free", List.of(), List.of(), Set.of(EndpointClass.INFERENCE),
                List.of("main"), Limits.NONE, false,
                new CachePolicies(CachePolicy.of(AnswerCache.Mode.OFF, Duration.ZERO)),
                new Standing(1, Duration.ZERO, Lane.INTERACTIVE), TagRules.NONE, Access.OPEN);
        return new Tenancy(tenant,
                new TenantQuota(Limits.NONE, false, (label, limit) -> LocalBucket.of(limit, time.time()),
                        (limit, granted) -> {}, outstanding),
                TestSpending.unlimited(outstanding, time.time()),
                new InFlight(OptionalInt.empty(), false, (limit, granted) -> {}, outstanding),
                Set.of("main"), new Share("bot", 1), meters.tenant("bot"));
    }

    private Funded funded(String method, String uri, String body) {
        Tenancy tenancy = tenancy();
        Reservation reservation = ((Verdict.Granted) tenancy.quota().takeRequest().result()).reservation();
        Arrival arrival = new Arrival(untouched(), (Route.Known) Route.of(method, uri, false),
                new Origin("id", method, "", "127.0.0.1"), new Stopwatch(time.time()), CallTrace.OFF,
                new Departure());
        Admitted admitted = new Admitted(new Caller(arrival, tenancy, Credential.key("key"), Tags.NONE), reservation,
                tenancy.inFlight().tryAcquire().orElseThrow());
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try {
            Body held = new HeldBody(bytes, EnvelopeReader.read(bytes, Endpoint.RESPONSES), null, false,
                    Bulkhead.of("bodies", 1000).part(new Holder.Everyone()));
            Ask ask = new Ask(admitted, held, "m", CacheControl.parse(null), new Patience(MINUTE, Lane.INTERACTIVE),
                    Set.of("main"), Optional.empty(), false);
            return new Funded(new Miss(ask, Optional.empty()), reservation, 0, 0,
                    new AnswerLengths(ratio -> {}).expected("bot", "m", 0, 0),
                    new Paid(new Purse(new Tariff(Prices.listed()), Unpriced.REFUSE), tenancy.spending().open("")));
        } catch (MalformedBody mistake) {
            throw new AssertionError(mistake);
        }
    }

    private Optional<String> word(Funded funded, Reason reason) {
        return rule.after(funded, reason, FRESH, MINUTE, false).map(Retry::reason);
    }

    @ParameterizedTest
    @ValueSource(ints = {503, 521, 522, 523})
    void passingFailureIsTriedAgain(int status) {
        assertThat(rule.mayRetry(chat, status, FRESH)).isTrue();
        assertThat(word(chat, new Reason.UpstreamFault(new Fault.NotJson(status)))).contains(Integer.toString(status));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 404, 408, 409, 413, 422, 500, 501, 502, 504, 520, 524, 525, 529, 599})
    void failureOfACallThatMayHaveRunNever(int status) {
        assertThat(rule.mayRetry(chat, status, FRESH)).isFalse();
        assertThat(word(chat, new Reason.UpstreamFault(new Fault.NotJson(status)))).isEmpty();
    }

    @Test
    void whatCannotHaveRunIsTriedAgain() {
        assertThat(word(chat, new Reason.UpstreamUnreachable())).contains("unreachable");
        assertThat(word(chat, new Reason.UpstreamBroke(false))).contains("not_taken");
        assertThat(word(chat, new Reason.UpstreamFault(new Fault.Quota(MILLI)))).contains("429");
        assertThat(word(chat, new Reason.UpstreamFault(new Fault.OutOfCredit()))).contains("out_of_credit");
        assertThat(word(chat, new Reason.UpstreamRejectedKey(true))).contains("key_rejected");
        assertThat(word(chat, new Reason.UpstreamFault(new Fault.SlowDown(MILLI)))).contains("429");
        assertThat(word(chat, new Reason.UpstreamFault(new Fault.TierBusy(MILLI)))).contains("tier_busy");
    }

    static List<Reason> endings() {
        return List.of(new Reason.UpstreamTimeout(true), new Reason.UpstreamTimeout(false),
                new Reason.UpstreamBroke(true), new Reason.UpstreamFault(new Fault.RejectedAccount()),
                new Reason.UpstreamRejectedKey(false), new Reason.UpstreamFault(new Fault.TooLarge(2, 1)),
                new Reason.UpstreamFault(new Fault.Forbade(new OpenAiError("", "", null, null))),
                new Reason.ClientGone(Ending.AS_RESERVED), new Reason.ClientGone(Ending.NOT_SENT),
                new Reason.Internal(false), new Reason.Draining(Ending.NOT_SENT),
                new Reason.NoPermit(new Denied(Why.DEADLINE, "", 1, 1)));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void timeOutsResetsAndOurOwnRefusalsNever(Reason reason) {
        assertThat(word(chat, reason)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"background\":true", "\"previous_response_id\":\"resp_1\"",
            "\"conversation\":\"conv_1\"", "\"prompt\":{\"id\":\"pmpt_1\"}",
            "\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_1\"}]"})
    void callsThatNameOrMakeWhatIsStoredAreSentOnce(String field) {
        Funded funded = funded("POST", "/v1/responses", "{\"model\":\"m\"," + field + "}");
        assertOnce(funded);
    }

    @Test
    void listOfModelsIsSentOnce() {
        assertOnce(funded("GET", "/v1/models", "{}"));
    }

    private void assertOnce(Funded funded) {
        assertThat(rule.mayRetry(funded, 503, FRESH)).isFalse();
        assertThat(word(funded, new Reason.UpstreamFault(new Fault.NotJson(503)))).isEmpty();
        assertThat(word(funded, new Reason.UpstreamFault(new Fault.Quota(MILLI)))).isEmpty();
        assertThat(word(funded, new Reason.UpstreamFault(new Fault.OutOfCredit()))).isEmpty();
        assertThat(word(funded, new Reason.UpstreamRejectedKey(true))).isEmpty();
        assertThat(word(funded, new Reason.UpstreamFault(new Fault.SlowDown(MILLI)))).isEmpty();
        assertThat(word(funded, new Reason.UpstreamFault(new Fault.TierBusy(MILLI)))).isEmpty();
        assertThat(word(funded, new Reason.UpstreamUnreachable())).as("nothing was sent").isPresent();
        assertThat(word(funded, new Reason.UpstreamBroke(false))).as("nor all of it").isPresent();
    }

    @Test
    void attemptsAreCounted() {
        Past past = FRESH;
        for (int attempt = 1; attempt < 3; attempt++) {
            assertThat(rule.mayRetry(chat, 503, past)).isTrue();
            past = rule.after(chat, new Reason.UpstreamFault(new Fault.NotJson(503)), past, MINUTE, false).orElseThrow()
                    .past();
            assertThat(past).isEqualTo(new Past(attempt, 0));
        }
        assertThat(rule.mayRetry(chat, 503, past)).isFalse();
        assertThat(rule.after(chat, new Reason.UpstreamUnreachable(), past, MINUTE, false)).isEmpty();
        assertThat(rule.after(chat, new Reason.UpstreamFault(new Fault.OutOfCredit()), past, MINUTE, false)).isEmpty();
    }

    @Test
    void pauseIsAnyTimeUpToABoundThatDoubles() {
        Past past = FRESH;
        RetryRule patient = rule(10, 1);
        for (int i = 0; i < 8; i++) {
            Retry retry = patient.after(chat, new Reason.UpstreamFault(new Fault.NotJson(503)), past, MINUTE, false)
                    .orElseThrow();
            assertThat(retry.delayNanos()).isEqualTo(bounds.getLast() - 1);
            past = retry.past();
        }
        assertThat(bounds).containsExactly(100 * MILLI, 200 * MILLI, 400 * MILLI, 800 * MILLI, 1600 * MILLI,
                2000 * MILLI, 2000 * MILLI, 2000 * MILLI);
    }

    @Test
    void anotherAccountOrKeyIsTriedWithoutAPause() {
        assertThat(
                rule.after(chat, new Reason.UpstreamFault(new Fault.OutOfCredit()), FRESH, MINUTE, false).orElseThrow()
                        .delayNanos())
                .isZero();
        assertThat(
                rule.after(chat, new Reason.UpstreamRejectedKey(true), FRESH, MINUTE, false).orElseThrow().delayNanos())
                .isZero();
        assertThat(
                rule.after(chat, new Reason.UpstreamRejectedKey(false), FRESH, MINUTE, true).orElseThrow().delayNanos())
                .isZero();
    }

    @Test
    void nothingIsTriedAgainThatWouldMissTheDeadline() {
        long pause = 100 * MILLI - 1;
        assertThat(rule.after(chat, new Reason.UpstreamFault(new Fault.NotJson(503)), FRESH, pause, false)).isEmpty();
        assertThat(rule.after(chat, new Reason.UpstreamFault(new Fault.NotJson(503)), FRESH, pause + 1, false))
                .isPresent();
        assertThat(rule.after(chat, new Reason.UpstreamFault(new Fault.Quota(MILLI)), FRESH, 0, false)).isEmpty();
        assertThat(rule.after(chat, new Reason.UpstreamFault(new Fault.Quota(MILLI)), FRESH, -1, false)).isEmpty();
        assertThat(rule.after(chat, new Reason.UpstreamFault(new Fault.Quota(MILLI)), FRESH, 1, false)).isPresent();
    }

    @Test
    void budgetIsEarnedByTheTenantsCalls() {
        RetryRule poor = rule(3, 0.5);
        Reason failure = new Reason.UpstreamFault(new Fault.NotJson(503));
        int given = 0;
        while (given < 100 && poor.after(chat, failure, FRESH, MINUTE, false).isPresent()) {
            given++;
        }
        assertThat(given).as("in advance").isEqualTo(10);
        poor.called(chat);
        assertThat(poor.after(chat, failure, FRESH, MINUTE, false)).isEmpty();
        poor.called(chat);
        assertThat(poor.after(chat, failure, FRESH, MINUTE, false)).isPresent();
        assertThat(poor.after(chat, failure, FRESH, MINUTE, false)).isEmpty();
    }

    @Test
    void waitingForQuotaCostsNoBudgetAndNoAttempt() {
        RetryRule poor = rule(3, 0);
        Past past = new Past(2, 0);
        for (int i = 1; i <= 20; i++) {
            past = poor.after(chat, new Reason.UpstreamFault(new Fault.Quota(MILLI)), past, MINUTE, false).orElseThrow()
                    .past();
            assertThat(past).isEqualTo(new Past(2, i));
        }
        assertThat(poor.after(chat, new Reason.UpstreamFault(new Fault.Quota(MILLI)), past, MINUTE, false))
                .as("but not for ever").isEmpty();
    }
}
