package sluice.openai;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Splits a passing stream of server-sent events, in pieces of any size: returns only complete events, detects the end
 * of the stream, and extracts the usage.
 *
 * <p>If the gateway, not the caller, asked for the usage of a chat, everything that only this adds is left out: the
 * chunk that holds nothing else, and {@code "usage":null} in the others.
 *
 * <p>An event ends with an empty line; lines end with LF, CR LF or CR. An unfinished event is held, up to
 * {@value #LONGEST_HELD} bytes; a longer one is passed on as it arrives.
 */
public final class SseEvents {
    /** How much of an unfinished event is held, in bytes. */
    public static final int LONGEST_HELD = 64 * 1024;

    private static final Buffer NOTHING = Buffer.buffer();

    private final StreamEnd end;
    private final boolean tapped;
    private final boolean withoutUsage;
    private final EventReader event;
    /** The length of the current event so far. */
    private long size;
    private boolean afterCr;
    private boolean ended;
    private boolean failed;
    private boolean dropping;
    private long events;
    private boolean passing;
    private Buffer held = NOTHING;
    private @Nullable Usage usage;

    /**
     * Starts at the beginning of a stream.
     *
     * @param usageAt      where its events report usage
     * @param withoutUsage whether to leave out usage
     */
    public SseEvents(StreamEnd end, UsageAt usageAt, boolean withoutUsage) {
        this.end = end;
        this.tapped = usageAt != UsageAt.NOWHERE;
        this.withoutUsage = withoutUsage;
        this.event = new EventReader(end);
    }

    /** Takes the next piece; returns everything up to the end of the last complete event, including what was held. */
    public Buffer accept(Buffer piece) {
        Buffer out = NOTHING;
        Bytes bytes = Bytes.of(piece);
        // Indexes into the piece; held bytes come before it.
        int from = -held.length();
        int begun = from;
        int at = 0;
        if (afterCr && piece.length() > 0 && bytes.array[bytes.from] == '\n') {
            at = 1;
            if (size == 0) {
                from = dropping ? 1 : 0;
                begun = 1;
            } else {
                size++;
            }
        }
        afterCr &= piece.length() == 0;
        while (at < piece.length()) {
            int lineEnd = lineEnd(bytes, bytes.from + at) - bytes.from;
            event.line(bytes.array, bytes.from + at, bytes.from + lineEnd, size);
            int next = lineEnd == piece.length() ? lineEnd : afterLineEnd(bytes, lineEnd);
            size += next - at;
            at = next;
            if (next > lineEnd && event.endOfLine()) {
                AnswerTap said = event.data();
                int cutFrom = begun + (int) (event.dataFrom() + said.cutFrom());
                int cutTo = begun + (int) (event.dataFrom() + said.cutTo());
                dropping = withoutUsage && said.nothingElse() && !passing;
                if (dropping) {
                    out = join(out, between(piece, from, begun));
                    from = at;
                } else if (withoutUsage && cutTo > cutFrom && event.isOneLine() && !passing) {
                    out = join(join(out, between(piece, from, cutFrom)), between(piece, cutTo, at));
                    from = at;
                }
                endOfEvent();
                begun = at;
            }
        }
        if (begun > 0) {
            out = join(out, between(piece, from, begun));
            held = NOTHING;
            return join(out, hold(between(piece, begun, piece.length())));
        }
        return passing ? piece : hold(piece);
    }

    /**
     * Ends the stream as its framing says; returns what was held. A last event that lacks only its empty line counts.
     */
    public Buffer end() {
        event.endOfLine();
        if (size > 0 && event.isLast() && event.isWhole()) {
            endOfEvent();
        }
        return held;
    }

    /** The beginning of an unfinished event, so far. */
    Buffer held() {
        return held;
    }

    /** Whether the beginning of an unfinished event has already been passed on. */
    public boolean passing() {
        return passing;
    }

    /** Whether the end has arrived: the whole event, not just the line that marks it. */
    public boolean ended() {
        return ended;
    }

    /** Whether an error has ended it. */
    public boolean failed() {
        return failed;
    }

    /** How many complete events have arrived, including comments. */
    public long events() {
        return events;
    }

    /** The usage learned so far, or null: the largest, since it grows; of images the sum, since each has its own. */
    public @Nullable Usage usage() {
        return with(tapped ? event.data().usage() : null);
    }

    /** What is known about the model call so far. */
    public Served served() {
        return event.data().served(usage());
    }

    private @Nullable Usage with(@Nullable Usage more) {
        if (usage == null || more == null) {
            return usage == null ? more : usage;
        }
        if (end == StreamEnd.IMAGE_EVENT) {
            return usage.plus(more);
        }
        return more.total() >= usage.total() ? more : usage;
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
        while (at < bytes.to && bytes.array[at] != '\n' && bytes.array[at] != '\r') {
            at++;
        }
        return at;
    }

    /** The index after a line end, whose first byte is at {@code at}. */
    private int afterLineEnd(Bytes bytes, int at) {
        int index = bytes.from + at;
        if (bytes.array[index] == '\n') {
            return at + 1;
        }
        afterCr = index + 1 == bytes.to;
        return !afterCr && bytes.array[index + 1] == '\n' ? at + 2 : at + 1;
    }

    private void endOfEvent() {
        ended |= event.isLast();
        failed |= event.isError();
        usage = usage();
        events++;
        event.restart();
        size = 0;
        passing = false;
    }

    /** Part of what is held and of the piece after it; most pieces are exactly whole events and pass as they are. */
    private Buffer between(Buffer piece, int from, int to) {
        if (from >= to) {
            return NOTHING;
        }
        if (from >= 0) {
            return to - from == piece.length() ? piece : piece.slice(from, to);
        }
        int length = held.length();
        return to <= 0
                ? held.slice(length + from, length + to)
                : join(held.slice(length + from, length), between(piece, 0, to));
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
