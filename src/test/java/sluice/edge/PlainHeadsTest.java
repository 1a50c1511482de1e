package sluice.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.net.StrictDecoder;

/** What is taken for the head of a plain call is read in the same way by the server's own decoder, and passes its rules. */
class PlainHeadsTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String LINE = "POST " + PATH + " HTTP/1.1\r\n";
    private static final String HEAD = LINE + "Host: gateway:8080\r\n"
            + "Authorization: Bearer sk-sluice-1\r\nContent-Type: application/json\r\nx-Stainless-Lang:python \t\r\n"
            + "Connection: keep-alive\r\nX-Empty:\r\nContent-Length: 12\r\n\r\n";
    private static final List<String> ODD = List.of("\r", "\n", "\r\n", " ", "\t", ":", ",", "\0", "\u007f", "\u0080",
            "\u00ff", "\u000b", "\u000c", "\u0085", "0", "9", "+", "-", "x", "X", "/", "%2F", "?", "#", "@", "[",
            "\r\n\r\n",
            "\n\n", "Host: h\r\n", "host:\r\n", "Content-Length: 3\r\n", "content-length:12\r\n", "close",
            "Connection: close\r\n", "Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n",
            "Upgrade: websocket\r\n", "HTTP/1.1", "HTTP/1.0", "POST ", "GET ", PATH, "Content-Type: a/b\r\n", "chunked",
            "content-xength: 3\r\n",
            "content-xype: a/b\r\n");
    private static final int MUTANTS = 60_000;
    private static final int MOST_HEAD = 32 * 1024;

    private static final Vertx VERTX = Vertx.vertx();
    private static final PlainCaller CALLER = new PlainCaller(VERTX, Set.of(), request -> {});

    private final PlainHeadReader reader = new PlainHeadReader(Set.of(PATH, "/v1/embeddings"));

    @AfterAll
    static void close() {
        CALLER.close();
        VERTX.close().await();
    }

    private @Nullable PlainHead read(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int end = reader.end(bytes, 0, bytes.length);
        return end < 0 ? null : reader.read(bytes, 0, end);
    }

    @Test
    void usualHeadIsPlain() {
        PlainHead head = Objects.requireNonNull(read(HEAD));
        assertThat(head.target()).isEqualTo(PATH);
        assertThat(head.length()).isEqualTo(12);
        assertThat(lines(head.headers())).containsExactly("Host: gateway:8080", "Authorization: Bearer sk-sluice-1",
                "Content-Type: application/json", "x-Stainless-Lang: python", "Connection: keep-alive", "X-Empty: ",
                "Content-Length: 12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /v1/models HTTP/1.1\r\n", "POST /v1/files HTTP/1.1\r\n",
            "post " + PATH + " HTTP/1.1\r\n",
            "POST " + PATH + "?a=b HTTP/1.1\r\n", "POST " + PATH + "/ HTTP/1.1\r\n",
            "POST //v1/embeddings HTTP/1.1\r\n",
            "POST /v1/%65mbeddings HTTP/1.1\r\n", "POST http://h" + PATH + " HTTP/1.1\r\n",
            "POST  " + PATH + " HTTP/1.1\r\n",
            "POST " + PATH + "  HTTP/1.1\r\n", "POST\t" + PATH + " HTTP/1.1\r\n", "POST " + PATH + " HTTP/1.0\r\n",
            "POST " + PATH + " HTTP/1.1 \r\n", "POST " + PATH + " HTTP/1.1\n", "POST " + PATH + " http/1.1\r\n",
            "\r\nPOST " + PATH + " HTTP/1.1\r\n", "POST " + PATH + "\r\n", "PRI * HTTP/2.0\r\n"})
    void otherRequestLinesAreNot(String line) {
        assertThat(read(line + "Host: h\r\nContent-Length: 2\r\n\r\n")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: h\r\n", "Content-Length: 2\r\n", "Host: h\r\nContent-Length: 0\r\n",
            "Host: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n", "Host: h\r\nContent-Length: 2, 2\r\n",
            "Host: h\r\nContent-Length: +2\r\n", "Host: h\r\nContent-Length: -2\r\n", "Host: h\r\nContent-Length:\r\n",
            "Host: h\r\nContent-Length: 2 2\r\n", "Host: h\r\nContent-Length: 0x2\r\n",
            "Host: h\r\nContent-Length: 99999999999\r\n", "Host: h\r\nHost: h\r\nContent-Length: 2\r\n",
            "Host:\r\nContent-Length: 2\r\n", "Host: a b\r\nContent-Length: 2\r\n",
            "Host: a@b\r\nContent-Length: 2\r\n",
            "Host: h\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "Host: h\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n",
            "Host: h\r\nContent-Length: 2\r\nEXPECT: 100-continue\r\n",
            "Host: h\r\nContent-Length: 2\r\nUpgrade: h2c\r\n",
            "Host: h\r\nContent-Length: 2\r\nConnection: close\r\n",
            "Host: h\r\nContent-Length: 2\r\nConnection: keep-alive, x\r\n",
            "Host: h\r\nContent-Length: 2\r\nConnection: keep-alive\r\nConnection: keep-alive\r\n",
            "Host: h\r\nContent-Length: 2\r\nContent-Type: a/b\r\ncontent-type: a/b\r\n",
            "Host: h\r\nContent-Length: 2\r\nx : y\r\n", "Host: h\r\nContent-Length: 2\r\n x: y\r\n",
            "Host: h\r\nContent-Length: 2\r\nx: y\r\n z\r\n", "Host: h\r\nContent-Length: 2\r\n: y\r\n",
            "Host: h\r\nContent-Length: 2\r\nxy\r\n", "Host: h\r\nContent-Length: 2\r\nx: a\rb\r\n",
            "Host: h\r\nContent-Length: 2\r\nx: a\nb: c\r\n", "Host: h\r\nContent-Length: 2\r\nx: a\0b\r\n",
            "Host: h\r\nContent-Length: 2\r\nx: a\u007fb\r\n", "Host: h\r\nContent-Length: 2\r\nx\u00e9: a\r\n"})
    void otherHeadersAreNot(String lines) {
        assertThat(read(LINE + lines + "\r\n")).isNull();
    }

    /** A head that comes in parts is held only as long as it may still be plain. */
    @Test
    void beginningOfAPlainHeadMayBecomeOne() {
        byte[] whole = HEAD.getBytes(StandardCharsets.ISO_8859_1);
        for (int to = 0; to < whole.length; to++) {
            assertThat(reader.end(whole, 0, to)).isEqualTo(PlainHeadReader.MORE);
        }
        for (String odd : List.of("G", "POST /v1/files HTTP/1.1\r\n", LINE + ":", LINE + "x\n", LINE + "x: y\nz",
                LINE + " ",
                LINE + "x y: z\r\n", LINE + "x: \0", "\r\n", "\n", LINE.replace("\r", ""))) {
            byte[] bytes = odd.getBytes(StandardCharsets.ISO_8859_1);
            if (!odd.endsWith(":") && !odd.endsWith(" ")) {
                assertThat(reader.end(bytes, 0, bytes.length)).as(odd).isEqualTo(PlainHeadReader.OTHER_CALL);
            }
        }
    }

    /** The same request, body and all, or it is not taken for plain. */
    @Test
    void mutatedHeadsAreReadAsTheServerReadsThemOrNotAtAll() {
        Random random = new Random(2026);
        int plain = 0;
        for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutated(random);
            PlainHead head = read(mutant);
            if (head != null) {
                plain++;
                assertReadAlike(mutant, head);
            }
        }
        assertThat(plain).as("plain ones among them").isBetween(MUTANTS / 20, MUTANTS - MUTANTS / 20);
    }

    private static List<String> lines(Iterable<Map.Entry<String, String>> headers) {
        List<String> lines = new ArrayList<>();
        headers.forEach(header -> lines.add(header.getKey() + ": " + header.getValue()));
        return lines;
    }

    private static String mutated(Random random) {
        StringBuilder text = new StringBuilder(HEAD);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(text.length());
            String odd = ODD.get(random.nextInt(ODD.size()));
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, odd);
                case 1 -> text.replace(at, Math.min(text.length(), at + odd.length()), odd);
                case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(3)));
                default -> {
                    int line = text.indexOf("\r\n", at);
                    text.insert(line < 0 ? at : line + 2, odd);
                }
            }
        }
        return text.toString();
    }

    private static void assertReadAlike(String text, PlainHead head) {
        EmbeddedChannel server = new EmbeddedChannel();
        server.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        StrictDecoder.install(server.pipeline(), MOST_HEAD, () -> {});
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n") + 4;
        server.writeInbound(Unpooled.wrappedBuffer(bytes, 0, end));
        HttpRequest request = server.readInbound();
        assertThat(request.decoderResult().isSuccess()).as(text).isTrue();
        assertThat(request.method().name()).isEqualTo("POST");
        assertThat(request.uri()).as(text).isEqualTo(head.target());
        assertThat(lines(request.headers())).as(text).usingElementComparator(String.CASE_INSENSITIVE_ORDER)
                .isEqualTo(lines(head.headers()));
        assertThat(server.<Object>readInbound()).as("nothing but the head").isNull();
        StrictDecoder.begun(server.pipeline());
        server.writeInbound(Unpooled.wrappedBuffer("x".repeat((int) Math.min(20_000, head.length()))
                .getBytes(StandardCharsets.ISO_8859_1)));
        long body = 0;
        boolean last = false;
        for (HttpContent part = server.readInbound(); part != null; part = server.readInbound()) {
            body += part.content().readableBytes();
            last |= part instanceof LastHttpContent;
            ReferenceCountUtil.release(part);
        }
        assertThat(body).as(text).isEqualTo(Math.min(20_000, head.length()));
        assertThat(last).as(text).isEqualTo(head.length() <= 20_000);
        server.finishAndReleaseAll();
        assertThat(HeadRule.fault(CALLER.request(head),
                HostAndPort.parseAuthority(head.headers().get(HttpHeaders.HOST), -1))).as(text).isEmpty();
    }
}
