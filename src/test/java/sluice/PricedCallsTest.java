package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import sluice.testing.Await;
import sluice.testing.EchoUpstream;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** Every finished model call is priced once, by what its answer says of model, tier and usage. */
@Timeout(60)
class PricedCallsTest {
    private static final String TENANT = """
            tenants: [{ name: bot, keys: ["${BOT}"], rpm: 1000, endpoints: [inference, realtime] }]
            prices: { our-own: { input: 3, output: 4 } }
            """;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void answering(String answer) {
        String type = answer.startsWith("data:")
                ? "text/event-stream"
                : answer.startsWith("{")
                        ? "application/json"
                        : "audio/wav";
        EchoUpstream upstream = EchoUpstream.start(vertx, (request, body) -> request.response()
                .putHeader("content-type", type).end(answer.replace("\\n", "\n")));
        gateway.before(upstream.port()).start(TENANT);
    }

    /** The sum of terms such as {@code 19@2.50}: so many tokens at so many dollars a million. */
    private static BigDecimal dollars(String terms) {
        BigDecimal sum = BigDecimal.ZERO;
        for (String term : terms.split(" ", -1)) {
            String[] factors = term.split("@", -1);
            sum = sum.add(new BigDecimal(factors[0]).multiply(new BigDecimal(factors[1])).divide(MILLION));
        }
        return sum;
    }

    private double cost(String model) {
        return gateway.metrics().lines()
                .filter(line -> line.startsWith("sluice_cost_usd_total{model=\"" + model + "\",tenant=\"bot\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    private String logged() {
        return gateway.log().lines().stream().filter(line -> line.contains("\"outcome\"")).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/sluice/price/calls.csv", numLinesToSkip = 1, delimiter = '|', quoteCharacter = '`', maxCharsPerColumn = 2000)
    void callCostsWhatItsAnswerSays(String path, String request, String answer, String model, String terms) {
        answering(answer);
        assertThat(gateway.post(path, "BOT", new JsonObject(request)).statusCode()).isEqualTo(200);
        gateway.log().calls(1);
        BigDecimal expected = dollars(terms);
        assertThat(logged()).contains(
                "\"cost_usd\":" + expected.stripTrailingZeros().toPlainString() + ",");
        assertThat(cost(model)).isCloseTo(expected.doubleValue(), within(1e-12));
        assertThat(gateway.metric("sluice_unpriced_calls_total")).isZero();
    }

    @Test
    void transcriptIsPricedByTokensOrByTheMinute() {
        answering("{\"text\":\"a\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":45,"
                + "\"input_token_details\":{\"text_tokens\":4,\"audio_tokens\":10}}}");
        transcribe("gpt-4o-transcribe");
        assertThat(cost("gpt-4o-transcribe")).isCloseTo(dollars("14@2.50 45@10").doubleValue(), within(1e-12));
    }

    @Test
    void transcriptOfSecondsIsPricedByTheMinute() {
        answering("{\"text\":\"a\",\"usage\":{\"type\":\"duration\",\"seconds\":90.5}}");
        transcribe("whisper-1");
        assertThat(cost("whisper-1")).isCloseTo(0.006 * 90.5 / 60, within(1e-12));
    }

    private void transcribe(String model) {
        String form = "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + model
                + "\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nsound\r\n--x--\r\n";
        gateway.send(gateway.request("/audio/transcriptions", gateway.key("BOT"))
                .setHeader("content-type", "multipart/form-data; boundary=x").POST(BodyPublishers.ofString(form)));
        gateway.log().calls(1);
    }

    @Test
    void modelWithoutPriceIsCountedAndCostsNothing() {
        answering("{\"model\":\"nobody-knows-it\",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7}}");
        gateway.post("/chat/completions", "BOT", new JsonObject().put("model", "unheard-of"));
        gateway.log().calls(1);
        assertThat(gateway.metrics()).contains("sluice_unpriced_calls_total{model=\"unheard-of\"} 1.0")
                .doesNotContain("sluice_cost_usd_total{");
        assertThat(logged()).doesNotContain("cost_usd");
    }

    @Test
    void failedCallAndCacheHitCostNothing() {
        answering(
                "{\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"a\"},"
                        + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000000,\"completion_tokens\":0}}");
        JsonObject body = new JsonObject(
                "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
        gateway.post("/chat/completions", "BOT", body);
        gateway.log().calls(1);
        assertThat(gateway.post("/chat/completions", "BOT", body).headers().firstValue("x-sluice-cache"))
                .contains("HIT");
        gateway.post("/chat/completions", "BOT", new JsonObject("{\"messages\":[]}"));
        gateway.log().calls(3);
        assertThat(gateway.metric("sluice_cost_usd_total")).isEqualTo(2.5);
        assertThat(gateway.metric("sluice_unpriced_calls_total")).isZero();
    }

    @Test
    void eachAnswerOfAWebSocketIsPricedByItself() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.before(upstream.port()).start(TENANT);
        try (RawSocket raw = RawSocket.open(gateway.baseUrl(), "/responses",
                "Authorization: Bearer " + gateway.key("BOT"))) {
            ServerWebSocket theirs = upstream.socket();
            turn(raw, upstream, theirs, "gpt-5", "gpt-5-2025-08-07", "priority");
            turn(raw, upstream, theirs, "gpt-4o", "gpt-4o-2024-08-06", "default");
            turn(raw, upstream, theirs, "gpt-4o", "gpt-4o-2024-08-06", "default");
        }
        Await.until("cost of gpt-5", () -> cost("gpt-5") > 0);
        assertThat(cost("gpt-5")).isCloseTo(dollars("100@2.50 7@20").doubleValue(), within(1e-12));
        assertThat(cost("gpt-4o")).isCloseTo(dollars("200@2.50 14@10").doubleValue(), within(1e-12));
        assertThat(gateway.metric("sluice_tokens_total")).isEqualTo(321);
    }

    private static void turn(RawSocket raw, ScriptedSockets upstream, ServerWebSocket theirs, String model,
            String served, String tier) {
        raw.text("{\"type\":\"response.create\",\"model\":\"" + model + "\"}");
        upstream.told();
        theirs.writeTextMessage("{\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}");
        theirs.writeTextMessage("{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"model\":\"" + served
                + "\",\"service_tier\":\"" + tier + "\",\"usage\":{\"input_tokens\":100,\"output_tokens\":7}}}");
        raw.next(RawSocket.TEXT);
        raw.next(RawSocket.TEXT);
    }
}
