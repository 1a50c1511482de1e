package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** How calls wait for upstream quota, and what they may say about it. */
@Timeout(60)
class WaitingTest {
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 10, keys: ["${BOT}"] }
              - { name: search, rpm: 1000, weight: 2, priority: batch, max-wait: 1h, keys: ["${SEARCH}"] }
            """;
    /** A permit every tenth of a second, one at once. */
    private static final String QUICK = account(600);
    /** A permit every ten seconds, one at once. */
    private static final String SLOW = account(6);

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private int calls;

    private static String account(int rpm) {
        return "accounts: [{ name: main, rpm: " + rpm + ", burst: 1, strict: false, keys: [\"${UPSTREAM_KEY}\"] }]\n";
    }

    private HttpRequest.Builder chat(String key, String... headers) {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++calls)));
        HttpRequest.Builder request = gateway.request("/chat/completions", gateway.key(key))
                .POST(BodyPublishers.ofString(body.encode()));
        return headers.length == 0 ? request : request.headers(headers);
    }

    private HttpResponse<String> ask(String... headers) {
        return gateway.send(chat("BOT", headers));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static JsonObject error(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error");
    }

    private JsonObject queue() {
        return new JsonObject(gateway.admin("/admin/v1/queue").body());
    }

    private void awaitWaiting(int expected) {
        Await.until("calls that wait", () -> queue().getInteger("waiting"), expected);
    }

    @Test
    void answerThatWaitedSaysHowLong() {
        gateway.upstream(account(60)).start(TENANTS);
        assertThat(header(ask(), "x-sluice-wait-ms")).isEmpty();
        HttpResponse<String> second = ask();
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(Integer.parseInt(header(second, "x-sluice-wait-ms"))).isPositive();
        assertThat(gateway.log().calls(2).getLast().getDouble("wait_ms")).isPositive();
        assertThat(gateway.metrics()).contains("sluice_queue_wait_seconds_count 1");
    }

    @Test
    void callThatMayNotWaitIsRefusedAtOnceAndGivenBackWhatItTook() {
        gateway.upstream(SLOW).start(TENANTS);
        ask();
        HttpResponse<String> refused = ask("x-sluice-max-wait", "0s");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(error(refused).getString("code")).isEqualTo("upstream_quota_exhausted");
        assertThat(error(refused).getString("type")).isEqualTo("requests");
        assertThat(Integer.parseInt(header(refused, "retry-after"))).isEqualTo(10);
        assertThat(Integer.parseInt(header(refused, "retry-after-ms"))).isBetween(9_000, 10_000);
        assertThat(header(refused, "x-ratelimit-remaining-requests")).isEqualTo("9");
        assertThat(header(refused, "x-sluice-error-source")).isEqualTo("upstream");
        assertThat(header(refused, "x-sluice-wait-ms")).isEmpty();
        assertThat(gateway.upstream().requests()).isEqualTo(1);
    }

    @Test
    void tenantWithoutMaxWaitNeverWaits() {
        gateway.upstream(SLOW).start("""
                queue: { max-wait: 0s }
                tenants: [{ name: bot, keys: ["${BOT}"] }]
                """);
        assertThat(ask().statusCode()).isEqualTo(200);
        assertThat(ask("x-sluice-max-wait", "5m").statusCode()).as("it may only ask for less").isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource({"x-sluice-max-wait, soon", "x-sluice-max-wait, -1s", "x-sluice-max-wait, 10x",
            "x-sluice-max-wait, ''", "x-sluice-priority, urgent", "x-sluice-priority, ''"})
    void headerThatIsNotUnderstoodIsNamed(String name, String value) {
        gateway.start(TENANTS);
        HttpResponse<String> refused = ask(name, value);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(error(refused).getString("param")).isEqualTo(name);
        assertThat(error(refused).getString("code")).isEqualTo("invalid_header");
        assertThat(gateway.upstream().requests()).isZero();
    }

    @Test
    void headersOfOursDoNotReachTheUpstream() {
        gateway.start(TENANTS);
        assertThat(ask("x-sluice-max-wait", "1.5s", "x-sluice-priority", "batch").statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().lastRequests().getLast().headers().toString()).doesNotContain("x-sluice");
    }

    /** The next permit comes in ten seconds. */
    @ParameterizedTest
    @CsvSource({"x-stainless-read-timeout, 18", "x-stainless-read-timeout, 18.5", "x-stainless-timeout, 18",
            "x-sluice-max-wait, 9", "x-sluice-max-wait, 9000ms"})
    void callWaitsForHalfOfTheTimeThatItsSdkWaits(String name, String value) {
        gateway.upstream(SLOW).start(TENANTS);
        ask();
        assertThat(ask(name, value).statusCode()).isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource({"x-stainless-read-timeout, 600", "x-stainless-timeout, NOT_GIVEN", "x-sluice-max-wait, 1m"})
    void callWaitsIfTheWaitFitsAndCostsNothingWhenItsCallerLeaves(String name, String value) {
        gateway.upstream(SLOW).start(TENANTS);
        ask();
        CompletableFuture<HttpResponse<String>> waits = gateway.sendAsync(chat("BOT", name, value));
        awaitWaiting(1);
        waits.cancel(true);
        awaitWaiting(0);
        assertThat(gateway.log().calls(2).getLast().getString("outcome")).isEqualTo("client-gone");
        assertThat(gateway.upstream().requests()).isEqualTo(1);
        HttpResponse<String> refused = ask("x-sluice-max-wait", "0s");
        assertThat(header(refused, "x-ratelimit-remaining-requests")).isEqualTo("9");
    }

    @Test
    void queueShowsWhoWaits() {
        gateway.upstream(SLOW).start(TENANTS);
        ask();
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        waiting.add(gateway.sendAsync(chat("BOT")));
        awaitWaiting(1);
        for (String priority : List.of("interactive", "batch", "BATCH")) {
            waiting.add(gateway.sendAsync(chat("SEARCH", "x-sluice-priority", priority)));
        }
        waiting.add(gateway.sendAsync(chat("SEARCH")));
        awaitWaiting(5);

        JsonObject queue = queue();
        assertThat(queue.getJsonArray("tenants")).hasSize(2).allSatisfy(entry -> {
            JsonObject tenant = (JsonObject) entry;
            boolean bot = tenant.getString("tenant").equals("bot");
            assertThat(tenant.getDouble("weight")).isEqualTo(bot ? 1 : 2);
            assertThat(tenant.getInteger("interactive")).isEqualTo(1);
            assertThat(tenant.getInteger("batch")).as("as they say, or their tenant").isEqualTo(bot ? 0 : 3);
            assertThat(tenant.getLong("oldest_wait_ms")).isNotNegative();
        });
        JsonObject account = queue.getJsonArray("accounts").getJsonObject(0);
        assertThat(account.getString("account")).isEqualTo("main");
        assertThat(account.getInteger("in_flight")).isZero();
        assertThat(account.getInteger("keys_in_service")).isEqualTo(1);
        assertThat(account.getJsonObject("remaining").getDouble("rpm")).isZero();
        assertThat(gateway.metrics()).contains("sluice_queue_waiting{lane=\"batch\",pool=\"default\"} 3.0",
                "sluice_queue_waiting{lane=\"interactive\",pool=\"default\"} 2.0");
        waiting.forEach(call -> call.cancel(true));
        awaitWaiting(0);
    }

    @Test
    void queueNeedsTheTokenWhereThereIsOne() {
        gateway.adminToken("ADMIN").start(TENANTS);
        assertThat(gateway.admin("/admin/v1/queue").statusCode()).isEqualTo(401);
        assertThat(gateway.admin("/admin/v1/queue", "authorization", "Bearer " + gateway.key("BOT")).statusCode())
                .isEqualTo(401);
        assertThat(gateway.admin("/admin/v1/queue", "authorization", "Bearer " + gateway.key("ADMIN")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void callsThatWaitAreAnsweredInTheOrderInWhichTheyCame() {
        gateway.upstream(QUICK).start(TENANTS);
        ask();
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiting.add(gateway.sendAsync(chat("BOT")));
        }
        assertThat(waiting.stream().map(call -> call.join().statusCode())).containsOnly(200);
        assertThat(gateway.log().calls(5)).extracting(call -> call.getInteger("status")).containsOnly(200);
        assertThat(gateway.upstream().requests()).isEqualTo(5);
    }

    @Test
    void listOfModelsTakesNoPermit() {
        gateway.upstream(SLOW).start(TENANTS);
        ask();
        assertThat(gateway.send(gateway.request("/models", gateway.key("BOT"))).statusCode()).isEqualTo(200);
    }

    @Test
    void callsThatWaitAreToldWhenTheGatewayEnds() {
        gateway.upstream(SLOW).start(TENANTS);
        ask();
        CompletableFuture<HttpResponse<String>> waits = gateway.sendAsync(chat("BOT"));
        awaitWaiting(1);
        gateway.restart();
        assertThat(gateway.log().calls(2).getLast().getString("code")).isEqualTo("draining");
        waits.cancel(true);
    }
}
