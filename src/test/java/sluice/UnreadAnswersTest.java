package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.EchoUpstream;
import sluice.testing.RawClient;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Answers that nobody reads are cut in time, whoever gives them, and all that they had taken is given back. */
@Timeout(120)
class UnreadAnswersTest {
    private static final String TENANT_KEY = "sk-sluice-0123456789abcdef0123";
    private static final String LARGE = "x".repeat(900_000);
    private static final String COMPLETION = new JsonObject().put("id", "chatcmpl-1").put("object", "chat.completion")
            .put("model", "gpt-4o").put("choices", new JsonArray().add(new JsonObject().put("index", 0)
                    .put("finish_reason", "stop")
                    .put("message", new JsonObject().put("role", "assistant").put("content", LARGE))))
            .encode();

    private final Vertx vertx = Vertx.vertx();
    private final EchoUpstream upstream = EchoUpstream.start(vertx, UnreadAnswersTest::answer);
    private @Nullable Gateway gateway;

    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.stop().await();
        }
        vertx.close().await();
    }

    private static void answer(HttpServerRequest request, Buffer body) {
        boolean stream = body.length() > 0 && new JsonObject(body).getBoolean("stream", false);
        request.response().putHeader("content-type", stream ? "text/event-stream" : "application/json");
        if (request.uri().endsWith("/models")) {
            request.response().end(new JsonObject().put("object", "list").put("data",
                    new JsonArray().add(new JsonObject().put("id", LARGE).put("object", "model"))).encode());
        } else if (stream) {
            request.response().setChunked(true);
            pour(request);
        } else {
            request.response().end(COMPLETION);
        }
    }

    /** Events without end, as fast as they are taken. */
    private static void pour(HttpServerRequest request) {
        request.response()
                .write("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "y".repeat(50_000) + "\"}}]}\n\n")
                .onSuccess(taken -> pour(request));
    }

    private Gateway start(String listen) throws Exception {
        return start("500ms", listen, "");
    }

    private Gateway start(String writeIdle, String listen, String more) throws Exception {
        gateway = Gateway.start(
                TestConfig.parse("""
                        listen: { host: 127.0.0.1, port: 0, write-idle: %s, body-floor: 1MiB/s%s }
                        admin: { host: 127.0.0.1, port: 0 }
                        ledger: { url: "sqlite:%s" }
                        upstream:
                          base-url: http://127.0.0.1:%d/v1
                          accounts: [{ name: main, rpm: 100000, strict: false, keys: [sk-upstream-0123456789abcdef] }]
                        tenants: [{ name: bot, rpm: 100000, keys: [%s] }]
                        """.formatted(writeIdle, listen, folder.resolve("ledger.db"), upstream.port(), TENANT_KEY)
                        + more, name -> null),
                Time.system()).await();
        return gateway;
    }

    private static boolean shows(Gateway gateway, String line) {
        try (var client = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.adminPort() + "/metrics")).build(),
                    BodyHandlers.ofString()).body().lines().anyMatch(each -> each.startsWith(line));
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"hits and misses, POST, /chat/completions, false", "streams, POST, /chat/completions, true",
            "models, GET, /models, false"})
    void connectionWhoseClientReadsNothingIsCut(String what, String method, String path, boolean stream)
            throws Exception {
        Gateway running = start("");
        String body = method.equals("GET")
                ? ""
                : "{\"model\":\"gpt-4o\",\"messages\":[],\"stream\":" + stream + "}";
        try (RawClient deaf = new RawClient(2, running.port(), 4096)) {
            deaf.write((method + " /v1" + path + " HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + TENANT_KEY
                    + "\r\ncontent-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n" + body)
                    .repeat(20));
            Await.until("it is open", () -> shows(running, "sluice_connections 1.0"));
            Await.until("it is cut", () -> shows(running, "sluice_connections 0.0"));
        }
        assertNothingIsHeld(running);
        if (stream) {
            assertThat(shows(running,
                    "sluice_requests_total{code=\"200\",endpoint=\"chat_completions\",outcome=\"client-gone\"")
                    || shows(running,
                            "sluice_requests_total{code=\"200\",endpoint=\"chat/completions\",outcome=\"client-gone\""))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"hits, POST, /chat/completions, false", "misses, POST, /chat/completions, false",
            "streams, POST, /chat/completions, true",
            "models, GET, /models, false"})
    void streamOfHttp2ThatNobodyReadsIsCut(String what, String method, String path, boolean stream) throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        Gateway running = start(", tls: { certificate: \"" + certificate.pem() + "\", key: \"" + certificate.key()
                + "\" }");
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setSsl(true).setUseAlpn(true)
                .setTrustAll(true).setVerifyHost(false).setProtocolVersion(HttpVersion.HTTP_2));
        if (what.equals("hits")) {
            // A client whose classes are still being loaded may itself read too little at first.
            Await.until("a whole answer", () -> onLoop(
                    () -> send(client, running, method, path, stream).compose(HttpClientResponse::body))
                    .map(Buffer::length).otherwise(0).await() > LARGE.length());
        }
        for (int i = 0; i < 2; i++) {
            Promise<Void> cut = Promise.promise();
            HttpClientResponse response = onLoop(() -> send(client, running, method, path, stream)
                    .onSuccess(answer -> answer.pause().exceptionHandler(reset -> cut.tryComplete()))).await();
            response.request().connection().closeHandler(closed -> cut.tryComplete());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
            Await.until("its stream is reset", () -> cut.future().isComplete());
        }
        assertNothingIsHeld(running);
    }

    /** Each has a copy on the heap until it is read. */
    @Test
    void cachedAnswersThatNobodyReadsAreBounded() throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        Gateway running = start("5s", ", tls: { certificate: \"" + certificate.pem() + "\", key: \""
                + certificate.key() + "\" }", "cache: { max-size: 32MiB, max-entry: 4MiB }\n");
        HttpClient client = vertx.createHttpClient(new HttpClientOptions().setSsl(true).setUseAlpn(true)
                .setTrustAll(true).setVerifyHost(false).setProtocolVersion(HttpVersion.HTTP_2));
        Await.until("a whole answer", () -> onLoop(() -> send(client, running, "POST", "/chat/completions", false)
                .compose(HttpClientResponse::body)).map(Buffer::length).otherwise(0).await() > LARGE.length());
        List<Integer> statuses = new ArrayList<>();
        while (!statuses.contains(503) && statuses.size() < 8 * 1024 * 1024 / LARGE.length() + 1) {
            statuses.add(onLoop(() -> send(client, running, "POST", "/chat/completions", false)
                    .onSuccess(answer -> answer.pause().exceptionHandler(reset -> {
                        // As it must be.
                    }))).await().statusCode());
        }
        assertThat(statuses).startsWith(200).endsWith(503);
        assertNothingIsHeld(running);
        Await.until("the copies are gone", () -> shows(running, "sluice_shared_used_ratio{thing=\"recordings\"} 0.0"));
    }

    /** Another thread might say what to do with an answer only after it has come. */
    private <T> Future<T> onLoop(Supplier<Future<T>> asking) {
        Promise<T> answer = Promise.promise();
        vertx.runOnContext(now -> asking.get().onComplete(answer));
        return answer.future();
    }

    private static Future<HttpClientResponse> send(HttpClient client, Gateway running, String method, String path,
            boolean stream) {
        return client
                .request(new RequestOptions().setHost("127.0.0.1").setPort(running.port())
                        .setMethod(HttpMethod.valueOf(method)).setURI("/v1" + path)
                        .addHeader("authorization", "Bearer " + TENANT_KEY)
                        .addHeader("content-type", "application/json"))
                .compose(request -> method.equals("GET")
                        ? request.send()
                        : request.send("{\"model\":\"gpt-4o\",\"messages\":[],\"stream\":" + stream + "}"));
    }

    private static void assertNothingIsHeld(Gateway running) {
        Await.until("nothing is reserved", () -> running.outstanding() == 0);
        Await.until("no call is in flight", () -> shows(running, "sluice_in_flight{tenant=\"bot\"} 0.0"));
        Await.until("no upstream connection is held",
                () -> shows(running, "sluice_shared_used_ratio{thing=\"upstream-connections\"} 0.0"));
    }

    @Test
    void slowReaderIsLetRead() throws Exception {
        Gateway running = start("");
        try (RawClient slow = new RawClient(2, running.port(), 4096)) {
            slow.write("GET /v1/models HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + TENANT_KEY
                    + "\r\n\r\n");
            assertThat(slow.answer()).startsWith("HTTP/1.1 200").endsWith("\"object\":\"model\"}]}");
        }
    }
}
