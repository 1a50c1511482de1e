package sluice.upstream.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sluice.upstream.http1.ReadAnswer.End;

/**
 * Whatever bytes an upstream sends: what we read as a whole answer, Netty's decoder reads as the same answer. We may
 * refuse more than it does. {@code -Dinputs=10000000} tries more of them, {@code -Dseed} others.
 */
class ResponseDecoderDifferentialTest {
    private static final int INPUTS = Integer.getInteger("inputs", 200_000);
    private static final List<String> STATUS = List.of("HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 204 No Content",
            "HTTP/1.1 304 Not Modified", "HTTP/1.0 200 OK", "HTTP/1.1 429 Too Many Requests",
            "HTTP/1.1 103 Early Hints",
            "HTTP/1.1 100 Continue", "HTTP/1.1 500 \u00e4");
    private static final List<String> LINES = List.of("content-type: application/json", "Content-Length: 5",
            "content-length: 0", "Content-Length: 05", "content-length: 5 ", "transfer-encoding: chunked",
            "Transfer-Encoding:chunked", "transfer-encoding: identity", "connection: close", "Connection: keep-alive",
            "x-empty:", "x-tab:\ta\tb", "x-obs: \u00e9\u00ff", "trailer: t", "x-long: " + "y".repeat(300),
            "content-length: 5, 5",
            "content-length : 5", " folded", "content-encoding: gzip", "Upgrade: x");
    private static final List<String> BODIES = List.of("hello", "5\r\nhello\r\n0\r\n\r\n",
            "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            "5;ext=\"a;b\"\r\nhello\r\n0\r\nt: v\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "0\r\n\r\n", "", "hellohello",
            "00005\r\nhello\r\n000\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\n");

    @Test
    void everythingThatIsReadIsReadAsNettyReadsIt() {
        long seed = Long.getLong("seed", 20261129L);
        Random random = new Random(seed);
        int whole = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = input(random);
            boolean head = random.nextInt(10) == 0;
            List<byte[]> reads = random.nextBoolean()
                    ? List.of(input)
                    : ReadAnswer.cut(input, 1 + random.nextInt(40), random);
            ReadAnswer ours = ReadAnswer.of(reads, head);
            if (ours.end() == End.WHOLE || ours.end() == End.CLOSED) {
                whole++;
                ReadAnswer theirs = byNetty(reads, head);
                assertThat(outline(theirs))
                        .as("seed %d, input %d, %s", seed, i, new String(input, StandardCharsets.ISO_8859_1))
                        .isEqualTo(outline(ours));
            }
        }
        assertThat(whole).isGreaterThan(INPUTS / 10);
    }

    /** Netty drops the transfer coding of an answer that has no body. */
    private static List<Object> outline(ReadAnswer answer) {
        List<String> headers = answer.headers().stream()
                .filter(header -> !header.toLowerCase(Locale.ROOT).startsWith("transfer-encoding=")).toList();
        return List.of(answer.status(), headers, answer.body(), answer.trailers());
    }

    private static byte[] input(Random random) {
        StringBuilder text = new StringBuilder();
        text.append(pick(STATUS, random)).append("\r\n");
        for (int lines = random.nextInt(5); lines > 0; lines--) {
            text.append(pick(LINES, random)).append("\r\n");
        }
        text.append("\r\n").append(pick(BODIES, random));
        if (random.nextInt(8) == 0) {
            text.append("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int mutations = random.nextInt(4); mutations > 0 && bytes.length > 1; mutations--) {
            bytes = mutated(bytes, random);
        }
        return bytes;
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        String edges = "\r\n :;,0159afAF\t\0\u007f\u0085-+x";
        byte odd = random.nextInt(4) == 0
                ? (byte) random.nextInt(256)
                : (byte) edges.charAt(random.nextInt(edges.length()));
        return switch (random.nextInt(4)) {
            case 0 -> {
                byte[] changed = bytes.clone();
                changed[at] = odd;
                yield changed;
            }
            case 1 -> joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + 1, bytes.length));
            case 2 ->
                joined(joined(Arrays.copyOf(bytes, at), new byte[]{odd}), Arrays.copyOfRange(bytes, at, bytes.length));
            default -> Arrays.copyOf(bytes, at + 1);
        };
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String pick(List<String> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }

    /** The first final answer that Netty reads. */
    private static ReadAnswer byNetty(List<byte[]> reads, boolean toHead) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpResponseDecoder(new HttpDecoderConfig()
                .setMaxHeaderSize(ResponseDecoder.MOST_HEAD_BYTES).setMaxChunkSize(ResponseDecoder.MOST_HEAD_BYTES)) {
            @Override
            protected boolean isContentAlwaysEmpty(HttpMessage message) {
                return toHead || super.isContentAlwaysEmpty(message);
            }
        });
        reads.forEach(read -> channel.writeInbound(Unpooled.wrappedBuffer(read)));
        channel.finish();
        int status = 0;
        boolean ended = false;
        boolean failed = false;
        List<String> headers = new ArrayList<>();
        List<String> pieces = new ArrayList<>();
        List<String> trailers = new ArrayList<>();
        for (Object message = channel.readInbound(); message != null; message = channel.readInbound()) {
            if (!ended && message instanceof HttpResponse head && (status < 200 && status != 101)) {
                failed = head.decoderResult().isFailure();
                status = head.status().code();
                headers.clear();
                pieces.clear();
                head.headers().forEach(header -> headers.add(header.getKey() + "=" + header.getValue()));
            }
            if (!ended && message instanceof HttpContent content) {
                failed |= content.decoderResult().isFailure();
                pieces.add(content.content().toString(StandardCharsets.ISO_8859_1));
                if (content instanceof LastHttpContent last && (status >= 200 || status == 101)) {
                    ended = true;
                    for (Map.Entry<String, String> trailer : last.trailingHeaders()) {
                        trailers.add(trailer.getKey() + "=" + trailer.getValue());
                    }
                }
            }
            ReferenceCountUtil.release(message);
        }
        return new ReadAnswer(failed ? End.REFUSED : ended ? End.WHOLE : End.UNFINISHED, failed ? -1 : status, headers,
                pieces, trailers, false);
    }
}
