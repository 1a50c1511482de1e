package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.simulator.Faults;
import sluice.testing.Await;
import sluice.testing.Collector;
import sluice.testing.Collector.Received;
import sluice.testing.TestGateway;

/** What a collector receives about calls, and what the upstream receives about their traces. */
@Timeout(60)
class TracesTest {
    private static final String PROMPT = "What nobody else may read";
    private static final String CALLERS_TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLERS_SPAN = "b7ad6b7169203331";

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private final Vertx vertx = Vertx.vertx();
    private final Collector collector = Collector.start(vertx);

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void start(String sample) {
        gateway.start("""
                tenants: [{ name: bot, rpm: 100, keys: ["${BOT}"] }]
                traces: { otlp-endpoint: "http://127.0.0.1:%d", sample: %s }
                """.formatted(collector.port(), sample));
    }

    @Test
    void collectorGetsTheConfiguredHeaders() {
        gateway.start("""
                tenants: [{ name: bot, rpm: 100, keys: ["${BOT}"] }]
                traces: { otlp-endpoint: "http://127.0.0.1:%d", headers: { x-api-key: "for the collector" } }
                """.formatted(collector.port()));
        ask(false);

        spans(3);
        assertThat(collector.header("x-api-key")).isEqualTo("for the collector");
    }

    private HttpResponse<String> ask(boolean stream, String... headers) {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("stream", stream).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", PROMPT)));
        HttpRequest.Builder request = gateway.request("/chat/completions", gateway.key("BOT"))
                .POST(BodyPublishers.ofString(body.encode()));
        return gateway.send(headers.length == 0 ? request : request.headers(headers));
    }

    private List<Received> spans(int expected) {
        Await.until("spans", () -> collector.spans().size(), expected);
        return collector.spans();
    }

    private static Received named(List<Received> spans, String name) {
        return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
    }

    private String sentTraceparent() {
        return String.valueOf(gateway.upstream().lastRequests().getLast().headers().get("traceparent"));
    }

    @Test
    void callIsPartOfItsCallersTraceAndTheUpstreamsSpanOfTheAttempts() {
        start("0%");
        HttpResponse<String> answer = ask(true, "traceparent", "00-" + CALLERS_TRACE + "-" + CALLERS_SPAN + "-01");
        assertThat(answer.statusCode()).isEqualTo(200);

        List<Received> spans = spans(3);
        Received call = named(spans, "POST chat_completions");
        Received attempt = named(spans, "chat gpt-4o-mini");
        Received relay = named(spans, "relay");
        assertThat(spans).allSatisfy(span -> {
            assertThat(span.trace()).isEqualTo(CALLERS_TRACE);
            assertThat(span.failed()).isFalse();
            assertThat(span.beganNanos()).isBetween(call.beganNanos(), span.endedNanos());
        });
        assertThat(call.kind()).isEqualTo("SERVER");
        assertThat(call.parent()).isEqualTo(CALLERS_SPAN);
        assertThat(attempt.kind()).isEqualTo("CLIENT");
        assertThat(attempt.parent()).isEqualTo(call.id());
        assertThat(relay.parent()).isEqualTo(attempt.id());
        assertThat(sentTraceparent()).isEqualTo("00-" + CALLERS_TRACE + "-" + attempt.id() + "-01");
        assertThat(call.attributes()).containsEntry("http.request.method", "POST")
                .containsEntry("http.route", "chat_completions").containsEntry("http.response.status_code", "200")
                .containsEntry("sluice.tenant", "bot").containsEntry("sluice.outcome", "answered")
                .containsEntry("sluice.cache", "MISS").containsEntry("sluice.request_id",
                        answer.headers().firstValue("x-sluice-request-id").orElse(""));
        assertThat(attempt.attributes()).containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("gen_ai.provider.name", "openai").containsEntry("gen_ai.request.model", "gpt-4o-mini")
                .containsEntry("sluice.account", "main").containsKeys("gen_ai.usage.input_tokens",
                        "gen_ai.usage.output_tokens");
        assertThat(collector.resource()).containsEntry("service.name", "sluice");
    }

    @Test
    void neitherPromptsNorAnswersNorKeysAreTold() {
        start("100%");
        HttpResponse<String> answer = ask(false);
        spans(3);
        String text = new JsonObject(answer.body()).getJsonArray("choices").getJsonObject(0).getJsonObject("message")
                .getString("content");
        assertThat(collector.everything()).doesNotContain(PROMPT, text, gateway.key("BOT"), gateway.upstreamKey());
    }

    @Test
    void waitAndEachAttemptHaveSpansOfTheirOwn() {
        gateway.upstream("""
                accounts: [{ name: main, rpm: 60, burst: 1, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """);
        start("100%");
        gateway.faults(Faults.none().withErrors(1, 503));

        assertThat(ask(false).statusCode()).isEqualTo(503);

        List<Received> spans = spans(7);
        Received call = named(spans, "POST chat_completions");
        assertThat(call.failed()).isTrue();
        assertThat(call.attributes()).containsEntry("error.type", "503");
        List<Received> attempts = spans.stream().filter(span -> span.kind().equals("CLIENT")).toList();
        assertThat(attempts).hasSize(3).allSatisfy(attempt -> assertThat(attempt.failed()).isTrue());
        assertThat(attempts.stream().map(attempt -> attempt.attributes().get("http.request.resend_count")).toList())
                .containsExactly(null, "1", "2");
        assertThat(spans.stream().filter(span -> span.name().equals("wait"))).hasSize(2).allSatisfy(wait -> {
            assertThat(wait.parent()).isEqualTo(call.id());
            assertThat(wait.endedNanos()).isGreaterThan(wait.beganNanos());
        });
    }

    @Test
    void refusedCallIsOneSpan() {
        start("100%");
        gateway.send(gateway.request("/chat/completions", "no-key").POST(BodyPublishers.ofString("{}")));
        Received call = spans(1).getFirst();
        assertThat(call.attributes()).containsEntry("http.response.status_code", "401")
                .containsEntry("sluice.error_code", "invalid_api_key");
        assertThat(call.failed()).as("the caller's mistake is not the server's").isFalse();
    }

    @Test
    void callOfNoTraceIsNotSampledAndSaysSo() {
        start("0%");
        ask(false);
        assertThat(sentTraceparent()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[02]");
        ask(true, "traceparent", "00-" + CALLERS_TRACE + "-" + CALLERS_SPAN + "-01");
        assertThat(spans(3)).allSatisfy(span -> assertThat(span.trace()).isEqualTo(CALLERS_TRACE));
    }

    @Test
    void withoutACollectorTheCallersTracePassesAsItIs() {
        gateway.start("tenants: [{ name: bot, keys: [\"${BOT}\"] }]\n");
        String traceparent = "00-" + CALLERS_TRACE + "-" + CALLERS_SPAN + "-01";
        ask(false, "traceparent", traceparent);
        assertThat(sentTraceparent()).isEqualTo(traceparent);
        assertThat(collector.spans()).isEmpty();
    }

    @Test
    void collectorThatIsAwayHarmsNoCall() {
        gateway.start("""
                tenants: [{ name: bot, keys: ["${BOT}"] }]
                traces: { otlp-endpoint: "http://127.0.0.1:1" }
                """);
        assertThat(ask(false).statusCode()).isEqualTo(200);
    }
}
