package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.Await;
import sluice.testing.RawClient;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** Broken requests keep nothing, and nothing of them is logged but the line of the call. */
@Timeout(120)
class MutatedRequestsTest {
    private static final String TENANTS = "tenants: [{ name: bot, keys: ['${BOT}'], rpm: 100000, cache: 'off',"
            + " endpoints: [inference, files, realtime] }]";

    private static final String IT = "sk-of-somebody-0123456789";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    private String get(String target, String... headers) {
        return "GET " + target + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + gateway.key("BOT") + "\r\n"
                + String.join("", Stream.of(headers).map(line -> line + "\r\n").toList()) + "\r\n";
    }

    private String upgrade(String target) {
        return get(target, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }

    private RawClient client() {
        return new RawClient(1, URI.create(gateway.baseUrl()).getPort());
    }

    private void nothingIsHeldOrTold() {
        for (String gauge : List.of("sluice_connections", "sluice_in_flight", "sluice_reservations_open",
                "sluice_held_body_bytes", "sluice_queue_waiting")) {
            Await.until(gauge, () -> (long) gateway.metric(gauge), 0);
        }
        assertThat(gateway.log().lines()).allSatisfy(line -> {
            assertThat(line.toUpperCase(Locale.ROOT)).doesNotContain(gateway.key("BOT").toUpperCase(Locale.ROOT),
                    IT.toUpperCase(Locale.ROOT));
            assertThat(line).doesNotContain("Exception", "exception", "reset", "Malformed", "closed", "evicted",
                    "\n\tat ");
        });
    }

    /** The upstream takes its time; meanwhile comes what belongs to no WebSocket yet. Just as that opens, it is not answered. */
    @ParameterizedTest
    @CsvSource({"upgrade, true", "upgrade, false", "call, true", "call, false", "frame, true", "begin, false"})
    void whatComesBehindAnUpgradeKeepsNothing(String more, boolean atOnce) {
        Vertx vertx = Vertx.vertx();
        ScriptedSockets upstream = ScriptedSockets.waiting(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        String first = upgrade("/v1/realtime?model=m");
        String behind = switch (more) {
            case "upgrade" -> first;
            case "call" -> get("/v1/unknown");
            case "frame" -> "\u0081\u0085\u0000\u0000\u0000\u0000hello";
            default -> "GET /v1/mod";
        };
        try (RawClient client = client()) {
            client.write(atOnce ? first + behind : first);
            upstream.handshake();
            if (!atOnce) {
                client.write(behind);
            }
            upstream.accept();
            String answer = client.answer();
            if (atOnce || !answer.isEmpty()) {
                assertThat(answer).startsWith("HTTP/1.1 400 ").contains("invalid_http", "connection: close");
            }
            upstream.closed();
        }
        nothingIsHeldOrTold();
        vertx.close().await();
    }

    /** Only the first of the two has begun. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void callsThatAreCutGiveBackAllAndAreNoError(boolean reset) throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            gateway.before(mute.getLocalPort()).start(TENANTS);
            RawClient client = client();
            client.write(get("/v1/files").repeat(2));
            Await.until("a call under way", () -> (long) gateway.metric("sluice_in_flight"), 1);
            if (reset) {
                client.reset();
            } else {
                client.close();
            }
            nothingIsHeldOrTold();
        }
    }

    /** Also when the caller leaves before it has its answer, or within it. */
    @Test
    void nothingOfABrokenRequestIsLogged() {
        gateway.start(TENANTS);
        String key = gateway.key("BOT");
        String chunked = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + key
                + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (String request : List.of("GET /v1/models " + key + "\r\n\r\n", key + "\r\n\r\n",
                "GET /" + key + "\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: h\r\nAuthorization : Bearer " + key + "\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: h\r\nContent-Length: " + key + "\r\n\r\n",
                "GET /v1/models HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: " + key + "\r\n\r\n",
                chunked + key + "\r\n", chunked + "2\r\n{}" + key + "\r\n", chunked + "0\r\n" + key + "\r\n\r\n",
                get("/v1/models") + key + "\r\n\r\n", upgrade("/v1/realtime?model=m") + key + "\r\n\r\n",
                upgrade("/v1/realtime?mo%el=" + key), upgrade("/v1/realtime?model=m&x={" + key + "}"))) {
            client().write(request).reset();
            client().write(request).close();
            try (RawClient patient = client()) {
                assertThat(patient.write(request).answer()).as(request).startsWith("HTTP/1.")
                        .doesNotContain("x-sluice-error-source: gateway");
            }
            RawClient leaving = client().write(request);
            leaving.answer();
            leaving.reset();
        }
        nothingIsHeldOrTold();
    }

    /** Neither of an answer that cannot be read, nor of one that breaks off or comes unasked. */
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/<it>", "HTTP/1.1 <it>\r\n\r\n", "<it>\r\n\r\n", "HTTP/1.1 200 OK\r\n<it>\r\n\r\n",
            "HTTP/1.1 200 OK\r\n: <it>\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: <it>\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<it>\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}<it>\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 <it>\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: <it>\r\nConnection: upgrade\r\n\r\n",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: <it>\r\n\r\n"})
    void nothingOfABrokenAnswerIsLogged(String answer) {
        Vertx vertx = Vertx.vertx();
        int port = vertx.createNetServer()
                .connectHandler(socket -> socket.exceptionHandler(broken -> {})
                        .handler(request -> socket.write(answer.replace("<it>", IT)).onComplete(
                                written -> vertx.setTimer(50, due -> socket.close()))))
                .listen(0, "127.0.0.1").await().actualPort();
        gateway.before(port).start(TENANTS);
        for (String request : List.of(get("/v1/files"), get("/v1/models"), upgrade("/v1/realtime?model=m"))) {
            try (RawClient client = client()) {
                client.write(request).answer();
            }
            try (RawClient client = client()) {
                client.write(request);
            }
        }
        nothingIsHeldOrTold();
        vertx.close().await();
    }
}
