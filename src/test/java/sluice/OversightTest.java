package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.simulator.SimulatedAccount;
import sluice.testing.Await;
import sluice.testing.EchoUpstream;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Limits and costs as OpenAI reports them, compared with the file and the ledger. */
@Timeout(60)
class OversightTest {
    private static final String TENANT = "tenants: [{ name: bot, keys: [\"${BOT}\"], rpm: 1000 }]\n";

    private final ManualTime clock = new ManualTime();
    private static final JsonObject CHAT = new JsonObject().put("model", "gpt-4o").put("max_tokens", 100)
            .put("messages", new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello")));

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(clock);

    private void start(String account) {
        start(account, "UPSTREAM_KEY");
    }

    private void start(String account, String adminKey) {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.parse("main=" + gateway.upstreamKey() + ":rpm=500,tpm=1000")))
                .upstream("accounts: [{ name: main, keys: [\"${UPSTREAM_KEY}\"], strict: false, " + account + " }]")
                .start(TENANT + "openai-admin: { key: \"${" + adminKey + "}\" }\n");
    }

    @Test
    void limitsAboveThoseGrantedAreTold() {
        start("project: proj_a, rpm: 600, models: { \"gpt-4o*\": { tpm: 1001 }, o3: { rpm: 500 } }");
        Await.until("it is told", () -> gateway.metric("sluice_account_limits_too_high") == 3);
        assertThat(gateway.log().lines()).filteredOn(line -> line.contains("above what OpenAI grants")).singleElement()
                .asString().contains("rpm: 600, where no model has more than 500",
                        "models.gpt-4o*.tpm: 1001, where gpt-4o has 1000",
                        "models.gpt-4o*.tpm: 1001, where gpt-4o-mini has 1000");
    }

    @Test
    void limitsOfTheUpstreamAreFollowed() {
        start("project: proj_a, limits: upstream");
        Await.until("they hold", () -> gateway.metrics().contains(
                "sluice_account_remaining_ratio{account=\"main\",limit=\"tpm gpt-4o\"}"));
        assertThat(gateway.metrics()).contains("limit=\"rpm text-embedding-3-small\"");
        HttpResponse<String> tooLarge = gateway.post("/chat/completions", "BOT", CHAT.copy().put("max_tokens", 5000));
        assertThat(tooLarge.statusCode()).as(tooLarge.body()).isBetween(400, 429);
        assertThat(gateway.upstream().accepted("main")).isZero();
    }

    @Test
    void billIsComparedWithTheLedger() throws Exception {
        start("rpm: 500");
        HttpResponse<String> answer = gateway.post("/chat/completions", "BOT", CHAT);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Await.until("the ledger has it", () -> gateway.metric("sluice_ledger_calls_total") == 1);
        double cost = gateway.metric("sluice_cost_usd_total");
        assertThat(cost).isPositive();
        LocalDate day = LocalDate.ofInstant(clock.time().now(), ZoneOffset.UTC);
        bill(day, 2 * cost);
        clock.advance(Duration.ofHours(31));
        gateway.restart();
        Await.until("it is compared", () -> gateway.metric("sluice_bill_usd") > 0);
        assertThat(gateway.metric("sluice_bill_usd")).isCloseTo(2 * cost, within(1e-12));
        assertThat(gateway.metric("sluice_bill_ledger_usd")).isCloseTo(cost, within(1e-12));
        assertThat(gateway.metric("sluice_bill_difference_ratio")).isCloseTo(-0.5, within(1e-6));
        assertThat(gateway.log().lines())
                .anyMatch(line -> line.contains(day + " cost") && line.contains("-50.0 %"));
    }

    @Test
    void keyThatMayNotAskIsToldWithoutShowingIt() {
        start("rpm: 500", "UPSTREAM_KEY_OF_NOBODY");
        Await.until("it is told", () -> gateway.metric("sluice_organization_errors_total") == 1);
        assertThat(gateway.log().lines()).anyMatch(line -> line.contains("status 401 to GET /organization/costs"))
                .noneMatch(line -> line.contains(gateway.key("UPSTREAM_KEY_OF_NOBODY")));
        assertThat(gateway.metrics()).doesNotContain("sluice_bill_usd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "{\"data\":{}}", "{\"data\":[1]}", "{\"data\":[{}]}",
            "{\"data\":[],\"has_more\":true}",
            "{\"data\":[{\"results\":[{\"amount\":{\"value\":\"1e999999999\",\"currency\":\"usd\"}}]}]}",
            "{\"data\":[{\"results\":[{\"amount\":{\"value\":1e300,\"currency\":\"usd\"}}]}]}",
            "{\"data\":[{\"results\":[{\"amount\":{\"value\":1,\"currency\":\"eur\"}}]}]}"})
    void answerThatIsNotUnderstoodIsNone(String odd) {
        Vertx vertx = Vertx.vertx();
        try {
            EchoUpstream upstream = EchoUpstream.start(vertx, (request, body) -> request.response().end(odd));
            gateway.before(upstream.port());
            start("project: p, limits: upstream");
            Await.until("both are told", () -> gateway.metric("sluice_organization_errors_total") == 2);
            assertThat(gateway.metrics()).doesNotContain("sluice_bill_usd", "too_high", "Exception");
            assertThat(gateway.log().lines()).noneMatch(line -> line.contains("Exception"));
        } finally {
            vertx.close().await();
        }
    }

    private void bill(LocalDate day, double dollars) throws Exception {
        HttpResponse<Void> set = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create(gateway.simulatorUrl() + "/simulator/costs"))
                        .PUT(BodyPublishers.ofString(new JsonObject().put(day.toString(), dollars).encode())).build(),
                BodyHandlers.discarding());
        assertThat(set.statusCode()).isEqualTo(200);
    }
}
