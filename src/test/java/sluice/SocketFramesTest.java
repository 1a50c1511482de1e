package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.RawSocket.BINARY;
import static sluice.testing.RawSocket.CLOSE;
import static sluice.testing.RawSocket.CONTINUATION;
import static sluice.testing.RawSocket.PING;
import static sluice.testing.RawSocket.PONG;
import static sluice.testing.RawSocket.TEXT;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.net.SocketWire;
import sluice.testing.Await;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** WebSockets frame by frame, as RFC 6455 has them, between a client and an upstream that send what no library would. */
@Timeout(60)
class SocketFramesTest {
    private static final String HELLO = "{\"type\":\"session.update\",\"session\":{}}";
    private static final int MOST = 64 * 1024;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedSockets upstream = ScriptedSockets.start(vertx);

    @BeforeEach
    void start() {
        gateway.listening("websocket: { max-message: 64KiB, messages-per-second: 10000 }").before(upstream.port())
                .start("tenants: [{ name: bot, keys: ['${BOT}'], endpoints: [inference, realtime] }]");
    }

    @AfterEach
    void close() {
        Await.until("connections", () -> (long) gateway.metric("sluice_connections"), 0);
        assertThat(gateway.log().lines()).noneMatch(line -> line.contains("Exception"));
        vertx.close().await();
    }

    private RawSocket open(String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization: Bearer " + gateway.key("BOT"));
        RawSocket raw = RawSocket.open(gateway.baseUrl(), "/realtime?model=m", all.toArray(String[]::new));
        assertThat(raw.status()).isEqualTo(101);
        return raw;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void messageComesInWhateverFragments() {
        try (RawSocket raw = open()) {
            raw.frame(TEXT, false, new byte[0]).frame(PING, true, bytes("?")).frame(CONTINUATION, false, bytes(HELLO))
                    .frame(CONTINUATION, false, new byte[0]).frame(CONTINUATION, true, new byte[0]);
            assertThat(upstream.told()).isEqualTo(HELLO);
            assertThat(raw.next(PONG).text()).isEqualTo("?");

            String umlaut = "{\"type\":\"x\",\"ü\":1}";
            for (byte one : bytes(umlaut)) {
                raw.frame(one == '{' ? TEXT : CONTINUATION, one == '}', new byte[]{one});
            }
            assertThat(upstream.told()).isEqualTo(umlaut);
            raw.text(HELLO);
            assertThat(upstream.told()).isEqualTo(HELLO);
            raw.close(1000);
            assertThat(upstream.closed()).isEqualTo(1000);
        }
    }

    @Test
    void messageAboveTheBoundIsRefusedInOneFrameAndInMany() {
        byte[] half = bytes("x".repeat(MOST / 2 + 1));
        try (RawSocket one = open(); RawSocket many = open(); RawSocket most = open()) {
            one.frame(TEXT, true, new byte[MOST + 1]);
            many.frame(TEXT, false, half).frame(CONTINUATION, false, half);
            assertThat(one.next(CLOSE).code()).isEqualTo(1009);
            assertThat(many.next(CLOSE).code()).isEqualTo(1009);

            String whole = "{\"type\":\"x\",\"y\":\"" + "y".repeat(MOST - 19) + "\"}";
            most.frame(TEXT, true, bytes(whole));
            assertThat(upstream.told()).hasSize(MOST);
        }
        assertThat(upstream.toldNothing()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1000,1000", "1001,1001", "1002,1002", "1011,1011", "1014,1014", "3000,3000", "4999,4999", "-1,1000",
            "999,1002", "1004,1002", "1005,1002", "1006,1002", "1015,1002", "1016,1002", "2999,1002", "5000,1002",
            "32768,1002", "65535,1002"})
    void onlyCodesThatMayBeSentAreSentOnOrBack(int code, int answered) {
        try (RawSocket raw = open()) {
            raw.close(code);
            assertThat(raw.next(CLOSE).code()).isEqualTo(answered);
            assertThat(raw.next()).isNull();
            // When Netty itself refuses a frame, the upstream gets no code.
            assertThat(upstream.closed()).isIn(answered, 1000);
        }
    }

    @ParameterizedTest
    @CsvSource({"1000,1000", "1001,1001", "1008,1008", "1013,1013", "4000,4000", "1011,1011", "5000,1002",
            "65535,1002"})
    void codeOfTheUpstreamReachesTheCaller(int code, int told) {
        try (RawSocket raw = open()) {
            upstream.socket().close((short) code, "bye");
            assertThat(raw.next(CLOSE).code()).isEqualTo(told);
            raw.close(told);
            assertThat(raw.next()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"83 80 00 00 00 00", "8b 80 00 00 00 00", "c1 80 00 00 00 00", "81 01 7b",
            "80 80 00 00 00 00", "09 80 00 00 00 00", "88 81 00 00 00 00 03", "89 fe 00 7e 00 00 00 00",
            "81 ff 80 00 00 00 00 00 00 00 00 00 00 00"})
    void whatAreNoFramesIsAProtocolError(String hex) {
        byte[] wrong = HexFormat.ofDelimiter(" ").parseHex(hex);
        try (RawSocket raw = open()) {
            raw.bytes(wrong);
            assertThat(raw.next(CLOSE).code()).isIn(1002, 1009);
            assertThat(raw.next()).isNull();
            upstream.closed();
        }
    }

    @Test
    void textThatIsNotUtf8AndBytesAreRefused() {
        for (Map.Entry<Integer, Integer> wrong : Map.of(TEXT, 1007, BINARY, 1003).entrySet()) {
            try (RawSocket raw = open()) {
                raw.frame(wrong.getKey(), true, new byte[]{'{', (byte) 0xC3, '}'});
                assertThat(raw.next(CLOSE).code()).isEqualTo(wrong.getValue());
            }
        }
        try (RawSocket raw = open()) {
            raw.text("{\"type\":\"x\",\"replacement\":\"\uFFFD\"}");
            assertThat(upstream.told()).contains("\uFFFD");
        }
    }

    @Test
    void bytesOfTheUpstreamPass() {
        try (RawSocket raw = open()) {
            upstream.socket().writeBinaryMessage(Buffer.buffer("sound"));
            assertThat(raw.next(BINARY).text()).isEqualTo("sound");
        }
    }

    @Test
    void connectionThatBreaksUpstreamIsToldSo() {
        try (RawSocket raw = open()) {
            SocketWire.of(upstream.socket()).cut();
            assertThat(raw.next(CLOSE).code()).isEqualTo(1011);
        }
    }

    @Test
    void handshakeUpstreamIsItsOwn() {
        String key = gateway.key("BOT");
        try (RawSocket raw = open("SEC-WEBSOCKET-EXTENSIONS: permessage-deflate; client_max_window_bits",
                "Sec-WebSocket-Whatever: 1",
                "sEc-WeBsOcKeT-pRoToCoL: realtime, OpenAI-Insecure-API-Key." + key + ", openai-insecure-api-key-2."
                        + key
                        + ", openai-ORGANIZATION.org-1, openai-project.proj_1, " + key + ", openai-beta.realtime-v1",
                "Sec-WebSocket-Protocol: openai-agents-sdk.0.3.1")) {
            assertThat(raw.head()).doesNotContainIgnoringCase("extensions").containsIgnoringCase("protocol: realtime");
            MultiMap headers = upstream.handshake();
            assertThat(headers.getAll("sec-websocket-protocol"))
                    .containsExactly("realtime,openai-beta.realtime-v1,openai-agents-sdk.0.3.1");
            assertThat(headers.contains("sec-websocket-extensions")).isFalse();
            assertThat(headers.contains("sec-websocket-whatever")).isFalse();
            assertThat(headers.toString()).doesNotContain(key);
            upstream.socket().writeTextMessage("{\"type\":\"x\"}");
            assertThat(raw.next(TEXT).text()).isEqualTo("{\"type\":\"x\"}");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"Sec-WebSocket-Version: 8|400", "Sec-WebSocket-Key: short|400",
            "Connection: close|400", "Content-Length: 5|400"})
    void handshakeThatCannotBeGrantedOpensNothingUpstream(String line, int status) {
        String name = line.substring(0, line.indexOf(':'));
        String[] lines = Stream.of("Connection: Upgrade", "Upgrade: h2c, WebSocket",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Authorization: Bearer " + gateway.key("BOT"))
                .filter(other -> !other.startsWith(name)).toArray(String[]::new);
        try (RawSocket raw = RawSocket.send(gateway.baseUrl(), "/realtime?model=m",
                line + "\r\n" + String.join("\r\n", lines))) {
            assertThat(raw.status()).isEqualTo(status);
        }
        try (RawSocket raw = open()) {
            raw.text(HELLO);
            assertThat(upstream.told()).isEqualTo(HELLO);
        }
        upstream.handshake();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/models", "/chat/completions", "/responses/r_1"})
    void routeThatIsNoSocketRefusesTheUpgrade(String path) {
        try (RawSocket raw = RawSocket.open(gateway.baseUrl(), path, "Authorization: Bearer " + gateway.key("BOT"))) {
            assertThat(raw.status()).isEqualTo(400);
        }
        assertThat(gateway.log().calls(1).getFirst().getString("code")).isEqualTo("upgrade_not_supported");
    }
}
