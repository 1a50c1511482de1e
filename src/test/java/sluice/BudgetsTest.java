package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.EchoUpstream;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Budgets of a tenant, as its callers see them: reserved before a call, settled with what it cost. */
@Timeout(60)
class BudgetsTest {
    /** Costs a dollar, each. */
    private static final String DOLLAR = "{\"model\":\"gpt-4o\",\"usage\":{\"prompt_tokens\":400000,"
            + "\"completion_tokens\":0}}";
    private static final String TENANT = """
            tenants: [{ name: bot, keys: ["${BOT}"], rpm: 1000, %s }]
            cache: { mode: off }
            """;

    private final ManualTime clock = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(clock);
    private final Vertx vertx = Vertx.vertx();
    private int calls;

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void start(String budgets) {
        EchoUpstream upstream = EchoUpstream.start(vertx, (request, body) -> request.response()
                .putHeader("content-type", "application/json").end(DOLLAR));
        gateway.before(upstream.port()).start(TENANT.formatted(budgets));
    }

    private HttpResponse<String> ask(String model, int maxTokens) {
        HttpResponse<String> answer = gateway.post("/chat/completions", "BOT",
                new JsonObject().put("model", model).put("max_tokens", maxTokens));
        gateway.log().calls(++calls);
        return answer;
    }

    private static JsonObject error(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error");
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void spentBudgetRefusesUntilMidnight() {
        start("usd-per-day: 2.5");
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(200);
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(200);
        assertThat(ask("gpt-4o", 40_000).statusCode()).isEqualTo(200);
        HttpResponse<String> refused = ask("gpt-4o", 1);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(error(refused).getString("code")).isEqualTo("insufficient_quota");
        assertThat(error(refused).getString("type")).isEqualTo("insufficient_quota");
        assertThat(error(refused).getString("message")).contains("$2.50", "usd-per-day", "24h0m0s");
        assertThat(header(refused, "x-should-retry")).isEqualTo("false");
        assertThat(header(refused, "x-sluice-limit")).isEqualTo("usd-per-day");
        assertThat(header(refused, "x-sluice-error-source")).isEqualTo("tenant");
        assertThat(header(refused, "retry-after")).isEqualTo("86400");
        assertThat(gateway.metrics())
                .contains("sluice_limit_remaining_ratio{limit=\"usd-per-day\",tenant=\"bot\"} 0.0");
        clock.advance(Duration.ofDays(1));
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(200);
    }

    @Test
    void callThatWouldCostMoreThanIsLeftIsNotSent() {
        start("usd-per-month: 0.05");
        assertThat(ask("gpt-4o", 5_001).statusCode()).isEqualTo(429);
        assertThat(ask("gpt-4o", 5_000).statusCode()).isEqualTo(200);
    }

    /** Waiting for midnight helps against one of these three only. */
    @Test
    void refusalSaysWhetherTheBudgetIsSpentTooSmallOrNearlySpent() {
        start("usd-per-day: 1.5");
        HttpResponse<String> tooDear = ask("gpt-4o", 150_001);
        assertThat(error(tooDear).getString("message"))
                .contains("may cost up to $1.51", "more than the whole budget of $1.50 (usd-per-day)")
                .doesNotContain("resets");
        assertThat(tooDear.headers().firstValue("retry-after")).as("waiting cannot help").isEmpty();
        assertThat(header(tooDear, "x-should-retry")).isEqualTo("false");
        ask("gpt-4o", 1);
        assertThat(error(ask("gpt-4o", 50_001)).getString("message"))
                .contains("may cost up to $0.501", "$0.5 is left of your service's budget of $1.50", "resets in");
        ask("gpt-4o", 1);
        assertThat(error(ask("gpt-4o", 1)).getString("message")).contains("has used up its budget of $1.50");
    }

    @Test
    void modelWithoutPriceIsRefusedOnlyWhereABudgetHolds() {
        start("usd-per-day: 5");
        HttpResponse<String> refused = ask("unheard-of", 1);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(error(refused).getString("code")).isEqualTo("model_not_priced");
        gateway.restart(TENANT.formatted("tpm: 1000000"));
        assertThat(ask("unheard-of", 1).statusCode()).isEqualTo(200);
    }

    /** It is reserved at the price of the default tier, and must not be settled at none. */
    @Test
    void tierWithoutPriceCostsAsTheDefaultOne() {
        EchoUpstream upstream = EchoUpstream.start(vertx, (request, body) -> request.response()
                .putHeader("content-type", "application/json")
                .end(DOLLAR.replaceFirst("\\{", "{\"service_tier\":\"priority\",")));
        gateway.before(upstream.port()).start(TENANT.formatted("usd-per-day: 1.5")
                + "prices: { gpt-4o: { input: 2.5, output: 10 } }\n");
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(200);
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(200);
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(429);
    }

    @Test
    void modelWithoutPriceMayCountAsTheDearestOrAsFree() {
        start("usd-per-day: 0.5");
        gateway.restart(TENANT.formatted("usd-per-day: 0.5") + "budgets: { unpriced: dearest }\n");
        assertThat(ask("unheard-of", 1000).statusCode()).isEqualTo(429);
        gateway.restart(TENANT.formatted("usd-per-day: 0.5") + "budgets: { unpriced: free }\n");
        assertThat(ask("unheard-of", 1000).statusCode()).isEqualTo(200);
    }

    @Test
    void whatWasSpentOutlivesTheProcess() {
        start("usd-per-day: 2.5");
        ask("gpt-4o", 1);
        ask("gpt-4o", 1);
        gateway.restart();
        assertThat(ask("gpt-4o", 50_001).statusCode()).isEqualTo(429);
        gateway.restart(TENANT.formatted("usd-per-day: 3"));
        assertThat(ask("gpt-4o", 100_000).statusCode()).isEqualTo(200);
        assertThat(ask("gpt-4o", 1).statusCode()).isEqualTo(429);
    }

    private HttpResponse<String> askAs(String tags, int maxTokens) {
        HttpResponse<String> answer = gateway.send(gateway.request("/chat/completions", gateway.key("BOT"))
                .header("x-sluice-tags", tags).POST(BodyPublishers.ofString(
                        new JsonObject().put("model", "gpt-4o").put("max_tokens", maxTokens).encode())));
        gateway.log().calls(++calls);
        return answer;
    }

    private List<String> left() {
        calls++;
        return new JsonObject(gateway.send(gateway.request("/sluice/limits", gateway.key("BOT"))).body())
                .getJsonArray("budgets").stream().map(JsonObject.class::cast)
                .map(budget -> budget.getString("budget") + ' ' + budget.getDouble("remaining_usd")).toList();
    }

    private static final String TAGS = "usd-per-day: 10, tags: { required: [team], budgets: "
            + "{ team=search: { usd-per-day: 1.5 }, \"team=*\": { usd-per-month: 2.5 } } }";

    @Test
    void eachTagHasItsOwnBudgetAndTheOthersShareOne() {
        start(TAGS);
        assertThat(askAs("team=search,job=7", 1).statusCode()).isEqualTo(200);
        assertThat(askAs("job=8,team=search", 1).statusCode()).isEqualTo(200);
        HttpResponse<String> refused = askAs("team=search,job=7", 1);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(error(refused).getString("code")).isEqualTo("insufficient_quota");
        assertThat(error(refused).getString("message")).contains("$1.50", "team=search/usd-per-day");
        assertThat(header(refused, "x-sluice-limit")).isEqualTo("team=search/usd-per-day");
        for (String team : List.of("ads", "mail", "ads")) {
            assertThat(askAs("team=" + team, 1).statusCode()).as(team).isEqualTo(200);
        }
        assertThat(header(askAs("team=new", 1), "x-sluice-limit")).isEqualTo("team=*/usd-per-month");
        assertThat(left()).containsExactlyInAnyOrder("usd-per-day 5.0", "team=search/usd-per-day 0.0",
                "team=*/usd-per-month 0.0");
        assertThat(gateway.metrics()).contains(
                "sluice_limit_remaining_ratio{limit=\"team=search/usd-per-day\",tenant=\"bot\"} 0.0");
    }

    @Test
    void refusalByOneBudgetReservesNothingOfAnother() {
        start(TAGS);
        assertThat(askAs("team=search", 150_001).statusCode()).isEqualTo(429);
        assertThat(left()).containsExactlyInAnyOrder("usd-per-day 10.0", "team=search/usd-per-day 1.5",
                "team=*/usd-per-month 2.5");
    }

    @Test
    void whatATagHasSpentOutlivesTheProcess() {
        start(TAGS);
        askAs("team=search", 1);
        askAs("team=ads", 1);
        gateway.restart();
        assertThat(askAs("team=search", 50_001).statusCode()).isEqualTo(429);
        assertThat(askAs("team=mail", 150_001).statusCode()).isEqualTo(429);
        assertThat(askAs("team=mail", 150_000).statusCode()).isEqualTo(200);
    }
}
