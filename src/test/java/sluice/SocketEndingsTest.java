package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.tenancy.KeyDigest;
import sluice.testing.Await;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** However and whenever a WebSocket ends, it releases everything it holds, and both peers learn of the end. */
@Timeout(600)
class SocketEndingsTest {
    /** More than the buffers of all sockets between two peers can hold. */
    private static final long FLOOD = 256L << 20;

    private static final String TENANTS = "tenants: [{ name: bot, keys: ['${BOT}'], rpm: 10000000, endpoints: [inference, realtime] }]";
    private static final String PATH = "/realtime?model=m";

    /** Opened and closed one after the other; {@code -Dsockets=100000} for a long run. */
    private static final int MANY = Integer.getInteger("sockets", 3_000);

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();
    private final WebSocketClient client = vertx
            .createWebSocketClient(new WebSocketClientOptions().setMaxConnections(500));

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private Future<WebSocket> open() {
        URI base = URI.create(gateway.baseUrl());
        return client.connect(new WebSocketConnectOptions().setHost(base.getHost()).setPort(base.getPort())
                .setURI(base.getPath() + PATH).addHeader("authorization", "Bearer " + gateway.key("BOT")));
    }

    private RawSocket raw() {
        return RawSocket.open(gateway.baseUrl(), PATH, "Authorization: Bearer " + gateway.key("BOT"));
    }

    private static int status(Future<WebSocket> opening) {
        Await.until("an answer to the handshake", opening::isComplete);
        if (opening.succeeded()) {
            return 101;
        }
        return opening.cause() instanceof UpgradeRejectedException rejected ? rejected.getStatus() : -1;
    }

    private void nothingIsHeld() {
        for (String gauge : List.of("sluice_connections", "sluice_in_flight", "sluice_reservations_open",
                "sluice_held_body_bytes", "sluice_queue_waiting")) {
            Await.until(gauge, () -> (long) gateway.metric(gauge), 0);
        }
    }

    @Test
    void everyoneGivesBackItsConnection() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.listening("max-connections: 40").before(upstream.port()).start(TENANTS);
        AtomicLong left = new AtomicLong(MANY);
        AtomicLong failed = new AtomicLong();
        AtomicLong running = new AtomicLong(10);
        for (int lane = 0; lane < 10; lane++) {
            vertx.runOnContext(now -> openAndClose(left, failed, running));
        }
        long began = left.get();
        while (running.get() > 0 && failed.get() == 0) {
            long before = left.get();
            Await.until("some of " + before + " of " + began,
                    () -> left.get() < before || running.get() == 0 || failed.get() > 0);
        }
        assertThat(failed).hasValue(0);
        nothingIsHeld();
    }

    /** One after the other, by each of the four ways in which a caller can end one. */
    private void openAndClose(AtomicLong left, AtomicLong failed, AtomicLong running) {
        long number = left.getAndDecrement();
        if (number <= 0) {
            running.decrementAndGet();
            return;
        }
        open().onFailure(refused -> failed.incrementAndGet()).onSuccess(socket -> {
            socket.closeHandler(closed -> openAndClose(left, failed, running));
            switch ((int) (number % 4)) {
                case 0 -> socket.close();
                case 1 -> socket.close((short) 4000, "bye");
                case 2 -> socket.writeTextMessage("{\"type\":\"x\"}").onComplete(written -> socket.close());
                default -> socket.writeBinaryMessage(Buffer.buffer("x"));
            }
        });
    }

    @Test
    void keyThatIsRevokedWhileItsSocketIsOpenedUpstreamOpensNone() {
        ScriptedSockets upstream = ScriptedSockets.waiting(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        Future<WebSocket> opening = open();
        upstream.handshake();
        revoke();
        assertThat(status(opening)).isEqualTo(401);
        upstream.accept();
        upstream.closed();
        nothingIsHeld();
    }

    @Test
    void keyThatIsRevokedEndsItsSockets() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        try (RawSocket raw = raw()) {
            revoke();
            assertThat(raw.next(RawSocket.CLOSE).code()).isEqualTo(1008);
            assertThat(upstream.closed()).isEqualTo(1000);
        }
        nothingIsHeld();
    }

    private void revoke() {
        String id = KeyDigest.of(gateway.key("BOT")).id();
        assertThat(gateway.send(HttpRequest
                .newBuilder(URI.create(gateway.adminUrl() + "/admin/v1/keys/" + id + "/revoke"))
                .POST(BodyPublishers.noBody())).statusCode()).isEqualTo(200);
    }

    @Test
    void callerThatLeavesWhileItsSocketIsOpenedUpstreamLeavesNothing() {
        ScriptedSockets upstream = ScriptedSockets.waiting(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        RawSocket leaving = RawSocket.unanswered(gateway.baseUrl(), PATH,
                "Authorization: Bearer " + gateway.key("BOT"));
        upstream.handshake();
        leaving.reset();
        Await.until("calls in the log", () -> !gateway.log().calls().isEmpty());
        assertThat(gateway.log().calls().getFirst().getString("outcome")).isEqualTo("client-gone");
        upstream.accept();
        upstream.closed();
        nothingIsHeld();
    }

    @Test
    void callerOrUpstreamThatClosesAtOnceIsNoException() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        for (int i = 0; i < 30; i++) {
            RawSocket raw = RawSocket.unanswered(gateway.baseUrl(), PATH,
                    "Authorization: Bearer " + gateway.key("BOT"));
            ServerWebSocket theirs = upstream.socket();
            if (i % 2 == 0) {
                raw.reset();
                upstream.closed();
            } else {
                theirs.close((short) 4000);
                raw.close();
            }
        }
        nothingIsHeld();
        assertThat(gateway.log().lines()).noneMatch(line -> line.contains("Exception"));
    }

    @Test
    void gatewayThatEndsWhileASocketIsOpenedUpstreamOpensNone() {
        ScriptedSockets upstream = ScriptedSockets.waiting(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        Future<WebSocket> opening = open();
        upstream.handshake();
        gateway.restart();
        // Told so, or cut with the connection.
        assertThat(status(opening)).isIn(503, -1);
        nothingIsHeld();
    }

    @Test
    void upstreamThatDoesNotAnswerTheHandshakeIsWaitedForInVainOnlyForAWhile() {
        ScriptedSockets upstream = ScriptedSockets.waiting(vertx);
        gateway.before(upstream.port()).upstream("""
                timeouts: { connect: 200ms }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start(TENANTS);
        assertThat(status(open())).isEqualTo(504);
        nothingIsHeld();
    }

    @Test
    void placesUpstreamAreGivenBackAndOneTenantLeavesSomeFree() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.before(upstream.port()).upstream("""
                connections: 1
                timeouts: { connect: 300ms }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start(TENANTS);
        for (int round = 0; round < 2; round++) {
            List<WebSocket> opened = new ArrayList<>();
            Future<WebSocket> last = open();
            while (status(last) == 101) {
                opened.add(last.result());
                last = open();
            }
            assertThat(status(last)).isEqualTo(503);
            opened.forEach(WebSocket::close);
            nothingIsHeld();
        }
    }

    @Test
    void callerThatLeavesInTheMiddleOfAnAnswerIsNoException() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        for (int i = 0; i < 20; i++) {
            RawSocket raw = raw();
            ServerWebSocket theirs = upstream.socket();
            pour(theirs, "{\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}", new AtomicLong());
            raw.next(RawSocket.TEXT);
            if (i % 2 == 0) {
                raw.reset();
            } else {
                raw.close(1000).close();
            }
            upstream.closed();
        }
        nothingIsHeld();
        assertThat(gateway.log().lines()).noneMatch(line -> line.contains("Exception") || line.contains("closed"));
        assertThat(gateway.log().calls(20)).allMatch(call -> call.getString("outcome").equals("client-gone"));
    }

    /** Says it again and again, for as long as it is taken. */
    private void pour(ServerWebSocket socket, String text, AtomicLong taken) {
        vertx.setTimer(1, now -> {
            if (!socket.isClosed() && taken.get() < FLOOD) {
                socket.writeTextMessage(text).onSuccess(written -> {
                    taken.addAndGet(text.length());
                    pour(socket, text, taken);
                });
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {RawSocket.TEXT, RawSocket.PING})
    void callerThatReadsNothingIsReadNoMoreAndThenCut(int opcode) {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.listening("websocket: { idle: 500ms, messages-per-second: 1000000 }").before(upstream.port())
                .start(TENANTS);
        // A long pong fills the buffers of both sockets soon; an error is long anyway.
        String text = opcode == RawSocket.PING ? "p".repeat(125) : "{}";
        byte[] many = RawSocket.masked(0x80 | opcode, text.getBytes(StandardCharsets.US_ASCII));
        Buffer flood = Buffer.buffer();
        for (int i = 0; i < 10_000; i++) {
            flood.appendBytes(many);
        }
        AtomicLong taken = new AtomicLong();
        RawSocket raw = raw();
        Thread flooding = Thread.startVirtualThread(() -> {
            try {
                while (taken.get() < FLOOD) {
                    raw.bytes(flood.getBytes());
                    taken.addAndGet(flood.length());
                }
            } catch (RuntimeException cut) {
                // As it must be.
            }
        });
        Await.until("the end of it", () -> !flooding.isAlive());
        assertThat(taken.get()).isLessThan(FLOOD);
        nothingIsHeld();
    }

    @Test
    void callerThatReadsLateReadsAllThatTheUpstreamSaidBeforeItClosed() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.before(upstream.port()).start(TENANTS);
        try (RawSocket raw = raw()) {
            ServerWebSocket theirs = upstream.socket();
            String text = "{\"type\":\"x\",\"y\":\"" + "y".repeat(100_000) + "\"}";
            for (int i = 0; i < 300; i++) {
                theirs.writeTextMessage(text);
            }
            theirs.close((short) 4000, "done");
            for (int i = 0; i < 300; i++) {
                assertThat(raw.next(RawSocket.TEXT).payload().length()).isEqualTo(text.length());
            }
            assertThat(raw.next(RawSocket.CLOSE).code()).isEqualTo(4000);
        }
        nothingIsHeld();
    }

    @Test
    void callerThatReadsNoAnswerHoldsBackTheUpstreamAndIsThenCut() {
        ScriptedSockets upstream = ScriptedSockets.start(vertx);
        gateway.listening("websocket: { idle: 2s }").before(upstream.port()).start(TENANTS);
        RawSocket raw = raw();
        ServerWebSocket theirs = upstream.socket();
        AtomicLong taken = new AtomicLong();
        String text = "{\"type\":\"x\",\"y\":\"" + "y".repeat(100_000) + "\"}";
        pour(theirs, text, taken);
        upstream.closed();
        assertThat(taken.get()).isLessThan(FLOOD);
        nothingIsHeld();
        raw.close();
    }
}
