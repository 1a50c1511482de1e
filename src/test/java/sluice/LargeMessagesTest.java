package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** WebSocket messages that are too large to be written at once arrive whole, in order, and before the end. */
@Timeout(60)
class LargeMessagesTest {
    private static final int MOST = 1 << 24;
    private static final int SIZE = 3_000_000;
    private static final String PATH = "/realtime?model=m";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedSockets upstream = ScriptedSockets.start(vertx);
    private final WebSocketClient client = vertx.createWebSocketClient(
            new WebSocketClientOptions().setMaxFrameSize(MOST).setMaxMessageSize(MOST));
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        gateway.before(upstream.port())
                .start("tenants: [{ name: bot, keys: ['${BOT}'], endpoints: [inference, realtime] }]");
    }

    @AfterEach
    void close() {
        for (String gauge : List.of("sluice_connections", "sluice_in_flight", "sluice_reservations_open",
                "sluice_held_body_bytes", "sluice_turn_waiting")) {
            Await.until(gauge, () -> (long) gateway.metric(gauge), 0);
        }
        assertThat(gateway.log().lines()).noneMatch(line -> line.contains("Exception"));
        vertx.close().await();
    }

    private WebSocket open() {
        URI base = URI.create(gateway.baseUrl());
        return client.connect(new WebSocketConnectOptions().setHost(base.getHost()).setPort(base.getPort())
                .setURI(base.getPath() + PATH).addHeader("authorization", "Bearer " + gateway.key("BOT")))
                .map(socket -> {
                    socket.textMessageHandler(told::add);
                    socket.binaryMessageHandler(told::add);
                    socket.closeHandler(closed -> told.add(socket.closeStatusCode()));
                    return socket;
                }).await();
    }

    private Object next() throws InterruptedException {
        Object next = told.poll(20, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    /** Characters of one, two, three and four bytes, so that pieces of any length end within some of them. */
    private static String large(String name) {
        StringBuilder text = new StringBuilder(SIZE + 100).append("{\"type\":\"x\",\"name\":\"").append(name)
                .append("\",\"text\":\"");
        while (text.length() < SIZE) {
            text.append(text.length()).append("aü€\uD83D\uDE00".repeat(1 + text.length() % 3));
        }
        return text.append("\"}").toString();
    }

    private static String small(int number) {
        return "{\"type\":\"x\",\"number\":" + number + "}";
    }

    @Test
    void messagesOfACallerArriveInOrder() {
        WebSocket socket = open();
        List<String> all = List.of(small(1), large("first"), small(2), small(3), large("second"), small(4));
        all.forEach(socket::writeTextMessage);
        for (String each : all) {
            assertThat(upstream.told().equals(each)).as(each.substring(0, 20)).isTrue();
        }
        socket.close();
        upstream.closed();
    }

    @Test
    void messagesOfTheUpstreamArriveInOrderAndBeforeTheEnd() throws Exception {
        open();
        ServerWebSocket theirs = upstream.socket();
        Buffer sound = Buffer.buffer(large("sound"));
        String first = large("first");
        String second = large("second");
        theirs.writeTextMessage(small(1));
        theirs.writeTextMessage(first);
        theirs.writeBinaryMessage(sound);
        theirs.writeTextMessage(small(2));
        theirs.writeTextMessage(second);
        theirs.close((short) 4000, "done");
        assertThat(next()).isEqualTo(small(1));
        assertThat(next().equals(first)).isTrue();
        assertThat(next().equals(sound)).isTrue();
        assertThat(next()).isEqualTo(small(2));
        assertThat(next().equals(second)).isTrue();
        assertThat(next()).isEqualTo((short) 4000);
    }

    @Test
    void callerWhoLeavesBehindALargeMessageLeavesNothingBehind() {
        for (int i = 0; i < 5; i++) {
            try (RawSocket raw = RawSocket.open(gateway.baseUrl(), PATH,
                    "Authorization: Bearer " + gateway.key("BOT"))) {
                raw.text(large("last"));
                raw.reset();
            }
            upstream.closed();
        }
    }

    @Test
    void callerWhoLeavesInTheMiddleOfALargeMessageLeavesNothingBehind() {
        try (RawSocket raw = RawSocket.open(gateway.baseUrl(), PATH, "Authorization: Bearer " + gateway.key("BOT"))) {
            upstream.socket().writeTextMessage("{\"type\":\"x\",\"y\":\"" + "y".repeat(12_000_000) + "\"}");
            assertThat(raw.next(RawSocket.TEXT).payload().length()).isPositive();
            raw.reset();
        }
        upstream.closed();
    }

    @Test
    void largeTextThatIsNotUtf8IsRefused() {
        byte[] text = large("broken").getBytes(StandardCharsets.UTF_8);
        text[text.length - 3] = (byte) 0xC3;
        try (RawSocket raw = RawSocket.open(gateway.baseUrl(), PATH, "Authorization: Bearer " + gateway.key("BOT"))) {
            raw.frame(RawSocket.TEXT, true, text);
            assertThat(raw.next(RawSocket.CLOSE).code()).isEqualTo(1007);
        }
        assertThat(upstream.toldNothing()).isTrue();
    }
}
