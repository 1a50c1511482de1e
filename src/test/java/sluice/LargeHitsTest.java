package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.Http2Caller;
import sluice.testing.RawClient;
import sluice.testing.ScriptedUpstream;
import sluice.testing.TestGateway;

/** Answers from the cache that are too large to be written at once. */
@Timeout(60)
class LargeHitsTest {
    private static final String PATH = "/v1/chat/completions";
    /** More than the buffers of two sockets can hold. */
    private static final int SIZE = 12_000_000;
    private static final String TENANTS = """
            tenants: [{ name: bot, rpm: 100000, keys: ["${BOT}"] }]
            cache: { max-entry: 20MiB }
            """;
    private static final String PROMPT = new JsonObject().put("model", "m").put("messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "p"))).encode();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(LargeHitsTest::answer);

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    @AfterEach
    void close() {
        upstream.close();
    }

    /** Every part of it differs from every other. */
    private static String text() {
        StringBuilder text = new StringBuilder(SIZE + 16);
        while (text.length() < SIZE) {
            text.append(text.length()).append('-');
        }
        return text.toString();
    }

    private static void answer(ScriptedUpstream.Peer peer, int number) throws IOException {
        boolean stream = peer.body().contains("\"stream\":true");
        if (stream) {
            peer.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                    + chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text() + "\"}}]}\n\n")
                    + chunk("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n")
                    + chunk("data: [DONE]\n\n") + "0\r\n\r\n");
        } else {
            peer.answer(200, "{\"model\":\"m\",\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"message\":"
                    + "{\"content\":\"" + text() + "\"}}]}");
        }
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.getBytes(StandardCharsets.UTF_8).length) + "\r\n" + text + "\r\n";
    }

    private TestGateway start() {
        return gateway.listening("write-idle: 2s").before(upstream.port()).start(TENANTS);
    }

    private int port() {
        return URI.create(gateway.baseUrl()).getPort();
    }

    private HttpRequest.Builder call(String body) {
        return gateway.request("/chat/completions", gateway.key("BOT")).POST(BodyPublishers.ofString(body));
    }

    private RawClient ask(int receiveBuffer) {
        return new RawClient(1, port(), receiveBuffer).write("POST " + PATH
                + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + gateway.key("BOT") + "\r\nContent-Length: " + PROMPT.length() + "\r\n\r\n" + PROMPT);
    }

    /** Nothing of it is left in memory set aside for answers. */
    private void nothingIsHeld() {
        Await.until("memory of answers",
                () -> gateway.metrics().contains("sluice_shared_used_ratio{thing=\"recordings\"} 0.0"));
        Await.until("calls in flight", () -> (long) gateway.metric("sluice_in_flight"), 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void hitIsTheSameByteForByte(boolean stream) {
        start();
        String body = stream ? PROMPT.replace("\"model\"", "\"stream\":true,\"model\"") : PROMPT;
        HttpResponse<String> first = gateway.send(call(body));
        HttpResponse<String> second = gateway.send(call(body));
        assertThat(first.headers().firstValue("x-sluice-cache")).hasValue("MISS");
        assertThat(second.headers().firstValue("x-sluice-cache")).hasValue("HIT");
        assertThat(second.headers().firstValue("age")).isPresent();
        assertThat(second.headers().firstValueAsLong("content-length"))
                .hasValue(first.body().getBytes(StandardCharsets.UTF_8).length);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(upstream.heads()).isEqualTo(1);
        JsonObject logged = gateway.log().calls(2).getLast();
        assertThat(logged.getString("outcome")).isEqualTo("answered");
        assertThat(logged.getLong("bytes")).isEqualTo(first.body().getBytes(StandardCharsets.UTF_8).length);
        nothingIsHeld();
    }

    @Test
    void hitComesWholeOverHttp2(@TempDir Path folder) throws Exception {
        gateway.speakingTls(Certificate.selfSigned(folder, "127.0.0.1"));
        start();
        try (Http2Caller caller = new Http2Caller(port())) {
            String first = ask(caller);
            assertThat(first).hasSizeGreaterThan(SIZE);
            assertThat(ask(caller)).isEqualTo(first);
        }
        assertThat(upstream.heads()).isEqualTo(1);
        nothingIsHeld();
    }

    private String ask(Http2Caller caller) throws Exception {
        return caller.send(Http2Caller.headers(":method", "POST", ":scheme", "https", ":authority", "h", ":path",
                PATH, "content-type", "application/json", "authorization", "Bearer " + gateway.key("BOT")), PROMPT);
    }

    /** They share a connection, and each gets its own. */
    @Test
    void callsBehindAHitWaitForItsEnd() {
        start();
        String first = gateway.send(call(PROMPT)).body();
        try (RawClient raw = ask(0)) {
            for (int i = 0; i < 3; i++) {
                String answer = raw.answer();
                assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n");
                assertThat(new String(answer.substring(answer.indexOf("\r\n\r\n") + 4)
                        .getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)).isEqualTo(first);
                raw.write("POST " + PATH + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + gateway.key("BOT")
                        + "\r\nContent-Length: " + PROMPT.length() + "\r\n\r\n" + PROMPT);
            }
        }
        nothingIsHeld();
    }

    @Test
    void callerWhoLeavesInTheMiddleIsForgotten() {
        start();
        gateway.send(call(PROMPT));
        try (RawClient raw = ask(4096)) {
            Await.until("the answer", () -> (long) gateway.metric("sluice_in_flight"), 1);
            raw.reset();
        }
        JsonObject logged = gateway.log().calls(2).getLast();
        assertThat(logged.getString("outcome")).isEqualTo("client-gone");
        assertThat(logged.getString("cache")).isEqualTo("HIT");
        assertThat(logged.getLong("bytes")).isLessThan(SIZE);
        nothingIsHeld();
    }

    @Test
    void callerWhoReadsNothingIsCut() {
        start();
        gateway.send(call(PROMPT));
        try (RawClient raw = ask(4096)) {
            assertThat(gateway.log().calls(2).getLast().getString("outcome")).isEqualTo("client-gone");
            nothingIsHeld();
            raw.awaitClosed();
        }
    }
}
