package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.SteppedUpstream.CLOSE;
import static sluice.testing.SteppedUpstream.COMPLETION;
import static sluice.testing.SteppedUpstream.DONE;
import static sluice.testing.SteppedUpstream.EVENTS;
import static sluice.testing.SteppedUpstream.NEXT;
import static sluice.testing.SteppedUpstream.chunk;
import static sluice.testing.SteppedUpstream.event;
import static sluice.testing.SteppedUpstream.json;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.RawClient;
import sluice.testing.SteppedUpstream;
import sluice.testing.TestGateway;

/** A call with an Idempotency-Key reaches the upstream once, however often its caller repeats it. */
@Timeout(120)
class RepeatedCallsTest {
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 100000, keys: ["${BOT}"] }
              - { name: rival, rpm: 100000, keys: ["${RIVAL}"] }
              - { name: narrow, concurrent: 1, keys: ["${NARROW}"] }
            """;

    private final SteppedUpstream upstream = new SteppedUpstream();

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @AfterEach
    void close() {
        upstream.close();
    }

    private void start(String more) {
        gateway.before(upstream.port()).start(TENANTS + more);
    }

    private static String body(boolean stream, String prompt) {
        return new JsonObject().put("model", "gpt-4o-mini").put("stream", stream).put("temperature", 1).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", prompt))).encode();
    }

    private HttpRequest.Builder request(String tenant, String key, String body) {
        return gateway.request("/chat/completions", gateway.key(tenant)).header("Idempotency-Key", key)
                .POST(BodyPublishers.ofString(body));
    }

    private CompletableFuture<HttpResponse<String>> ask(String tenant, String key, String body) {
        return gateway.sendAsync(request(tenant, key, body)).orTimeout(30, TimeUnit.SECONDS);
    }

    private HttpResponse<String> answered(String tenant, String key, String body) {
        return ask(tenant, key, body).join();
    }

    /** A call of an SDK that will time out; closing the connection is all that a server sees of that. */
    private RawClient impatient(String tenant, String key, String body) {
        String named = key.isEmpty() ? "" : "idempotency-key: " + key + "\r\n";
        return new RawClient(9, URI.create(gateway.baseUrl()).getPort(), 0)
                .write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer " + gateway.key(tenant)
                        + "\r\ncontent-type: application/json\r\n" + named + "content-length: " + body.length()
                        + "\r\n\r\n" + body);
    }

    private void timesOut(RawClient caller, int others) {
        caller.reset();
        Await.until("its connection is closed", () -> gateway.metric("sluice_connections") == others);
    }

    private void awaitRuns(int runs) {
        Await.until(runs + " calls upstream", () -> upstream.runs() == runs);
    }

    private static String did(HttpResponse<?> answer) {
        return answer.headers().firstValue("x-sluice-cache").orElse("");
    }

    private static boolean isReplayed(HttpResponse<?> answer) {
        return answer.headers().firstValue("idempotent-replayed").equals(Optional.of("true"));
    }

    private static String code(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error").getString("code");
    }

    @ParameterizedTest
    @CsvSource({"false, off", "false, identical", "true, off", "true, identical"})
    void timeOutsAndRetriesAreOneCallUpstreamAndOneCharge(boolean stream, String cache) {
        start("cache: { mode: " + cache + " }\n");
        String body = body(stream, "Hello");
        try (RawClient first = impatient("BOT", "k", body)) {
            awaitRuns(1);
            timesOut(first, 0);
        }
        Await.until("it continues alone", () -> gateway.metric("sluice_continued_calls") == 1);
        try (RawClient second = impatient("BOT", "k", body)) {
            Await.until("it follows", () -> gateway.metric("sluice_cache_followers") == 1);
            assertThat(gateway.metric("sluice_continued_calls")).isZero();
            timesOut(second, 0);
        }
        Await.until("it continues alone", () -> gateway.metric("sluice_continued_calls") == 1);
        CompletableFuture<HttpResponse<String>> third = ask("BOT", "k", body);
        Await.until("it follows", () -> gateway.metric("sluice_cache_followers") == 1);
        if (stream) {
            upstream.does(1, EVENTS, chunk(event(1)), chunk("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,"
                    + "\"completion_tokens\":5,\"total_tokens\":12}}\n\n"), DONE, NEXT);
        } else {
            upstream.does(1, json(200, COMPLETION), NEXT);
        }
        assertThat(third.join().statusCode()).isEqualTo(200);
        assertThat(third.join().body()).contains(stream ? event(1) : COMPLETION);
        assertThat(did(third.join())).isEqualTo("JOINED");
        assertThat(isReplayed(third.join())).isTrue();
        awaitKept();
        HttpResponse<String> fourth = answered("BOT", "k", body);
        assertThat(fourth.body()).isEqualTo(third.join().body());
        assertThat(fourth.headers().firstValue("content-type")).isEqualTo(third.join().headers()
                .firstValue("content-type"));
        assertThat(did(fourth)).isEqualTo("REPLAYED");
        assertThat(isReplayed(fourth)).isTrue();
        assertThat(upstream.runs()).isEqualTo(1);
        Await.until("all four are in the ledger", () -> usage().getLong("calls", 0L) == 4);
        assertThat(usage().getLong("hits")).isEqualTo(2);
        assertThat(usage().getLong("input_tokens") + usage().getLong("output_tokens")).isEqualTo(12);
    }

    private void awaitKept() {
        Await.until("the answer is kept", () -> gateway.metrics().lines().anyMatch(
                line -> line.startsWith("sluice_shared_used_ratio{thing=\"answered-calls\"}")
                        && !line.endsWith(" 0.0")));
    }

    private JsonObject usage() {
        JsonArray rows = AdminClient
                .body(200, new AdminClient(gateway.adminUrl(), gateway.key("ADMIN")).get("/usage?by=tenant"))
                .getJsonArray("data");
        return rows.isEmpty() ? new JsonObject() : rows.getJsonObject(0);
    }

    @Test
    void keyOfAnotherRequestIsRefusedWhileThatIsInFlightAndAfterwards() {
        start("");
        CompletableFuture<HttpResponse<String>> first = ask("BOT", "k", body(false, "Hello"));
        awaitRuns(1);
        HttpResponse<String> other = answered("BOT", "k", body(false, "Good bye"));
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(code(other)).isEqualTo("idempotency_key_reused");
        assertThat(other.body()).contains("\"param\":\"idempotency-key\"").contains("a new key with each request");
        upstream.does(1, json(200, COMPLETION), NEXT);
        assertThat(did(first.join())).isEqualTo("MISS");
        assertThat(isReplayed(first.join())).isFalse();
        assertThat(answered("BOT", "k", body(false, "Good bye")).statusCode()).isEqualTo(422);
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void keysAreEachTenantsOwn() {
        start("");
        CompletableFuture<HttpResponse<String>> bot = ask("BOT", "k", body(false, "Hello"));
        awaitRuns(1);
        CompletableFuture<HttpResponse<String>> rival = ask("RIVAL", "k", body(false, "Hello"));
        awaitRuns(2);
        upstream.does(1, json(200, COMPLETION.replace("Hello", "one")), NEXT);
        upstream.does(2, json(200, COMPLETION.replace("Hello", "two")), NEXT);
        assertThat(List.of(bot.join().body(), rival.join().body())).containsExactlyInAnyOrder(
                COMPLETION.replace("Hello", "one"), COMPLETION.replace("Hello", "two"));
        assertThat(answered("BOT", "k", body(false, "Hello")).body()).isEqualTo(bot.join().body());
        assertThat(answered("RIVAL", "k", body(false, "Hello")).body()).isEqualTo(rival.join().body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ü", "tab\there", "long"})
    void malformedKeyIsRefused(String key) {
        start("");
        String sent = key.equals("long") ? "x".repeat(256) : key;
        String body = body(false, "Hello");
        try (RawClient caller = new RawClient(9, URI.create(gateway.baseUrl()).getPort(), 0)) {
            caller.write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer "
                    + gateway.key("BOT") + "\r\ncontent-type: application/json\r\nidempotency-key: " + sent
                    + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
            String answer = new String(caller.rest(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 400 ").containsIgnoringCase("idempotency-key");
        }
        assertThat(upstream.runs()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 409, 422, 429, 500, 502, 503, 504})
    void whatTheUpstreamRefusesIsNotKept(int status) {
        gateway.upstream("""
                retries: { attempts: 1 }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """);
        start("queue: { max-wait: 0s }\n");
        upstream.does(1, json(status, "{\"error\":{\"message\":\"no\",\"type\":\"x\",\"param\":null,\"code\":\"c\"}}"),
                NEXT);
        assertThat(answered("BOT", "k", body(false, "Hello")).statusCode()).isGreaterThanOrEqualTo(400);
        for (int i = 2; i < 40; i++) {
            upstream.does(i, json(200, COMPLETION), NEXT);
        }
        // Also with another body: the first request has not taken the key.
        Await.until("it is tried anew", () -> answered("BOT", "k", body(false, "Hello!")).statusCode() == 200);
        assertThat(upstream.runs()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"error\":{\"message\":\"no\"}}", "{\"status\":\"failed\",\"error\":null}", "{\"a\":1",
            "[]"})
    void answerThatReportsAFailureIsNotKept(String answer) {
        start("");
        upstream.does(1, json(200, answer), NEXT);
        upstream.does(2, json(200, COMPLETION), NEXT);
        assertThat(answered("BOT", "k", body(false, "Hello")).body()).isEqualTo(answer);
        assertThat(answered("BOT", "k", body(false, "Hello")).body()).isEqualTo(COMPLETION);
    }

    @Test
    void answerThatAFilterOrItsLengthHasEndedIsFinal() {
        start("cache: { mode: off }\n");
        String filtered = COMPLETION.replace("\"stop\"", "\"content_filter\"");
        upstream.does(1, json(200, filtered), NEXT);
        assertThat(answered("BOT", "k", body(false, "Hello")).body()).isEqualTo(filtered);
        assertThat(answered("BOT", "k", body(false, "Hello")).body()).isEqualTo(filtered);
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void cutStreamIsNotKept() throws Exception {
        start("");
        CompletableFuture<HttpResponse<InputStream>> first = gateway.stream(request("BOT", "k", body(true, "Hello")));
        awaitRuns(1);
        upstream.does(1, EVENTS, chunk(event(1)), CLOSE);
        first.get(20, TimeUnit.SECONDS).body().close();
        upstream.does(2, EVENTS, chunk(event(2)), DONE, NEXT);
        Await.until("the first is over", () -> gateway.metric("sluice_in_flight") == 0);
        assertThat(answered("BOT", "k", body(true, "Hello")).body()).isEqualTo(event(2) + "data: [DONE]\n\n");
        assertThat(answered("BOT", "k", body(true, "Hello")).body()).isEqualTo(event(2) + "data: [DONE]\n\n");
        assertThat(upstream.runs()).isEqualTo(2);
    }

    @Test
    void whatALimitRefusesIsNotKept() {
        ManualTime time = new ManualTime();
        gateway.at(time);
        gateway.before(upstream.port()).start("tenants: [{ name: bot, rpm: 1, keys: [\"${BOT}\"] }]\n");
        upstream.does(1, json(200, COMPLETION), NEXT);
        upstream.does(2, json(200, COMPLETION), NEXT);
        assertThat(answered("BOT", "a", body(false, "Hello")).statusCode()).isEqualTo(200);
        assertThat(answered("BOT", "b", body(false, "Bye")).statusCode()).isEqualTo(429);
        time.advance(Duration.ofSeconds(61));
        assertThat(answered("BOT", "b", body(false, "Bye")).statusCode()).isEqualTo(200);
        assertThat(upstream.runs()).isEqualTo(2);
    }

    @Test
    void answersAreForgottenAfterTheirTime() {
        ManualTime time = new ManualTime();
        gateway.at(time);
        start("cache: { mode: off }\nidempotency: { ttl: 1h }\n");
        upstream.does(1, json(200, COMPLETION), NEXT);
        upstream.does(2, json(200, COMPLETION), NEXT);
        answered("BOT", "k", body(false, "Hello"));
        time.advance(Duration.ofMinutes(59));
        assertThat(did(answered("BOT", "k", body(false, "Hello")))).isEqualTo("REPLAYED");
        time.advance(Duration.ofMinutes(2));
        assertThat(did(answered("BOT", "k", body(false, "Hello")))).isEqualTo("BYPASS");
    }

    @Test
    void retryFindsRoomAlthoughTheFirstCallTookAllOfIt() {
        start("");
        String body = body(false, "Hello");
        try (RawClient first = impatient("NARROW", "k", body)) {
            awaitRuns(1);
            timesOut(first, 0);
        }
        Await.until("it continues alone", () -> gateway.metric("sluice_continued_calls") == 1);
        CompletableFuture<HttpResponse<String>> retry = ask("NARROW", "k", body);
        Await.until("it follows", () -> gateway.metric("sluice_cache_followers") == 1);
        upstream.does(1, json(200, COMPLETION), NEXT);
        assertThat(retry.join().body()).isEqualTo(COMPLETION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"continue-for: 0s", "continue-for: 1ms", "max-continued: 0"})
    void callThatMayNotContinueIsCancelled(String bound) {
        start("idempotency: { " + bound + " }\n");
        try (RawClient first = impatient("BOT", "k", body(false, "Hello"))) {
            awaitRuns(1);
            first.reset();
        }
        Await.until("it is over", () -> gateway.metric("sluice_in_flight{tenant=\"bot\"}") == 0
                && gateway.metric("sluice_continued_calls") == 0);
        upstream.does(2, json(200, COMPLETION), NEXT);
        assertThat(answered("BOT", "k", body(false, "Hello")).body()).isEqualTo(COMPLETION);
    }

    @Test
    void callWithoutAKeyIsCancelledAsBefore() {
        start("");
        try (RawClient first = impatient("BOT", "", body(false, "Hello"))) {
            awaitRuns(1);
            first.reset();
        }
        Await.until("it is over", () -> gateway.metric("sluice_in_flight{tenant=\"bot\"}") == 0);
        assertThat(gateway.metric("sluice_continued_calls")).isZero();
    }

    @Test
    void identicalCallsWithKeysOfTheirOwnShareACallAndEachIsRepeatable() {
        start("");
        String body = body(false, "Hello");
        try (RawClient first = impatient("BOT", "", body)) {
            awaitRuns(1);
            try (RawClient named = impatient("BOT", "mine", body)) {
                Await.until("it follows", () -> gateway.metric("sluice_cache_followers") == 1);
                timesOut(first, 1);
                timesOut(named, 0);
            }
        }
        Await.until("it continues alone", () -> gateway.metric("sluice_continued_calls") == 1);
        CompletableFuture<HttpResponse<String>> retry = ask("BOT", "mine", body);
        Await.until("it follows", () -> gateway.metric("sluice_cache_followers") == 1);
        upstream.does(1, json(200, COMPLETION), NEXT);
        assertThat(retry.join().body()).isEqualTo(COMPLETION);
        assertThat(isReplayed(retry.join())).isTrue();
        awaitKept();
        assertThat(did(answered("BOT", "mine", body))).isEqualTo("REPLAYED");
        assertThat(answered("BOT", "mine", body(false, "Bye")).statusCode()).isEqualTo(422);
        assertThat(upstream.runs()).isEqualTo(1);
    }

    @Test
    void repeatsOfACallThatFailsAreCalledOneAfterAnother() {
        start("cache: { join: false }\n");
        String body = body(false, "Hello");
        List<CompletableFuture<HttpResponse<String>>> asked = List.of(ask("BOT", "k", body), ask("BOT", "k", body),
                ask("BOT", "k", body), ask("BOT", "k", body));
        Await.until("three follow", () -> upstream.runs() == 1 && gateway.metric("sluice_cache_followers") == 3);
        upstream.does(1, CLOSE);
        upstream.does(2, CLOSE);
        upstream.does(3, json(200, COMPLETION), NEXT);
        assertThat(asked.stream().map(each -> each.join().statusCode()).sorted()).containsExactly(200, 200, 502, 502);
        assertThat(upstream.runs()).isEqualTo(3);
    }

    @Test
    void repeatOfACallWhoseAnswerIsTooLargeToShareComesBackLater() throws Exception {
        start("cache: { max-entry: 1KiB }\n");
        String body = body(true, "Hello");
        CompletableFuture<HttpResponse<InputStream>> first = gateway.stream(request("BOT", "k", body));
        awaitRuns(1);
        upstream.does(1, EVENTS, chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "x".repeat(2000)
                + "\"}}]}\n\n"));
        try (InputStream answer = first.get(20, TimeUnit.SECONDS).body()) {
            assertThat(answer.readNBytes(2000)).hasSize(2000);
            HttpResponse<String> early = answered("BOT", "k", body);
            assertThat(early.statusCode()).isEqualTo(409);
            assertThat(code(early)).isEqualTo("idempotency_key_in_use");
            assertThat(early.headers().firstValue("retry-after")).contains("1");
            upstream.does(1, DONE, NEXT);
            assertThat(new String(answer.readAllBytes(), StandardCharsets.UTF_8)).endsWith("data: [DONE]\n\n");
        }
        assertThat(upstream.runs()).isEqualTo(1);
    }
}
