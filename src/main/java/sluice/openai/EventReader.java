package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads one server-sent event after the other, line by line as their bytes pass: what type each has, and its data. */
final class EventReader {
    private static final byte[] DATA = ascii("data");
    private static final byte[] EVENT = ascii("event");
    private static final String DONE = "[DONE]";
    /** How much of a field's name, of an event's type or of a line of data is compared. */
    private static final int LONGEST = 48;

    /** Where in a line the next byte is. */
    private enum Part {
        NAME, DATA, EVENT, OTHER
    }

    private final StreamEnd end;
    private final AnswerTap data = new AnswerTap();
    private final byte[] begin = new byte[LONGEST];
    /** The bytes of the field's name, or of its value, so far. */
    private int length;
    private Part part = Part.NAME;
    private boolean emptyLine = true;
    private boolean done;
    private boolean lastType;
    private boolean errorType;
    private int dataLines;
    private long dataFrom;

    EventReader(StreamEnd end) {
        this.end = end;
    }

    /** Starts over with the next event. */
    void restart() {
        data.restart();
        done = false;
        lastType = false;
        errorType = false;
        dataLines = 0;
        dataFrom = 0;
    }

    /** What its data says so far. */
    AnswerTap data() {
        return data;
    }

    /** Whether its data is on a single line. */
    boolean isOneLine() {
        return dataLines == 1;
    }

    /** Where its data begins. */
    long dataFrom() {
        return dataFrom;
    }

    /** Whether it is the stream's last. */
    boolean isLast() {
        return end != StreamEnd.NONE && (done || lastType || data.isLast(end) || data.failed());
    }

    /** Whether it is an error. */
    boolean isError() {
        return end != StreamEnd.NONE && (errorType || data.failed());
    }

    /** Whether it was read in full. */
    boolean isWhole() {
        return done || data.whole();
    }

    /**
     * Takes the next bytes of a line, or all of it.
     *
     * @param at their index in the event
     */
    void line(byte[] bytes, int from, int to, long at) {
        emptyLine &= from == to;
        int next = from;
        if (part == Part.NAME) {
            while (next < to && bytes[next] != ':') {
                keep(bytes[next++]);
            }
            if (next == to) {
                return;
            }
            next++;
            part = isName(DATA) ? Part.DATA : isName(EVENT) ? Part.EVENT : Part.OTHER;
            length = 0;
            if (part == Part.DATA && dataLines++ == 0) {
                dataFrom = at + next - from;
            }
        }
        if (part == Part.DATA) {
            data.accept(bytes, next, to);
        }
        for (; part != Part.OTHER && next < to && length <= LONGEST; next++) {
            keep(bytes[next]);
        }
    }

    private boolean isName(byte[] name) {
        return length == name.length && Arrays.equals(begin, 0, length, name, 0, length);
    }

    private void keep(byte b) {
        if (length < LONGEST) {
            begin[length] = b;
        }
        length = Math.min(length + 1, LONGEST + 1);
    }

    /** Ends a line; true if it was empty, and so ended the event. */
    boolean endOfLine() {
        boolean empty = emptyLine;
        if (length <= LONGEST) {
            switch (part) {
                case DATA -> done |= length >= DONE.length()
                        && new String(begin, 0, length, StandardCharsets.US_ASCII).strip().equals(DONE);
                case EVENT -> {
                    int space = length > 0 && begin[0] == ' ' ? 1 : 0;
                    lastType |= end.isLast(begin, space, length);
                    errorType |= StreamEnd.isError(begin, space, length);
                }
                case NAME, OTHER -> {
                    // Says nothing here.
                }
            }
        }
        part = Part.NAME;
        length = 0;
        emptyLine = true;
        return empty;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
