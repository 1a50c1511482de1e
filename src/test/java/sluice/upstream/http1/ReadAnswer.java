package sluice.upstream.http1;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What was read of one answer.
 *
 * @param headers as {@code name=value}, in order
 * @param pieces  of the body, as they came
 */
record ReadAnswer(End end, int status, List<String> headers, List<String> pieces, List<String> trailers,
        boolean reusable) {

    enum End {
        WHOLE, CLOSED, REFUSED, UNFINISHED
    }

    String body() {
        return String.join("", pieces);
    }

    /** Reads one answer, until it ends or the reads do, and with them the connection. */
    static ReadAnswer of(List<byte[]> reads, boolean toHead) {
        Gathering gathering = new Gathering();
        ResponseDecoder decoder = new ResponseDecoder(new HeadReader(), gathering);
        decoder.expect(toHead);
        End end = End.UNFINISHED;
        try {
            for (int i = 0; i < reads.size() && !gathering.ended; i++) {
                decoder.read(reads.get(i).clone());
            }
            end = gathering.ended ? End.WHOLE : decoder.closed() ? End.CLOSED : End.UNFINISHED;
        } catch (MalformedResponse malformed) {
            end = End.REFUSED;
        }
        return new ReadAnswer(end, gathering.status, gathering.headers, gathering.pieces, gathering.trailers,
                decoder.reusable());
    }

    /** Cuts bytes into reads of random length. */
    static List<byte[]> cut(byte[] all, int longest, Random random) {
        List<byte[]> reads = new ArrayList<>();
        for (int at = 0; at < all.length;) {
            int to = Math.min(all.length, at + 1 + random.nextInt(longest));
            reads.add(Arrays.copyOfRange(all, at, to));
            at = to;
        }
        return reads;
    }

    /** For tests that want nothing of what is read. */
    static class Ignoring implements ResponseDecoder.Sink {

        @Override
        public void head(ResponseHead head) {
            // Not wanted.
        }

        @Override
        public void piece(Buffer piece) {
            // Not wanted.
        }

        @Override
        public void end(MultiMap trailers) {
            // Not wanted.
        }
    }

    private static final class Gathering extends Ignoring {
        private final List<String> headers = new ArrayList<>();
        private final List<String> pieces = new ArrayList<>();
        private final List<String> trailers = new ArrayList<>();
        private int status;
        private boolean ended;

        @Override
        public void head(ResponseHead head) {
            status = head.status();
            head.headers().forEach((name, value) -> headers.add(name + "=" + value));
        }

        @Override
        public void piece(Buffer piece) {
            pieces.add(piece.toString(StandardCharsets.ISO_8859_1));
        }

        @Override
        public void end(MultiMap last) {
            ended = true;
            last.forEach((name, value) -> trailers.add(name + "=" + value));
        }
    }
}
