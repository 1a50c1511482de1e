package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Heads, trailers and lists of an upstream that says what no API says. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // line ends matter
class UpstreamHeadsTest {
    private static final String KEY = "sk-sluice-of-the-tenant-with-all-classes";
    private final Vertx vertx = Vertx.vertx();
    private final NetClient client = vertx.createNetClient();
    private @Nullable Gateway gateway;

    private void answering(String answer, boolean endlessly) throws Exception {
        NetServer upstream = vertx.createNetServer().connectHandler(socket -> socket.handler(request -> {
            socket.write(Buffer.buffer(answer, "ISO-8859-1"));
            if (endlessly) {
                pour(socket);
            }
        }));
        int port = upstream.listen(0, "127.0.0.1").await().actualPort();
        gateway = Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["sk-upstream-0123456789abcdef"] }]
                tenants: [{ name: all, rpm: 1000, keys: ["%s"], models: ["gpt-4o"], endpoints: [inference, files] }]
                """.formatted(port, KEY)), Time.system()).await();
    }

    private static void pour(NetSocket socket) {
        Buffer piece = Buffer.buffer("x".repeat(64 << 10));
        while (!socket.writeQueueFull()) {
            socket.write(piece);
        }
        socket.drainHandler(drained -> pour(socket));
    }

    @AfterEach
    void stop() {
        Await.until("open reservations", gateway()::outstanding, 0);
        gateway().stop().await();
        vertx.close().await();
    }

    @ParameterizedTest
    @ValueSource(strings = {"101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade", "600 Odd", "999 Odd",
            "600 Odd\r\nContent-Type: application/json", "101 Switching Protocols"})
    void statusThatIsNoAnswersBecomes502(String head) throws Exception {
        answering("HTTP/1.1 " + head + "\r\nContent-Length: 2\r\n\r\n{}", false);
        for (String call : new String[]{"GET /v1/files", "POST /v1/embeddings"}) {
            assertThat(call(call)).as(call).startsWith("HTTP/1.1 502 ").contains("upstream_error", "upstream");
        }
    }

    @Test
    void whatComesBeforeAnAnswerIsPassedOver() throws Exception {
        answering("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false);
        assertThat(call("GET /v1/files")).startsWith("HTTP/1.1 200 ").doesNotContain("Link").endsWith("\r\n\r\n{}");
    }

    @Test
    void headersAndTrailersOfTheUpstreamAreFilteredAlike() throws Exception {
        String fields = "Set-Cookie: a=b\r\nX-Sluice-Cache: HIT\r\nx-ratelimit-limit-requests: 7\r\nopenai-organization: o\r\n"
                + "Connection: X-One\r\nconnection: x-two\r\nX-One: 1\r\nX-Two: 2\r\nProxy-Support: x\r\nX-Kept: yes\r\n";
        answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + fields + "\r\n2\r\n{}\r\n0\r\n" + fields + "\r\n",
                false);
        String answer = call("GET /v1/files");
        assertThat(answer).startsWith("HTTP/1.1 200 ").containsPattern("(?s)X-Kept: yes.*\r\n\r\n.*X-Kept: yes");
        assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("set-cookie", "hit", "limit-requests: 7\r",
                "openai-org",
                "x-one", "x-two", "proxy-support");
    }

    @Test
    void endlessListOfModelsIsGivenUp() throws Exception {
        answering("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", true);
        assertThat(call("GET /v1/models")).startsWith("HTTP/1.1 502 ").contains("too long");
    }

    private Gateway gateway() {
        return Objects.requireNonNull(gateway);
    }

    private String call(String line) throws Exception {
        CompletableFuture<String> all = new CompletableFuture<>();
        NetSocket socket = client.connect(gateway().port(), "127.0.0.1").await();
        Buffer read = Buffer.buffer();
        socket.handler(read::appendBuffer);
        socket.closeHandler(closed -> all.complete(read.toString()));
        String body = line.startsWith("POST") ? "{\"model\":\"gpt-4o\",\"input\":\"x\"}" : "";
        socket.write(Buffer.buffer((line + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer " + KEY
                + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8)));
        return all.get(20, TimeUnit.SECONDS);
    }
}
