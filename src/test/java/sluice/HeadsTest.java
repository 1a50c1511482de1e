package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.EchoUpstream.Received;
import sluice.testing.EchoUpstream;
import sluice.testing.Http2Caller;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Heads of requests: one rule for all versions of HTTP, and what of them reaches the upstream. */
@Timeout(60)
class HeadsTest {
    private static final String KEY = "sk-sluice-of-the-tenant-with-all-classes";
    private static final Vertx VERTX = Vertx.vertx();
    private static final NetClient CLIENT = VERTX.createNetClient();
    private static final EchoUpstream ECHO = EchoUpstream.start(VERTX);
    private static Gateway gateway;
    private static Gateway tls;
    private static Http2Caller http2;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        gateway = start("");
        tls = start(", tls: { certificate: \"" + certificate.pem() + "\", key: \"" + certificate.key() + "\" }");
        http2 = new Http2Caller(tls.port());
    }

    private static Gateway start(String listen) throws Exception {
        return Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0%s }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["sk-upstream-0123456789abcdef"] }]
                tenants: [{ name: all, rpm: 100000, cache: "off", keys: ["%s"], endpoints: [inference, files] }]
                """.formatted(listen, ECHO.port(), KEY)), Time.system()).await();
    }

    @AfterAll
    static void stop() {
        Await.until("open reservations", gateway::outstanding, 0);
        Await.until("open reservations", tls::outstanding, 0);
        http2.close();
        gateway.stop().await();
        tls.stop().await();
        VERTX.close().await();
    }

    /** The connection stays open for some seconds, lest the answer meet a reset: all at once. */
    @Test
    void whatHttpDoesNotAllowIsRefusedAndTheConnectionCloses() {
        Stream<String> headers = Stream.of(": v", "x y: v", "x(y): v", "é: v", "x: a<NUL>b", "x: a<CR>b", "x: a<ESC>b",
                "x: a<DEL>b", "x<NUL>: v", "Host: other", "Content-Length: +2", "Content-Length: 99999999999999999999",
                "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked<CR><LF>Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked<CR><LF>transfer-encoding: identity")
                .map(line -> "GET /v1/files HTTP/1.1\r\n"
                        + "Host: h\r\nAuthorization: Bearer " + KEY + "\r\n" + line + "\r\n\r\n");
        Stream<String> lines = Stream.of("CONNECT h:1 HTTP/1.1\r\nHost: h:1", "GET /v1/files HTTP/1.1",
                "GET /v1/files HTTP/1.1\r\nHost: a@b", "GET /v1/files HTTP/1.1\r\nHost: a b",
                "GET /v1/files HTTP/1.1\r\nHost: h:x", "GET /v1/files HTTP/1.1\r\nHost:",
                "GET /v1/files?a=<NUL> HTTP/1.1\r\nHost: h", "GET /v1/files?a=<ESC> HTTP/1.1\r\nHost: h",
                "GET /v1/files?a=é HTTP/1.1\r\nHost: h", "GET /v1/files#a HTTP/1.1\r\nHost: h",
                "GET /v1/files HTTP/1.2\r\nHost: h", "GET /v1/files HTTP/3.0\r\nHost: h",
                "G(T /v1/files HTTP/1.1\r\nHost: h", "GET",
                "POST /v1/files HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0").map(line -> line + "\r\n\r\n");
        int before = ECHO.received().size();
        Map<String, CompletableFuture<String>> answers = new LinkedHashMap<>();
        Stream.concat(headers, lines).forEach(request -> answers.put(request, raw(request)));
        answers.forEach((request, answer) -> assertThat(answer.completeOnTimeout("", 20, TimeUnit.SECONDS).join())
                .as(request).startsWith("HTTP/").contains(" 400 ", "connection: close", "\"code\":\"invalid_h"));
        assertThat(ECHO.received()).hasSize(before);
        assertThat(gateway.outstanding()).isZero();
    }

    /** A reset is how HTTP/2 itself refuses what is malformed. */
    @ParameterizedTest
    @CsvSource(delimiterString = "||", ignoreLeadingAndTrailingWhitespace = false, value = {
            ":method CONNECT :authority h||400", ":method GET :scheme https :authority h||reset",
            ":method GET :scheme https :authority h :path ||reset", ":method GET :scheme https :path /v1/files||400",
            ":method GET :scheme https :authority a@b :path /v1/files||reset",
            ":method GET :scheme https :authority h host other :path /v1/files||reset",
            ":method GET :scheme https :authority h :path /v1/files x a<NUL>b||400",
            ":method GET :scheme https :authority h :path /v1/files x a<LF>b||400",
            ":method GET :scheme https :authority h :path /v1/files x a<DEL>b||400",
            ":method GET :scheme https :authority h :path /v1/files x(y v||reset",
            ":method GET :scheme https :authority h :path /v1/files x<NUL>y v||reset",
            ":method GET :scheme https :authority h :path /v1/files X v||reset",
            ":method GET :scheme https :authority h :path /v1/files?a=<NUL>||400",
            ":method GET :scheme https :authority h :path /v1/files?<SP>a||400",
            ":method GET :scheme https :authority h :path /v1/files :path /v1/models||reset",
            ":method GET :scheme https :authority h :path /v1/files :status 200||reset",
            ":method GET :scheme https :authority h :path /v1/files connection x||reset",
            ":method GET :scheme https :authority h :path /v1/files transfer-encoding chunked||reset",
            ":method G(T :scheme https :authority h :path /v1/files||reset"})
    void likewiseOverHttp2(String head, String status) throws Exception {
        int before = ECHO.received().size();
        String answer = http2.send(Http2Caller.headers(fields(head)), "");
        assertThat(answer).startsWith(status);
        if (status.equals("400")) {
            assertThat(answer).contains("\"code\":\"invalid_h");
        }
        assertThat(ECHO.received()).hasSize(before);
        assertThat(tls.outstanding()).isZero();
    }

    @Test
    void headsOfHttp2AreAsLongAsThoseOfHttp1() throws Exception {
        assertThat(http2.send(Http2Caller.headers(authorized("x", "v".repeat(20_000))), "")).startsWith("200");
        assertThat(ECHO.last().headers().get("x")).hasSize(20_000);
        assertThat(http2.send(Http2Caller.headers(authorized("x", "v".repeat(33_000))), "")).startsWith("431");
        assertThat(ECHO.received()).isEmpty();
    }

    private static String[] authorized(String... more) {
        List<String> all = new ArrayList<>(List.of(":method", "GET", ":scheme", "https", ":authority", "h", ":path",
                "/v1/files", "authorization", "Bearer " + KEY));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static String[] fields(String head) {
        String[] words = head.split(" ", -1);
        return Arrays.stream(words).map(HeadsTest::decoded).toArray(String[]::new);
    }

    private static String decoded(String text) {
        return text.replace("<NUL>", "\0").replace("<CR>", "\r").replace("<LF>", "\n").replace("<ESC>", "\u001b")
                .replace("<DEL>", "\u007f").replace("<SP>", " ");
    }

    @Test
    void whatIsOneConnectionsOrTheCallersOwnStaysHere() throws Exception {
        CompletableFuture<String> answer = raw(
                "GET /v1/files?include%5B%5D=a%2Fb&x=%20+[]|\"{}^ HTTP/1.1\r\nHost: h\r\n"
                        + "Authorization: Bearer " + KEY + "\r\n" + """
                                Connection: keep-alive, X-One
                                connection: X-Two,, x-three
                                CONNECTION: close
                                X-One: 1
                                x-TWO: 2
                                X-Three: 3
                                Http2-Settings: KEY
                                HTTP2-SETTINGS: KEY
                                cf-Connecting-IP: 1.2.3.4
                                CF-Connecting-IPv6: ::1
                                True-Client-IP: 1.2.3.4
                                X-Client-IP: 1.2.3.4
                                X-Real-Ip: 1.2.3.4
                                X-Forwarded-For: 1.2.3.4
                                Forwarded: for=1.2.3.4
                                Proxy-Authorization: Basic KEY
                                Proxy-Features: x
                                proxy-client-ip: x
                                SEC-WebSocket-Protocol: realtime, openai-insecure-api-key.KEY
                                X-HTTP-Method-Override: DELETE
                                X-Original-URL: /v1/organization
                                Via: x
                                Keep-Alive: timeout=5
                                TE: trailers
                                Trailer: x
                                Cookie: a=b
                                X-Passes: é, yes

                                """.replace("KEY", KEY).replace("\n", "\r\n"));
        assertThat(answer).succeedsWithin(Duration.ofSeconds(20)).asString().startsWith("HTTP/1.1 200 ");
        Received received = ECHO.last();
        assertThat(received.uri()).isEqualTo("/v1/files?include%5B%5D=a%2Fb&x=%20+[]|\"{}^");
        assertThat(received.headers().keySet()).as("files have owners, so their list is read here, uncompressed")
                .containsExactlyInAnyOrder("host", "authorization", "accept-encoding", "x-passes");
        assertThat(new String(received.headers().getOrDefault("x-passes", "").getBytes(StandardCharsets.ISO_8859_1),
                StandardCharsets.UTF_8)).isEqualTo("é, yes");
    }

    /** Sends bytes as they are, and reads until the gateway closes. */
    private static CompletableFuture<String> raw(String request) {
        CompletableFuture<String> all = new CompletableFuture<>();
        NetSocket socket = CLIENT.connect(gateway.port(), "127.0.0.1").await();
        Buffer read = Buffer.buffer();
        socket.handler(read::appendBuffer);
        socket.exceptionHandler(reset -> all.complete(read.toString()));
        socket.closeHandler(closed -> all.complete(read.toString()));
        socket.write(Buffer.buffer(decoded(request).getBytes(StandardCharsets.UTF_8)));
        return all;
    }
}
