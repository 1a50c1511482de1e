package sluice.upstream.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.upstream.http1.ReadAnswer.End;

/** Reads answers as they are written, however they are cut into reads, and nothing that two could read differently. */
@SuppressWarnings("StringConcatToTextBlock") // line ends matter
class ResponseDecoderTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of(OK + "content-length: 5\r\n\r\nhello", "hello", true),
                Arguments.of(OK + "Content-Length:5\r\n\r\nhello", "hello", true),
                Arguments.of("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", "", true),
                Arguments.of("HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n", "", true),
                Arguments.of(OK + "content-length: 2\r\nconnection: close\r\n\r\nhi", "hi", false),
                Arguments.of(OK + "content-length: 2\r\nconnection: x, Close\r\n\r\nhi", "hi", false),
                Arguments.of("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", "hi", false),
                Arguments.of(OK + "content-length: 2\r\n\r\nhi+", "hi", false),
                Arguments.of(OK + "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde",
                        true),
                Arguments.of(OK + "Transfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n00\r\nt: v\r\n\r\n",
                        "0123456789",
                        true),
                Arguments.of(OK + "transfer-encoding: chunked\r\n\r\n0\r\n\r\nx", "", false),
                Arguments.of("HTTP/1.1 204 No Content\r\n\r\n", "", true),
                Arguments.of("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", "", true),
                Arguments.of("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK + "content-length: 2\r\n\r\nhi", "hi",
                        true),
                Arguments.of("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n", "", false));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answerIsReadHoweverItIsCut(String text, String body, boolean reusable) {
        Random random = new Random(7);
        for (int i = 0; i < 200; i++) {
            ReadAnswer answer = ReadAnswer.of(pieces(text, i == 0 ? 0 : 1 + random.nextInt(20), random), false);
            assertThat(answer.end()).isEqualTo(End.WHOLE);
            assertThat(answer.body()).isEqualTo(body);
            if (i == 0) {
                assertThat(answer.reusable()).isEqualTo(reusable);
            }
        }
    }

    @Test
    void bodyWithoutALengthEndsWithTheConnection() {
        List<byte[]> pieces = pieces(OK + "x: y\r\n\r\nuntil the end", 4, new Random(1));
        assertThat(ReadAnswer.of(pieces, false)).extracting(ReadAnswer::end, ReadAnswer::body, ReadAnswer::reusable)
                .containsExactly(End.CLOSED, "until the end", false);
    }

    @Test
    void answerToAHeadHasNoBody() {
        assertThat(ReadAnswer.of(List.of(bytes(OK + "content-length: 5\r\n\r\n")), true).end()).isEqualTo(End.WHOLE);
        assertThat(ReadAnswer.of(List.of(bytes(OK + "transfer-encoding: chunked\r\n\r\n")), true).reusable()).isTrue();
    }

    @Test
    void allChunksOfOneReadAreOnePiece() {
        ReadAnswer answer = ReadAnswer.of(List.of(bytes(OK + "transfer-encoding: chunked\r\n\r\n"),
                bytes("1\r\na\r\n1\r\nb\r\n1\r\n"), bytes("c\r\n0\r\n\r\n")), false);
        assertThat(answer.pieces()).containsExactly("ab", "c");
    }

    @Test
    void trailersAreRead() {
        ReadAnswer answer = ReadAnswer.of(
                List.of(bytes(OK + "transfer-encoding: chunked\r\n\r\n0\r\na: b\r\nc:  d \r\n\r\n")), false);
        assertThat(answer.trailers()).containsExactly("a=b", "c=d");
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1234567890123456789\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: a\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\n: v\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx : v\r\n\r\n", "HTTP/1.1 200 OK\r\nx\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: a\u0000b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: a\u007fb\r\n\r\n", "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n",
            "HTTP/1.1 200 OK\nx: a\r\n\r\n", "HTTP/1.1 200 OK\r\nx: a\n\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 000 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1  200 OK\r\n\r\n",
            "http/1.1 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\ng\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;a=\"b\"\r\na\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\nab\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1000000000000000\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n: x\r\n\r\n"})
    void whatTwoReadersCouldReadDifferentlyIsRefused(String text) {
        assertThat(ReadAnswer.of(List.of(bytes(text)), false).end()).isEqualTo(End.REFUSED);
        assertThat(ReadAnswer.of(pieces(text, 3, new Random(3)), false).end()).isEqualTo(End.REFUSED);
    }

    @Test
    void headsAndLinesAreBounded() {
        byte[] piece = bytes("x".repeat(1000));
        for (String begin : List.of("", OK + "x: ", OK + "transfer-encoding: chunked\r\n\r\n1;",
                OK + "transfer-encoding: chunked\r\n\r\n0\r\nx: ")) {
            ResponseDecoder decoder = new ResponseDecoder(new HeadReader(), new ReadAnswer.Ignoring());
            decoder.expect(false);
            assertThatThrownBy(() -> {
                decoder.read(bytes(begin));
                for (int i = 0; i < 100; i++) {
                    decoder.read(piece.clone());
                }
            }).isInstanceOf(MalformedResponse.class).hasMessageContaining("more than");
        }
    }

    /** In reads of random length; in one read if the longest is 0. */
    private static List<byte[]> pieces(String text, int longest, Random random) {
        byte[] all = bytes(text);
        return longest == 0 ? List.of(all) : ReadAnswer.cut(all, longest, random);
    }

    private static byte[] bytes(String text) {
        return Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), text.length());
    }
}
