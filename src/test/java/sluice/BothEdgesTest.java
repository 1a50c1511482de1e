package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.EchoUpstream;
import sluice.testing.TestConfig;
import sluice.time.Time;

/**
 * The same bytes get the same answers, and the same requests reach the upstream, whether plain calls are read by the
 * gateway itself or by Vert.x' server.
 */
@Timeout(60)
class BothEdgesTest {
    private static final String KEY = "sk-sluice-0123456789abcdef0123";
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final Vertx VERTX = Vertx.vertx();
    /** Own to each call, whichever way it came. */
    private static final String CHANGING = "(?m)^(x-request-id|x-sluice-request-id|x-ratelimit-[a-z]+-[a-z]+|retry-after.*"
            + "|x-sluice-wait-ms|age): .*$";

    private static final String HELLO = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    private static final String CHAT = post("/v1/chat/completions", HELLO);
    private static final String STREAM = post("/v1/chat/completions",
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}");
    private static final String FILES = get("/v1/files", "");

    /**
     * What a client writes, and how many answers it gets, interim ones included.
     *
     * @param bytes with {@code <PAUSE>} where it waits for an answer first
     */
    record Exchange(String name, int answers, String bytes) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static String head(String line, String headers) {
        return line + " HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer " + KEY + "\r\n" + headers;
    }

    private static String post(String path, String body, String... lines) {
        return head("POST " + path, "Content-Type: application/json\r\n" + String.join("", Stream.of(lines)
                .map(line -> line + "\r\n").toList())) + "Content-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    private static String get(String path, String headers) {
        return head("GET " + path, headers) + "\r\n";
    }

    private static Exchange chat(String name, String... lines) {
        return new Exchange(name, 1, post("/v1/chat/completions", HELLO, lines));
    }

    /** With this in place of the content length. */
    private static Exchange framed(String name, String lines, String body) {
        return new Exchange(name, 1, head("POST /v1/chat/completions", lines) + "\r\n" + body);
    }

    private static Exchange line(String line) {
        return new Exchange(line, 1,
                CHAT.replace("POST /v1/chat/completions HTTP/1.1\r\n", line.replace("<CRLF>", "\r\n") + "\r\n"));
    }

    static List<Exchange> exchanges() {
        return List.of(chat("plain"),
                chat("kept alive", "Connection: keep-alive"), chat("kept alive, in capitals", "CONNECTION: KEEP-ALIVE"),
                chat("to be closed", "Connection: close"),
                chat("headers of a connection", "Connection: keep-alive, x-mine",
                        "x-mine: 1", "x-other: 2"),
                chat("two connection lines", "Connection: keep-alive", "Connection: x-mine", "x-mine: 1"),
                chat("odd values", "x-Empty:", "X-SPACE: \t a  b\t ", "x-none:c", "x-latin: caf\u00e9",
                        "x.y!#$%&'*+-^_`|~1: z"),
                chat("a header twice", "x-two: a", "X-Two: b", "x-two: a"),
                chat("two keys", "Authorization: Bearer other"), chat("key of another kind", "api-key: " + KEY),
                chat("of one hop", "TE: trailers", "Trailer: x", "Keep-Alive: timeout=5",
                        "Proxy-Connection: keep-alive",
                        "Cookie: a=b", "Via: x", "Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4"),
                new Exchange("to wait for 100", 2, post("/v1/chat/completions", HELLO, "Expect: 100-continue")),
                chat("to expect what nobody knows", "Expect: more"),
                chat("an upgrade", "Connection: Upgrade", "Upgrade: websocket"),
                chat("upgrade to HTTP/2", "Upgrade: h2c"),
                chat("an SDK", "User-Agent: OpenAI/Python 2.52.0", "X-Stainless-Lang: python",
                        "X-Stainless-Package-Version: 2.52.0", "x-stainless-read-timeout: 600",
                        "Accept: application/json",
                        "Accept-Encoding: gzip, deflate"),
                chat("a tag", "x-sluice-tags: team=search"), chat("a bad tag", "x-sluice-tags: ="),
                chat("a bad wait", "x-sluice-max-wait: soon"), chat("an encoding", "Content-Encoding: gzip"),
                chat("idempotent", "Idempotency-Key: one"), chat("two types", "content-type: text/plain"),
                chat("two hosts", "host: other"), chat("folded", "x-a: b\r\n c"), chat("no name", ": x"),
                chat("no colon", "xyz"), chat("space before the colon", "x : y"), chat("NUL", "x: a\0b"),
                chat("DEL", "x: a\u007fb"), chat("bare CR", "x: a\rb"), chat("bare LF", "x: a\ny: b"),
                chat("odd name", "x(y): z"), chat("name that is not ASCII", "x\u00e9: z"),
                chat("long head", "x: " + "y".repeat(12_000)),
                chat("head that is too long", "x: " + "y".repeat(40_000)),
                framed("chunked", "Transfer-Encoding: chunked\r\n",
                        Integer.toHexString(HELLO.length()) + "\r\n" + HELLO + "\r\n0\r\n\r\n"),
                framed("chunked and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
                framed("identity", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"),
                framed("almost a length", "Content-Xength: " + HELLO.length() + "\r\n", HELLO),
                chat("almost a second length", "content-1ength: 5", "content-xype: a/b"),
                framed("no length", "", ""), framed("length of 0", "Content-Length: 0\r\n", ""),
                framed("leading zero", "Content-Length: 0" + HELLO.length() + "\r\n", HELLO),
                framed("blanks around", "Content-Length:  " + HELLO.length() + " \t\r\n", HELLO),
                framed("signed length", "Content-Length: +5\r\n", "hello"),
                framed("negative length", "Content-Length: -5\r\n", "hello"),
                framed("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
                framed("the same length twice", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
                framed("list of lengths", "Content-Length: 5, 5\r\n", "hello"),
                framed("no number", "Content-Length: five\r\n", "hello"),
                framed("number that is too large", "Content-Length: 99999999999999999999\r\n", "hello"),
                framed("longer than allowed", "Content-Length: 5000000000\r\n", "hello"),
                new Exchange("no host", 1, CHAT.replace("Host: gateway\r\n", "")),
                new Exchange("empty host", 1, CHAT.replace("Host: gateway", "Host:")),
                new Exchange("bad host", 1, CHAT.replace("Host: gateway", "Host: a b")),
                new Exchange("host with a bad port", 1, CHAT.replace("Host: gateway", "Host: a:b")),
                new Exchange("host with a port", 1, CHAT.replace("Host: gateway", "Host: [::1]:8080")),
                line("POST /v1/chat/completions?a=b%20c HTTP/1.1"), line("POST /v1/chat%2Fcompletions HTTP/1.1"),
                line("POST /v1//chat/completions HTTP/1.1"), line("POST /v1/chat/completions/ HTTP/1.1"),
                line("POST http://elsewhere/v1/chat/completions HTTP/1.1"), line("POST /v1/chat/completions HTTP/1.0"),
                line("POST /v1/chat/completions HTTP/1.2"), line("POST /v1/chat/completions HTTP/2.0"),
                line("POST /v1/chat/completions"), line("post /v1/chat/completions HTTP/1.1"),
                line("PUT /v1/chat/completions HTTP/1.1"), line("POST  /v1/chat/completions HTTP/1.1"),
                line("POST /v1/chat/completions\tHTTP/1.1"), line("<CRLF>POST /v1/chat/completions HTTP/1.1"),
                line("POST /v1/chat/nothing HTTP/1.1"), line("POST /v1/files HTTP/1.1"),
                new Exchange("lines that end in LF", 1, CHAT.replace("\r\n", "\n")),
                new Exchange("wrong key", 1, CHAT.replace(KEY, "sk-wrong")),
                new Exchange("no key", 1, CHAT.replace("Authorization", "x-authorization")),
                new Exchange("not JSON", 1, post("/v1/chat/completions", "hello")),
                new Exchange("no model", 1, post("/v1/chat/completions", "{}")),
                new Exchange("model that is not allowed", 1,
                        post("/v1/chat/completions", HELLO.replace("gpt-4o", "o3"))),
                new Exchange("a key twice", 1,
                        post("/v1/chat/completions", HELLO.replace("{\"model\"", "{\"model\":1,\"model\""))),
                new Exchange("larger than allowed", 1, post("/v1/chat/completions", "x".repeat(70_000))),
                new Exchange("beyond ASCII", 1,
                        post("/v1/embeddings", "{\"model\":\"gpt-4o\",\"input\":\"h\u00e9llo \u2713\"}")),
                new Exchange("stream", 1, STREAM), new Exchange("streams", 3, STREAM.repeat(3)),
                new Exchange("error of the upstream", 1, post("/v1/chat/completions", HELLO.replace("hello", "fail"))),
                new Exchange("broken off by the upstream", 1,
                        post("/v1/chat/completions", HELLO.replace("hello", "break"))),
                new Exchange("pipelined", 5, CHAT.repeat(5)),
                new Exchange("pipelined, more than begin at once", 70, CHAT.repeat(70)),
                new Exchange("refused, more than begin at once", 70,
                        CHAT.replace(KEY, "sk-wrong").repeat(40) + FILES.replace(KEY, "sk-wrong").repeat(29) + CHAT),
                new Exchange("one after the other", 3, CHAT + "<PAUSE>" + CHAT + "<PAUSE>" + CHAT),
                new Exchange("every second is plain", 5,
                        CHAT + "<PAUSE>" + FILES + "<PAUSE>" + CHAT + "<PAUSE>" + FILES + "<PAUSE>" + STREAM),
                new Exchange("pipelined, every second plain", 5, CHAT + FILES + CHAT + FILES + STREAM),
                new Exchange("pipelined behind one refused", 3, CHAT.replace(KEY, "sk-wrong") + CHAT + FILES),
                new Exchange("pipelined before one that is malformed", 2,
                        CHAT + "POST /v1/chat/completions HTTP/1.1\r\nx\r\n\r\n"),
                new Exchange("pipelined before the end", 2, CHAT + get("/v1/files", "Connection: close\r\n") + CHAT),
                new Exchange("empty lines between", 2, CHAT + "<PAUSE>\r\n\r\n" + CHAT),
                new Exchange("not HTTP behind it", 2, CHAT + "<PAUSE>\0\1\2\r\n\r\n"),
                new Exchange("other routes", 4, post("/v1/completions", "{\"model\":\"gpt-4o\",\"prompt\":\"x\"}")
                        + post("/v1/moderations", "{\"input\":\"x\"}")
                        + post("/v1/responses", "{\"model\":\"gpt-4o\",\"input\":\"x\"}")
                        + post("/v1/audio/speech", "{\"model\":\"gpt-4o\",\"input\":\"x\",\"voice\":\"alloy\"}")));
    }

    private static EchoUpstream upstream;
    private static Gateway plain;
    private static Gateway vertx;

    @BeforeAll
    static void start() throws Exception {
        upstream = EchoUpstream.start(VERTX, BothEdgesTest::answer);
        plain = gateway("on");
        vertx = gateway("off");
    }

    private static void answer(HttpServerRequest request, Buffer body) {
        String asked = body.toString();
        if (asked.contains("break")) {
            request.response().putHeader("content-length", "100").write("{")
                    .onComplete(sent -> request.connection().close());
        } else if (asked.contains("fail")) {
            request.response().setStatusCode(400).putHeader("content-type", "application/json")
                    .end("{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}");
        } else if (asked.contains("\"stream\":true")) {
            request.response().setChunked(true).putHeader("content-type", "text/event-stream").putHeader("x-one", "1");
            request.response().write("data: {\"choices\":[]}\n\n");
            request.response().end("data: [DONE]\n\n");
        } else {
            request.response().headers().add("content-type", "application/json").add("set-cookie", "a=b")
                    .add("x-two", "a")
                    .add("X-Two", "b");
            request.response().end("{\"object\":\"list\",\"data\":[],\"n\":" + body.length() + "}");
        }
    }

    private static Gateway gateway(String edge) throws Exception {
        return Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0, plain-edge: %s, max-body: 64KiB }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["%s"] }]
                tenants: [{ name: bot, rpm: 100000, keys: ["%s"], endpoints: [inference, files], models: ["gpt-4o"] }]
                """.formatted(edge, upstream.port(), UPSTREAM_KEY, KEY)), Time.system()).await();
    }

    @AfterAll
    static void stop() {
        Await.until("open reservations", plain::outstanding, 0);
        Await.until("open reservations", vertx::outstanding, 0);
        plain.stop().await();
        vertx.stop().await();
        VERTX.close().await();
    }

    @ParameterizedTest
    @MethodSource("exchanges")
    void sameAnswersAndRequests(Exchange exchange) throws IOException {
        assertThat(hear(plain, exchange, false)).isEqualTo(hear(vertx, exchange, false));
    }

    /** Each byte is written by itself. */
    @ParameterizedTest
    @MethodSource("exchanges")
    void inSmallPiecesToo(Exchange exchange) throws IOException {
        if (exchange.bytes().length() < 5_000) {
            assertThat(hear(plain, exchange, true)).isEqualTo(hear(vertx, exchange, false));
        }
    }

    private record Heard(List<String> answers, List<String> requests) {}

    private static Heard hear(Gateway gateway, Exchange exchange, boolean slowly) throws IOException {
        int before = upstream.received().size();
        List<String> answers = new ArrayList<>();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            String[] parts = exchange.bytes().split("<PAUSE>", -1);
            for (String part : parts) {
                write(socket, part, slowly);
                if (parts.length > 1) {
                    answers.add(answer(socket.getInputStream()));
                }
            }
            while (answers.size() < exchange.answers()) {
                answers.add(answer(socket.getInputStream()));
            }
        }
        return new Heard(answers, upstream.received().stream().skip(before).map(BothEdgesTest::shown).toList());
    }

    private static String shown(EchoUpstream.Received received) {
        Map<String, String> headers = new TreeMap<>(received.headers());
        return received.method() + ' ' + received.uri() + ' ' + headers + ' ' + received.body();
    }

    private static void write(Socket socket, String text, boolean slowly) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        try {
            for (int i = 0; slowly && i < bytes.length; i++) {
                socket.getOutputStream().write(bytes[i]);
            }
            if (!slowly) {
                socket.getOutputStream().write(bytes);
            }
        } catch (SocketException closed) {
            // What it has answered can be read all the same.
        }
    }

    /** One answer as it came, but for what differs from call to call; what there is of it, if it breaks off. */
    private static String answer(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            until(in, text, "\r\n\r\n");
            String head = text.toString().toLowerCase(Locale.ROOT);
            int length = head.indexOf("\r\ncontent-length: ");
            if (length >= 0) {
                int from = length + "\r\ncontent-length: ".length();
                int size = Integer.parseInt(head.substring(from, head.indexOf('\r', from)));
                text.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
            } else if (head.contains("\r\ntransfer-encoding: chunked\r\n")) {
                until(in, text, "\r\n0\r\n\r\n");
            }
        } catch (SocketException reset) {
            text.append("<reset>");
        }
        return text.toString().lines().map(line -> line.replaceFirst(CHANGING, "$1: *"))
                .collect(Collectors.joining("\n"));
    }

    private static void until(InputStream in, StringBuilder text, String end) throws IOException {
        while (text.length() < end.length() || text.indexOf(end, text.length() - end.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                text.append("<end>");
                return;
            }
            text.append((char) next);
        }
    }
}
