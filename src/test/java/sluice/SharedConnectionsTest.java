package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Gateway;
import sluice.net.ConnectionEnd;
import sluice.testing.Await;
import sluice.testing.CapturedLog;
import sluice.testing.Certificate;
import sluice.testing.ManualTime;
import sluice.testing.TestConfig;

/** Calls that share a connection of HTTP/2, of their caller or to the upstream, do not feel one another. */
@Timeout(40)
class SharedConnectionsTest {
    private static final String KEY = "sk-sluice-0123456789abcdef0123";
    private static final Buffer ENDLESS = Buffer.buffer("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            + "y".repeat(50_000) + "\"}}]}\n\n");

    private final Vertx vertx = Vertx.vertx();
    private final ManualTime clock = new ManualTime();
    private final AtomicInteger begun = new AtomicInteger();
    private final Set<NetSocket> dead = ConcurrentHashMap.newKeySet();
    private final List<NetSocket> passing = new ArrayList<>();
    private Certificate certificate;
    private HttpServer upstream;
    private @Nullable Gateway gateway;

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void listen() throws Exception {
        certificate = Certificate.selfSigned(folder, "127.0.0.1", "localhost", "-keyalg", "EC", "-startdate", "-2y",
                "-validity", "3650");
        upstream = vertx.createHttpServer(new HttpServerOptions().setSsl(true).setUseAlpn(true)
                .setHttp2ConnectionWindowSize(16 << 20).setKeyCertOptions(
                        new PemKeyCertOptions().setCertPath(certificate.pem().toString())
                                .setKeyPath(certificate.key().toString())))
                .requestHandler(this::answer).listen(0, "127.0.0.1").await();
    }

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.stop().await();
        }
        vertx.close().await();
    }

    /** What the model's name asks for. */
    private void answer(HttpServerRequest request) {
        begun.incrementAndGet();
        if (request.uri().contains("transcriptions")) {
            request.pause();
            return;
        }
        request.body().onSuccess(body -> {
            String model = new JsonObject(body).getString("model");
            switch (model) {
                case "endless" -> {
                    request.response().putHeader("content-type", "text/event-stream").setChunked(true);
                    pour(request);
                }
                case "slow" -> vertx.setTimer(3_000, over -> request.response()
                        .putHeader("content-type", "application/json").end("{}"));
                default -> request.response().putHeader("content-type", "application/json").end("{}");
            }
        });
    }

    private static void pour(HttpServerRequest request) {
        request.response().write(ENDLESS).onSuccess(taken -> pour(request));
    }

    private Gateway start(int upstreamPort) throws Exception {
        Gateway started = Gateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0, tls: { certificate: "%1$s", key: "%2$s" } }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { url: "sqlite:%3$s" }
                cache: { mode: off }
                upstream:
                  base-url: https://127.0.0.1:%4$d/v1
                  ca-file: "%1$s"
                  timeouts: { connect: 1s }
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: [sk-upstream-0123456789abcdef] }]
                tenants: [{ name: bot, rpm: 100000, keys: [%5$s] }]
                """.formatted(certificate.pem(), certificate.key(), folder.resolve("ledger.db"), upstreamPort, KEY),
                name -> null), clock.time()).await();
        gateway = started;
        return started;
    }

    private HttpClient client(HttpVersion version, int connections) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions().setSsl(true).setUseAlpn(version == HttpVersion.HTTP_2).setTrustAll(true)
                        .setVerifyHost(false).setProtocolVersion(version))
                .with(new PoolOptions().setHttp1MaxSize(connections).setHttp2MaxSize(connections))
                .withConnectHandler(ConnectionEnd::handOnUnread).build();
    }

    private Future<HttpClientRequest> ask(HttpClient client, String key, String path) {
        return client.request(new RequestOptions().setHost("127.0.0.1").setPort(running().port())
                .setMethod(HttpMethod.POST).setURI("/v1" + path).putHeader("authorization", "Bearer " + key)
                .putHeader("content-type", "application/json"));
    }

    private Future<HttpClientResponse> send(HttpClient client, String key, String body) {
        return ask(client, key, "/chat/completions").compose(request -> request.send(Buffer.buffer(body)));
    }

    private Gateway running() {
        return Objects.requireNonNull(gateway);
    }

    private static String call(String model, int length) {
        return new JsonObject().put("model", model).put("messages", "x".repeat(length)).encode();
    }

    /** Another thread might say what to do with an answer only after it has come. */
    private <T> T await(Supplier<Future<T>> asking) {
        Promise<T> answer = Promise.promise();
        vertx.runOnContext(now -> asking.get().onComplete(answer));
        return answer.future().await();
    }

    @Test
    void answerThatNobodyReadsLeavesRoomForThoseBesideIt() throws Exception {
        start(upstream.actualPort());
        HttpClient greedy = client(HttpVersion.HTTP_1_1, 8);
        for (int i = 0; i < 8; i++) {
            assertThat(await(() -> send(greedy, KEY, call("endless", 10)).onSuccess(HttpClientResponse::pause))
                    .statusCode()).isEqualTo(200);
        }
        HttpClient other = client(HttpVersion.HTTP_1_1, 8);
        for (int i = 0; i < 8; i++) {
            assertThat(await(() -> send(other, KEY, call("small", 10)).compose(HttpClientResponse::body)).toString())
                    .isEqualTo("{}");
        }
        await(() -> greedy.close());
    }

    @Test
    void bodyOfARefusedCallDoesNotHoldUpTheNextOne() throws Exception {
        start(upstream.actualPort());
        HttpClient caller = client(HttpVersion.HTTP_2, 1);
        assertThat(await(() -> send(caller, KEY, call("small", 100))).statusCode()).isEqualTo(200);
        for (int i = 0; i < 3; i++) {
            assertThat(await(() -> send(caller, "sk-wrong", call("small", 3_000_000))).statusCode()).isEqualTo(401);
            assertThat(await(() -> send(caller, KEY, call("small", 100_000))).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void refusedCallWhoseBodyNeverEndsIsStoppedAlone() throws Exception {
        start(upstream.actualPort());
        HttpClient caller = client(HttpVersion.HTTP_2, 1);
        assertThat(await(() -> send(caller, KEY, call("small", 100))).statusCode()).isEqualTo(200);
        Promise<Void> stopped = Promise.promise();
        assertThat(await(() -> ask(caller, "sk-wrong", "/chat/completions").compose(request -> {
            request.exceptionHandler(reset -> stopped.tryComplete());
            request.setChunked(true).write("{");
            return request.response();
        })).statusCode()).isEqualTo(401);
        Future<HttpClientResponse> neighbour = Future.future(done -> vertx
                .runOnContext(now -> send(caller, KEY, call("slow", 10)).onComplete(done)));
        Await.until("its stream is reset", () -> stopped.future().isComplete());
        assertThat(neighbour.await().statusCode()).isEqualTo(200);
    }

    @Test
    void uploadThatWaitsLeavesRoomForThoseBesideIt() throws Exception {
        start(upstream.actualPort());
        HttpClient caller = client(HttpVersion.HTTP_2, 1);
        String form = "--B\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
                + "--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n"
                + "x".repeat(4_000_000) + "\r\n--B--\r\n";
        vertx.runOnContext(now -> ask(caller, KEY, "/audio/transcriptions").onSuccess(
                request -> request.putHeader("content-type", "multipart/form-data; boundary=B").send(form)));
        Await.until("it is on its way", () -> begun.get() == 1);
        assertThat(await(() -> send(caller, KEY, call("small", 100_000))).statusCode()).isEqualTo(200);
    }

    /** Like a firewall that forgets a connection: bytes vanish without any notice. */
    @Test
    void connectionThatLeadsNowhereIsFoundOut() throws Exception {
        NetClient dialer = vertx.createNetClient();
        NetServer between = vertx.createNetServer().connectHandler(caller -> {
            caller.pause();
            dialer.connect(upstream.actualPort(), "127.0.0.1").onSuccess(server -> {
                passing.add(caller);
                caller.handler(bytes -> {
                    if (!dead.contains(caller)) {
                        server.write(bytes);
                    }
                });
                server.handler(bytes -> {
                    if (!dead.contains(caller)) {
                        caller.write(bytes);
                    }
                });
                caller.closeHandler(over -> server.close());
                caller.resume();
            });
        }).listen(0, "127.0.0.1").await();
        try (CapturedLog log = CapturedLog.open()) {
            start(between.actualPort());
            HttpClient caller = client(HttpVersion.HTTP_1_1, 1);
            assertThat(await(() -> send(caller, KEY, call("small", 10))).statusCode()).isEqualTo(200);
            dead.addAll(passing);
            Future<HttpClientResponse> lost = Future.future(done -> vertx
                    .runOnContext(now -> send(caller, KEY, call("small", 20)).onComplete(done)));
            Await.until("nothing comes back, and it is noticed", () -> {
                clock.advance(Duration.ofSeconds(11));
                return log.lines().stream().anyMatch(line -> line.contains("no answer to a ping"));
            });
            assertThat(lost.await().statusCode()).as("it may have run").isEqualTo(502);
            assertThat(await(() -> send(caller, KEY, call("small", 30))).statusCode()).isEqualTo(200);
        }
    }
}
