package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.simulator.Faults;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Token limits of a tenant, as its callers see them: reserved before the call, settled with what it used. */
@Timeout(60)
class TokenLimitsTest {
    /** Twenty tokens, as they are estimated. */
    private static final String TEXT = "x".repeat(80);

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private final ManualTime clock = new ManualTime();
    private int calls;

    @BeforeEach
    void startAtAStandingClock() {
        gateway.at(clock).start("""
                tenants:
                  - { name: bot, tpm: 1000, keys: ["${BOT}"] }
                  - { name: free, keys: ["${FREE}"] }
                  - { name: family, keys: ["${FAMILY}"], model-limits: { "gpt-4o*": { tpm: 600 } } }
                """);
    }

    private HttpResponse<String> ask(String key, String model, int maxTokens) {
        calls++;
        return gateway.post("/chat/completions", key, new JsonObject().put("model", model)
                .put("max_completion_tokens", maxTokens).put("user", "u" + calls).put("seed", calls)
                .put("messages", new JsonArray().add(new JsonObject().put("role", "user").put("content", TEXT))));
    }

    private HttpResponse<String> ask(int maxTokens) {
        return ask("BOT", "gpt-4o-mini", maxTokens);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static JsonObject error(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error");
    }

    private static int used(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("usage").getInteger("total_tokens");
    }

    /** What remains once the previous call is settled; a call that asks for one token takes that one and its text. */
    private int left() {
        gateway.log().calls(calls);
        return Integer.parseInt(header(ask(1), "x-ratelimit-remaining-tokens")) + 21;
    }

    @Test
    void refusalShowsTheLimitThatRefused() {
        ask("FAMILY", "gpt-4o-mini", 500);
        gateway.log().calls(calls);
        HttpResponse<String> refused = ask("FAMILY", "gpt-4o-mini", 570);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-sluice-limit")).isEqualTo("gpt-4o*/tpm");
        assertThat(header(refused, "x-ratelimit-limit-tokens")).isEqualTo("600");
        assertThat(Integer.parseInt(header(refused, "x-ratelimit-remaining-tokens"))).isBetween(1, 589);
        HttpResponse<String> own = ask(900);
        gateway.log().calls(calls);
        assertThat(header(own, "x-sluice-limit")).isEmpty();
        assertThat(header(ask(1000), "x-sluice-limit")).isEqualTo("tpm");
    }

    @Test
    void answerCarriesTheTokensOfItsTenantWithItsOwnReserved() {
        HttpResponse<String> answer = ask(480);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "x-ratelimit-limit-tokens")).isEqualTo("1000");
        assertThat(header(answer, "x-ratelimit-remaining-tokens")).isEqualTo("500");
        assertThat(header(answer, "x-ratelimit-reset-tokens")).isEqualTo("30s");
        assertThat(header(ask("FREE", "gpt-4o-mini", 480), "x-ratelimit-limit-tokens")).isEmpty();
    }

    @Test
    void callIsSettledWithWhatItUsed() {
        HttpResponse<String> answer = ask(480);
        assertThat(used(answer)).isPositive().isLessThan(500);
        assertThat(left()).isEqualTo(1000 - used(answer));
    }

    @Test
    void callIsRefusedUntilItsTokensHaveComeBack() {
        int spent = used(ask(480));
        gateway.log().calls(calls);
        HttpResponse<String> refused = ask(1000 - spent - 20 + 10);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(error(refused).getString("type")).isEqualTo("tokens");
        assertThat(error(refused).getString("code")).isEqualTo("rate_limit_exceeded");
        assertThat(error(refused).getString("message")).contains("tokens per min (TPM): Limit 1000");
        assertThat(header(refused, "retry-after")).isEqualTo("1");
        assertThat(header(refused, "retry-after-ms")).isEqualTo("600");
        assertThat(header(refused, "x-sluice-error-source")).isEqualTo("tenant");
        clock.advance(Duration.ofMillis(600));
        assertThat(ask(1000 - spent - 20 + 10).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().requests()).isEqualTo(2);
    }

    @Test
    void callThatCanNeverFitIsTheCallersFaultAndNotTriedAgain() {
        HttpResponse<String> refused = ask(981);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(error(refused).getString("code")).isEqualTo("request_exceeds_limit");
        assertThat(error(refused).getString("message")).contains("1001 tokens", "holds 1000");
        assertThat(header(refused, "retry-after")).isEmpty();
        assertThat(header(refused, "x-ratelimit-remaining-tokens")).isEqualTo("1000");
        assertThat(ask(980).statusCode()).isEqualTo(200);
    }

    @Test
    void failedCallGetsItsTokensBack() {
        gateway.faults(Faults.none().withErrors(1, 500));
        assertThat(ask(480).statusCode()).isEqualTo(500);
        gateway.faults(Faults.none().withErrors(1, 404));
        assertThat(ask(480).statusCode()).isEqualTo(404);
        gateway.faults(Faults.none());
        assertThat(left()).isEqualTo(1000);
    }

    @Test
    void limitOfAModelCountsItsTokensOnly() {
        assertThat(ask("FAMILY", "gpt-4o-mini", 480).statusCode()).isEqualTo(200);
        HttpResponse<String> tooLarge = ask("FAMILY", "gpt-4o", 581);
        assertThat(tooLarge.statusCode()).isEqualTo(400);
        assertThat(error(tooLarge).getString("code")).isEqualTo("request_exceeds_limit");
        assertThat(ask("FAMILY", "o4-mini", 5000).statusCode()).isEqualTo(200);
    }

    @Test
    void answerFromTheCacheTakesNoTokens() {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("max_tokens", 480).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", TEXT)));
        int spent = used(gateway.post("/chat/completions", "BOT", body));
        gateway.log().calls(1);
        HttpResponse<String> hit = gateway.post("/chat/completions", "BOT", body);
        assertThat(header(hit, "x-sluice-cache")).isEqualTo("HIT");
        assertThat(header(hit, "x-ratelimit-remaining-tokens")).isEqualTo(Integer.toString(1000 - spent));
    }

    @Test
    void tokensOfAStreamAreSettledToo() {
        gateway.post("/chat/completions", "BOT", new JsonObject().put("model", "gpt-4o-mini").put("stream", true)
                .put("stream_options", new JsonObject().put("include_usage", true)).put("max_tokens", 480)
                .put("messages", new JsonArray().add(new JsonObject().put("role", "user").put("content", TEXT))));
        calls++;
        JsonObject line = gateway.log().calls(1).getFirst();
        int spent = line.getInteger("input_tokens") + line.getInteger("output_tokens");
        Await.until("the stream is settled", () -> left() == 1000 - spent || calls > 3);
        assertThat(calls).isEqualTo(2);
    }
}
