package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Gateway;
import sluice.config.GatewayConfig;
import sluice.testing.Await;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Reloads that change the way to the upstream: what runs keeps its own, and no other stays open. */
@Timeout(60)
class UpstreamReloadTest {
    private static final String KEY = "sk-sluice-0123456789abcdef0123";
    private static final String UPDATE = "{\"type\":\"session.update\",\"session\":{}}";
    private static final String SLOW = "slow";
    private static final int RELOADS = 50;

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private final Queue<HttpServerRequest> held = new ConcurrentLinkedQueue<>();

    @AfterEach
    void close() {
        client.shutdownNow();
        vertx.close().await();
    }

    /** Answers at once, except for slow calls, which wait for the test; echoes events of WebSockets. */
    private HttpServer upstream() {
        return vertx.createHttpServer().connectionHandler(connection -> {
            connections.add(connection);
            connection.closeHandler(closed -> connections.remove(connection));
        }).webSocketHandler(socket -> socket.textMessageHandler(socket::writeTextMessage))
                .requestHandler(request -> request.body().onSuccess(body -> {
                    if (body.toString().contains(SLOW)) {
                        held.add(request);
                    } else {
                        answer(request);
                    }
                })).listen(0, "127.0.0.1").await();
    }

    private static void answer(HttpServerRequest request) {
        request.response().putHeader("content-type", "application/json").end("{}");
    }

    private GatewayConfig config(int upstreamPort, int idleSeconds) throws Exception {
        return TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                ledger: { url: "sqlite:%s" }
                cache: { mode: off }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  timeouts: { idle: %ds }
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: [sk-upstream] }]
                tenants: [{ name: bot, rpm: 100000, keys: ["%s"], endpoints: [inference, realtime] }]
                """.formatted(folder.resolve("ledger.db"), upstreamPort, idleSeconds, KEY), name -> null);
    }

    private CompletableFuture<HttpResponse<String>> call(Gateway gateway, String prompt) {
        return client.sendAsync(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + KEY)
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + prompt + "\"}]}"))
                .build(), BodyHandlers.ofString());
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("vert.x-"))
                .count();
    }

    @Test
    void clientsEndWithTheirLastCall() throws Exception {
        int port = upstream().actualPort();
        Gateway gateway = Gateway.start(config(port, 100), Time.system()).await();
        WebSocketClient sockets = vertx.createWebSocketClient();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        WebSocket socket = sockets.connect(new WebSocketConnectOptions().setHost("127.0.0.1").setPort(gateway.port())
                .setURI("/v1/realtime?model=gpt-realtime").addHeader("authorization", "Bearer " + KEY)).await();
        socket.textMessageHandler(told::add);
        socket.writeTextMessage(UPDATE);
        assertThat(told.poll(20, TimeUnit.SECONDS)).contains("session.update");
        CompletableFuture<HttpResponse<String>> slow = call(gateway, SLOW);
        Await.until("the slow call", held::size, 1);
        for (int i = 0; i < 20; i++) {
            call(gateway, "warm").join();
        }
        long threads = threads();

        for (int i = 1; i <= RELOADS; i++) {
            CompletableFuture<HttpResponse<String>> during = call(gateway, "during");
            gateway.reload(config(port, 100 + i)).await();
            assertThat(call(gateway, "after").join().statusCode()).isEqualTo(200);
            assertThat(during.join().statusCode()).isEqualTo(200);
        }

        int loops = Runtime.getRuntime().availableProcessors();
        Await.until("what is open is that of the WebSocket, of the slow call and of the way in effect",
                () -> connections.size() <= 2 + 2 * loops);
        assertThat(threads()).isLessThanOrEqualTo(threads + loops);
        socket.writeTextMessage(UPDATE);
        assertThat(told.poll(20, TimeUnit.SECONDS)).contains("session.update");
        assertThat(slow).isNotDone();
        answer(held.remove());
        assertThat(slow.join().statusCode()).isEqualTo(200);
        socket.close().await();
        Await.until("their connections", () -> connections.size() <= 2 * loops);
        gateway.stop().await();
    }
}
