package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.cli.Gateway;
import sluice.openai.Endpoint;
import sluice.openai.EnvelopeReader;
import sluice.openai.TokenEstimate;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.ScriptedUpstream;
import sluice.testing.ScriptedUpstream.Script;
import sluice.testing.TestConfig;
import sluice.time.Time;

/**
 * The ways in which an attempt can end: how often the model runs, what the caller sees, and what stays spent of its
 * tenant's requests and tokens and of the account's tokens.
 */
@Timeout(120)
class AttemptEndingsTest {
    private static final String TENANT_KEY = "sk-sluice-0123456789abcdef0123";
    private static final int REQUESTS = 1000;
    private static final int TOKENS = 1_000_000;
    private static final String CHAT = new JsonObject().put("model", "m").put("max_tokens", 5000)
            .put("messages", List.of(new JsonObject().put("role", "user").put("content", "x".repeat(4000)))).encode();
    private static final String LARGE = CHAT.replace("\"model\"",
            "\"ignored\":\"" + "x".repeat(16 << 20) + "\",\"model\"");
    private static final String STREAM = CHAT.replace("\"model\"", "\"stream\":true,\"model\"");
    private static final String FORM = "--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
            + "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + "y".repeat(16 << 20)
            + "\r\n--x--\r\n";
    private static final String OK = "{\"object\":\"chat.completion\"}";
    private static final String USED_70 = "{\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":40,\"total_tokens\":70}}";
    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    private static final String EVENTS = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

    private static final long READ = read(CHAT);
    private static final long RESERVED = READ + 5000;

    /** What the caller does. */
    enum Caller {
        WAITS, LEAVES
    }

    /** What must come out; the status is 0 where the answer breaks off. */
    record Expected(int runs, int attempts, int status, String code, int requests, double tokens,
            double accountTokens) {}

    record Case(String name, String path, String body, Script script, Caller caller, Expected expected) {

        Case with(String otherBody) {
            return new Case(name, path, otherBody, script, caller, expected);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @TempDir
    private Path directory = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.shutdownNow();
        vertx.close().await();
    }

    private static long read(String body) {
        try {
            return TokenEstimate.input(Endpoint.CHAT_COMPLETIONS,
                    EnvelopeReader.read(body.getBytes(StandardCharsets.UTF_8), Endpoint.RESPONSES));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Case chat(String name, Script script, Expected expected) {
        return new Case(name, "/chat/completions", CHAT, script, Caller.WAITS, expected);
    }

    private static Case streamed(String name, Script script, Caller caller, Expected expected) {
        return new Case(name, "/chat/completions", STREAM, script, caller, expected);
    }

    /** The model runs, and then something happens. */
    private static Script ran(Script then) {
        return (peer, number) -> {
            peer.readBody();
            peer.run();
            then.serve(peer, number);
        };
    }

    /** All of the call came, and no model runs. */
    private static Script refused(int status, String body, String... headers) {
        return (peer, number) -> {
            peer.readBody();
            peer.answer(status, body, headers);
        };
    }

    private static String error(String code) {
        return "{\"error\":{\"message\":\"no\",\"type\":\"x\",\"param\":null,\"code\":\"" + code + "\"}}";
    }

    /** The first call goes well, so that the second finds a connection that was used before. */
    private static Script reused(Script second) {
        return (peer, number) -> {
            if (number == 1) {
                peer.readBody();
                peer.answer(200, USED_70);
            } else {
                second.serve(peer, number);
            }
        };
    }

    static Stream<Case> cases() {
        return Stream.of(
                chat("200 with usage", ran((peer, n) -> peer.answer(200, USED_70)),
                        new Expected(1, 1, 200, "", 1, 70, 70)),
                chat("200 without usage", ran((peer, n) -> peer.answer(200, OK)),
                        new Expected(1, 1, 200, "", 1, RESERVED, RESERVED)),
                chat("200 with usage that cannot be read", ran((peer, n) -> peer.answer(200, "{\"usage\":[1]}")),
                        new Expected(1, 1, 200, "", 1, RESERVED, RESERVED)),
                chat("400", refused(400, error("invalid_value")),
                        new Expected(0, 1, 400, "invalid_value", 1, 0, READ)),
                chat("404", refused(404, error("model_not_found")),
                        new Expected(0, 1, 404, "model_not_found", 1, 0, READ)),
                chat("429 for longer than the caller waits", refused(429, error("rate_limit_exceeded"),
                        "retry-after: 50"), new Expected(0, 1, 429, "upstream_quota_exhausted", 1, 0, READ)),
                chat("429, then 200", (peer, number) -> {
                    peer.readBody();
                    if (number == 1) {
                        peer.answer(429, error("rate_limit_exceeded"), "retry-after-ms: 20");
                    } else {
                        peer.run();
                        peer.answer(200, USED_70);
                    }
                }, new Expected(1, 2, 200, "", 1, 70, READ + 70)),
                chat("500", refused(500, error("server_error")),
                        new Expected(0, 1, 500, "server_error", 1, 0, READ)),
                chat("502", refused(502, error("bad_gateway")), new Expected(0, 1, 502, "bad_gateway", 1, 0, READ)),
                chat("503 each time", refused(503, error("overloaded")),
                        new Expected(0, 3, 503, "overloaded", 1, 0, 3 * READ)),
                chat("504", refused(504, error("timeout")), new Expected(0, 1, 504, "timeout", 1, 0, READ)),
                chat("520", refused(520, error("unknown")), new Expected(0, 1, 520, "unknown", 1, 0, READ)),
                chat("524", refused(524, error("timeout")), new Expected(0, 1, 524, "timeout", 1, 0, READ)),
                chat("FIN on a new connection", ran((peer, n) -> peer.close()),
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                chat("RST on a new connection", ran((peer, n) -> peer.reset()),
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                chat("bytes that are no HTTP", ran((peer, n) -> {
                    peer.write("220 mail.example.com ESMTP\r\n\r\n");
                    peer.close();
                }), new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                chat("FIN within the status line", ran((peer, n) -> {
                    peer.write("HTTP/1.1 20");
                    peer.close();
                }), new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                chat("FIN within the head", ran((peer, n) -> {
                    peer.write("HTTP/1.1 200 OK\r\ncontent-type: appl");
                    peer.close();
                }), new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                chat("FIN behind the head", ran((peer, n) -> {
                    peer.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n");
                    peer.close();
                }), new Expected(1, 1, 0, "upstream_error", 1, READ, READ)),
                chat("RST within the body", ran((peer, n) -> {
                    peer.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n{\"a\"");
                    peer.reset();
                }), new Expected(1, 1, 0, "upstream_error", 1, READ, READ)),
                chat("silence", ran((peer, n) -> peer.awaitEnd()),
                        new Expected(1, 1, 504, "upstream_timeout", 1, RESERVED, RESERVED)),
                chat("large body of which not all was read, then 200", (peer, number) -> {
                    if (number == 1) {
                        peer.read(65_536);
                        peer.reset();
                    } else {
                        peer.readBody();
                        peer.run();
                        peer.answer(200, USED_70);
                    }
                }, new Expected(1, 2, 200, "", 1, 70, 70)).with(LARGE),
                streamed("stream to its end mark", ran((peer, n) -> peer.write(EVENTS + chunk(EVENT)
                        + chunk("data: " + USED_70 + "\n\n") + chunk("data: [DONE]\n\n") + "0\r\n\r\n")), Caller.WAITS,
                        new Expected(1, 1, 200, "", 1, 70, 70)),
                streamed("stream that breaks off", ran((peer, n) -> {
                    peer.write(EVENTS + chunk(EVENT) + chunk(EVENT));
                    peer.reset();
                }), Caller.WAITS, new Expected(1, 1, 0, "upstream_error", 1, READ, READ)),
                streamed("stream that breaks off far behind what was read", ran((peer, n) -> {
                    peer.write(EVENTS + chunk(EVENT.repeat(3000)));
                    peer.close();
                }), Caller.WAITS, new Expected(1, 1, 0, "upstream_error", 1, 3000, 3000)),
                streamed("stream that ends without its mark", ran((peer, n) -> {
                    peer.write(EVENTS + chunk(EVENT) + "0\r\n\r\n");
                }), Caller.WAITS, new Expected(1, 1, 0, "upstream_error", 1, READ, READ)),
                streamed("caller that leaves before the head", ran((peer, n) -> peer.awaitEnd()), Caller.LEAVES,
                        new Expected(1, 1, 0, "", 1, READ, READ)),
                streamed("caller that leaves within a stream", ran((peer, n) -> {
                    peer.write(EVENTS + chunk(EVENT));
                    peer.awaitEnd();
                }), Caller.LEAVES, new Expected(1, 1, 0, "", 1, READ, READ)),
                new Case("fine-tuning job on a used connection", "/fine_tuning/jobs", "{\"model\":\"m\"}",
                        reused(ran((peer, n) -> peer.close())), Caller.WAITS,
                        new Expected(1, 1, 502, "upstream_error", 1, 0, 0)),
                new Case("thread run on a used connection", "/threads/t/runs", "{\"model\":\"m\",\"max_tokens\":5000}",
                        reused(ran((peer, n) -> peer.reset())), Caller.WAITS,
                        new Expected(1, 1, 502, "upstream_error", 1, 5000, 5000)),
                new Case("FIN on a used connection", "/chat/completions", CHAT,
                        reused(ran((peer, n) -> peer.close())), Caller.WAITS,
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Case("RST on a used connection", "/chat/completions", CHAT,
                        reused(ran((peer, n) -> peer.reset())), Caller.WAITS,
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Case("some bytes of an answer on a used connection", "/chat/completions", CHAT,
                        reused(ran((peer, n) -> {
                            peer.write("HTT");
                            peer.close();
                        })), Caller.WAITS, new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Case("upload whose upstream leaves behind its end", "/audio/transcriptions", FORM,
                        ran((peer, n) -> peer.close()), Caller.WAITS,
                        new Expected(1, 1, 502, "upstream_error", 1, 0, 0)),
                new Case("upload whose upstream leaves within it", "/audio/transcriptions", FORM, (peer, n) -> {
                    peer.read(1000);
                    peer.reset();
                }, Caller.WAITS, new Expected(0, 1, 502, "upstream_error", 0, 0, 0)),
                new Case("stored object on a used connection", "/responses/r/cancel", "{}",
                        reused(ran((peer, n) -> peer.close())), Caller.WAITS,
                        new Expected(1, 1, 502, "upstream_error", 1, 0, 0)));
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void ofHttp1(Case each) throws Exception {
        try (ScriptedUpstream upstream = ScriptedUpstream.start(each.script())) {
            Gateway gateway = gateway("http://127.0.0.1:" + upstream.port() + "/v1", "");
            Ratios before = new Ratios(0, 0, 0);
            int beforeHeads = 0;
            if (each.name().contains("used connection")) {
                assertThat(call(gateway, "/chat/completions", CHAT).statusCode()).isEqualTo(200);
                before = spent(gateway);
                beforeHeads = 1;
            }
            Optional<HttpResponse<String>> answer = each.caller() == Caller.LEAVES
                    ? leave(gateway, each, upstream)
                    : answer(gateway, each);
            assertSpent(each, gateway, before, answer);
            assertThat(upstream.runs()).as("runs").isEqualTo(each.expected().runs());
            assertThat(upstream.heads() - beforeHeads).as("attempts").isEqualTo(each.expected().attempts());
            gateway.stop().await();
        }
    }

    record Http2Case(String name, BiConsumer<HttpServerRequest, Integer> script, Expected expected) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static void answer(HttpServerRequest request) {
        request.response().putHeader("content-type", "application/json").end(USED_70);
    }

    /** Vert.x has no other way to name the last stream. */
    @SuppressWarnings("deprecation")
    private static void goAway(HttpServerRequest request, int lastStreamId) {
        request.connection().goAway(0, lastStreamId);
    }

    /** Ends the connection without a word. */
    private static void drop(HttpServerRequest request) {
        var _ = ((ConnectionBase) request.connection()).channel().close();
    }

    static Stream<Http2Case> http2Cases() {
        return Stream.of(
                new Http2Case("200", (request, number) -> answer(request), new Expected(1, 1, 200, "", 1, 70, 70)),
                new Http2Case("REFUSED_STREAM, then 200", (request, number) -> {
                    if (number == 1) {
                        request.response().reset(7);
                    } else {
                        answer(request);
                    }
                }, new Expected(1, 2, 200, "", 1, 70, 70)),
                new Http2Case("INTERNAL_ERROR", (request, number) -> request.response().reset(2),
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Http2Case("CANCEL", (request, number) -> request.response().reset(8),
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Http2Case("GOAWAY before the call's stream, then 200", (request, number) -> {
                    if (number == 1) {
                        goAway(request, 0);
                    } else {
                        answer(request);
                    }
                }, new Expected(1, 2, 200, "", 1, 70, 70)),
                new Http2Case("GOAWAY behind the call's stream", (request, number) -> {
                    goAway(request, 1);
                    drop(request);
                }, new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Http2Case("connection that closes", (request, number) -> drop(request),
                        new Expected(1, 1, 502, "upstream_error", 1, RESERVED, RESERVED)),
                new Http2Case("reset within the answer", (request, number) -> {
                    request.response().putHeader("content-type", "application/json").putHeader("content-length", "99");
                    request.response().write("{\"a\"").onComplete(written -> request.response().reset(2));
                }, new Expected(1, 1, 0, "upstream_error", 1, READ, READ)));
    }

    @ParameterizedTest
    @MethodSource("http2Cases")
    void ofHttp2(Http2Case each) throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = vertx
                .createHttpServer(new HttpServerOptions().setSsl(true).setUseAlpn(true)
                        .setAlpnVersions(List.of(HttpVersion.HTTP_2)).setKeyCertOptions(new PemKeyCertOptions()
                                .setCertPath(certificate.pem().toString()).setKeyPath(certificate.key().toString())))
                .requestHandler(request -> request.body()
                        .onSuccess(body -> each.script().accept(request, requests.incrementAndGet())))
                .listen(0, "127.0.0.1").await();
        Gateway gateway = gateway("https://127.0.0.1:" + server.actualPort() + "/v1", "ca-file: " + certificate.pem());
        Case chat = chat(each.name(), (peer, number) -> {}, each.expected());
        assertSpent(chat, gateway, new Ratios(0, 0, 0), answer(gateway, chat));
        assertThat(requests).as("attempts").hasValue(each.expected().attempts());
        gateway.stop().await();
    }

    /** How much of the daily limits was spent. */
    private record Ratios(double requests, double tokens, double accountTokens) {}

    private void assertSpent(Case each, Gateway gateway, Ratios before, Optional<HttpResponse<String>> answer) {
        Expected expected = each.expected();
        assertThat(answer.map(HttpResponse::statusCode).orElse(0)).as("status").isEqualTo(expected.status());
        if (answer.isPresent() && !expected.code().isEmpty()) {
            assertThat(new JsonObject(answer.get().body()).getJsonObject("error").getString("code")).as("code")
                    .isEqualTo(expected.code());
            if (expected.attempts() == 1 && expected.status() >= 500) {
                assertThat(answer.get().headers().firstValue("x-should-retry")).isEmpty();
            }
        }
        Await.until("open reservations", gateway::outstanding, 0);
        Ratios after = spent(gateway);
        assertThat(after.requests() - before.requests()).as("requests").isEqualTo(expected.requests(), within(0.5));
        assertThat(after.tokens() - before.tokens()).as("tokens").isEqualTo(expected.tokens(), within(60.0));
        assertThat(after.accountTokens() - before.accountTokens()).as("the account's tokens")
                .isEqualTo(expected.accountTokens(), within(60.0));
    }

    private Ratios spent(Gateway gateway) {
        String metrics = send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.adminPort() + "/metrics")))
                .orElseThrow().body();
        return new Ratios(spent(metrics, "sluice_limit_remaining_ratio{limit=\"rpd\"", REQUESTS),
                spent(metrics, "sluice_limit_remaining_ratio{limit=\"tpd\"", TOKENS),
                spent(metrics, "sluice_account_remaining_ratio{account=\"main\",limit=\"tpd\"", TOKENS));
    }

    private static double spent(String metrics, String series, int limit) {
        String line = metrics.lines().filter(each -> each.startsWith(series)).findFirst().orElseThrow();
        return limit * (1 - Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)));
    }

    private Optional<HttpResponse<String>> answer(Gateway gateway, Case each) {
        return send(request(gateway, each.path(), each.body()));
    }

    private HttpResponse<String> call(Gateway gateway, String path, String body) {
        return send(request(gateway, path, body)).orElseThrow();
    }

    private Optional<HttpResponse<String>> leave(Gateway gateway, Case each, ScriptedUpstream upstream) {
        CompletableFuture<HttpResponse<String>> call = client.sendAsync(
                request(gateway, each.path(), each.body()).build(), BodyHandlers.ofString());
        Await.until("the call upstream", upstream::whole, 1);
        call.cancel(true);
        return Optional.empty();
    }

    private Optional<HttpResponse<String>> send(HttpRequest.Builder request) {
        try {
            return Optional.of(client.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException brokenOff) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest.Builder request(Gateway gateway, String path, String body) {
        boolean form = body.startsWith("--x");
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1" + path))
                .header("authorization", "Bearer " + TENANT_KEY)
                .header("content-type", form ? "multipart/form-data; boundary=x" : "application/json")
                .POST(BodyPublishers.ofString(body));
    }

    private Gateway gateway(String base, String more) throws Exception {
        return Gateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                cache: { mode: 'off' }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: %s
                  timeouts: { first-byte: 400ms }
                  breaker: { of-at-least: 1000 }
                  accounts:
                    - { name: main, rpm: 100000, tpd: %d, strict: false, shared-objects: true, keys: [sk-upstream-1] }
                  %s
                tenants:
                  - name: bot
                    rpd: %d
                    tpd: %d
                    endpoints: ['*']
                    keys: ["%s"]
                """.formatted(directory.resolve("ledger.db"), base, TOKENS, more, REQUESTS, TOKENS, TENANT_KEY),
                name -> null), Time.system()).await();
    }
}
