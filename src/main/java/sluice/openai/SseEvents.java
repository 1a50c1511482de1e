package sluice.openai;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a passing stream of server-sent events, in pieces of any size: returns only complete events, detects the end
 * mark, and extracts the usage.
 *
 * <p>If the gateway, not the caller, asked for the usage of a chat, the chunk that holds nothing else is left out.
 *
 * <p>An event ends with an empty line; lines end with LF or CR LF. An unfinished event is held, up to
 * {@value #LONGEST_HELD} bytes; a longer one is passed on as it arrives.
 */
public final class SseEvents {
    /** How much of an unfinished event is held, in bytes. */
    public static final int LONGEST_HELD = 64 * 1024;

    private static final Buffer NOTHING = Buffer.buffer();
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

    private final StreamEnd end;
    private final boolean tapped;
    private final boolean withoutUsage;
    private final UsageTap usage = new UsageTap();
    private final byte[] line = new byte[StreamEnd.LONGEST];
    private int lineLength;
    private byte last;
    private boolean inData;
    private boolean marked;
    private boolean ended;
    private long events;
    private boolean passing;
    private Buffer held = NOTHING;

    /**
     * Starts at the beginning of a stream.
     *
     * @param usageAt      where its events report usage
     * @param withoutUsage whether to leave out a chunk that holds usage and nothing else
     */
    public SseEvents(StreamEnd end, UsageAt usageAt, boolean withoutUsage) {
        this.end = end;
        this.tapped = usageAt != UsageAt.NOWHERE;
        this.withoutUsage = withoutUsage;
    }

    /** Takes the next piece; returns everything up to the end of the last complete event, including what was held. */
    public Buffer accept(Buffer piece) {
        Buffer out = NOTHING;
        int from = 0;
        int boundary = 0;
        Bytes bytes = Bytes.of(piece);
        int at = bytes.from;
        while (at < bytes.to) {
            int lineEnd = lineEnd(bytes, at);
            withinLine(bytes.array, at, lineEnd);
            at = lineEnd + 1;
            if (lineEnd < bytes.to && endOfLine()) {
                int end = at - bytes.from;
                if (leftOut()) {
                    out = join(out, take(piece, from, boundary));
                    from = end;
                }
                boundary = end;
                events++;
                usage.restart();
            }
        }
        if (boundary == 0) {
            return passing ? piece : hold(piece);
        }
        out = join(out, take(piece, from, boundary));
        passing = false;
        return join(out, hold(part(piece, boundary, piece.length())));
    }

    /** Whether the event that has just ended is one that the caller did not ask for. */
    private boolean leftOut() {
        return withoutUsage && usage.nothingElse() && !passing;
    }

    /** What was held and what follows it; if nothing follows, what was held belongs to the event that is left out. */
    private Buffer take(Buffer piece, int from, int to) {
        Buffer whole = to > from ? join(held, part(piece, from, to)) : NOTHING;
        held = NOTHING;
        return whole;
    }

    /** What is still held: the beginning of an unfinished event. */
    public Buffer held() {
        return held;
    }

    /** Whether the beginning of an unfinished event has already been passed on. */
    public boolean passing() {
        return passing;
    }

    /** Whether the end mark has arrived: the whole event, not just the line that marks it. */
    public boolean ended() {
        return ended;
    }

    /** How many complete events have arrived, including comments. */
    public long events() {
        return events;
    }

    /** The usage learned so far, or null. */
    public @Nullable Usage usage() {
        return usage.usage();
    }

    /** Holds the beginning of an event; returns it instead if it is too long to hold. */
    private Buffer hold(Buffer beginning) {
        held = join(held, beginning);
        if (held.length() <= LONGEST_HELD) {
            return NOTHING;
        }
        Buffer tooLong = held;
        held = NOTHING;
        passing = true;
        return tooLong;
    }

    private static int lineEnd(Bytes bytes, int from) {
        int at = from;
        while (at < bytes.to && bytes.array[at] != '\n') {
            at++;
        }
        return at;
    }

    /** Takes the next bytes of a line, or all of it. */
    private void withinLine(byte[] bytes, int from, int to) {
        int kept = Math.min(to - from, line.length - lineLength);
        if (kept > 0) {
            System.arraycopy(bytes, from, line, lineLength, kept);
        }
        boolean begun = lineLength >= DATA.length;
        int unseen = begun ? from : from + DATA.length - lineLength;
        lineLength += to - from;
        if (to > from) {
            last = bytes[to - 1];
        }
        if (!begun && lineLength >= DATA.length) {
            inData = Arrays.equals(line, 0, DATA.length, DATA, 0, DATA.length);
        }
        if (inData && tapped && unseen < to) {
            usage.accept(bytes, unseen, to);
        }
    }

    /** Ends a line; true if it was empty, and so ended an event. */
    private boolean endOfLine() {
        int length = lineLength > 0 && last == '\r' ? lineLength - 1 : lineLength;
        if (length <= line.length && length > 0) {
            marked |= end.isMark(line, length);
        }
        if (length == 0) {
            ended |= marked;
        }
        lineLength = 0;
        inData = false;
        return length == 0;
    }

    /** Part of a piece; most pieces are exactly whole events and are returned as they are. */
    private static Buffer part(Buffer piece, int from, int to) {
        if (from == to) {
            return NOTHING;
        }
        return to - from == piece.length() ? piece : piece.slice(from, to);
    }

    private static Buffer join(Buffer first, Buffer second) {
        if (first.length() == 0) {
            return second;
        }
        return second.length() == 0
                ? first
                : Buffer.buffer(first.length() + second.length()).appendBuffer(first)
                        .appendBuffer(second);
    }
}
