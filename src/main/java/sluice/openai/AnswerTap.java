package sluice.openai;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import sluice.openai.AnswerField.Place;

/**
 * Reads what an answer, or the data of one event after the other, says at its root as it passes in pieces of any size:
 * its model, service tier and usage, its type, whether it is an error. Nothing is buffered, and anything deeper that a
 * caller may control, such as an echoed tool schema, is ignored.
 */
public final class AnswerTap {
    /** No field, type or number that matters is longer; longer ones are not kept. Names of models may be. */
    private static final int LONGEST = UsageCounts.LONGEST_NUMBER;
    private static final int NOT_KEPT = -1;
    private static final byte[] NULL = ascii("null");

    private final Place[] places = new Place[Place.values().length];
    private int depth;
    /** How many open objects and arrays are not inspected. */
    private int skipped;
    private boolean over;
    private boolean whole;
    private boolean inString;
    private boolean escaped;
    private boolean naming;
    private @Nullable AnswerField field;
    private byte[] token = new byte[LONGEST];
    private int tokenLength;
    private boolean quoted;
    private long position;
    private long comma;
    private long name;
    private long wordEnd;

    private final byte[] type = new byte[LONGEST];
    private int typeLength;
    private boolean failed;
    private boolean choicesBegin;
    private boolean noChoices;
    private long cutFrom;
    private long cutTo;
    private final UsageCounts counts = new UsageCounts();
    private @Nullable Usage usage;
    private final ToldName model = new ToldName();
    private final ToldName serviceTier = new ToldName();

    public AnswerTap() {
        restart();
    }

    /** Starts over with the next document; the last reported model and service tier remain. */
    void restart() {
        depth = 0;
        skipped = 0;
        over = false;
        whole = false;
        inString = false;
        escaped = false;
        naming = false;
        field = null;
        tokenLength = NOT_KEPT;
        position = 0;
        comma = -1;
        typeLength = 0;
        failed = false;
        choicesBegin = false;
        noChoices = false;
        cutFrom = 0;
        cutTo = 0;
        usage = null;
    }

    /** Takes the next piece. */
    public void accept(Buffer piece) {
        Bytes bytes = Bytes.of(piece);
        accept(bytes.array, bytes.from, bytes.to);
    }

    /** Takes the next bytes. */
    void accept(byte[] bytes, int from, int to) {
        for (int i = from; i < to && !over; i++) {
            if (inString) {
                i = string(bytes, i, to);
            } else if (skipped > 0) {
                skip(bytes[i]);
            } else {
                structure(bytes[i], position + i - from);
            }
        }
        position += to - from;
    }

    /** The usage found so far, or null. */
    public @Nullable Usage usage() {
        return usage;
    }

    /** What is known about the model call, with this usage of all its documents. */
    Served served(@Nullable Usage all) {
        return new Served(model.text(), serviceTier.text(), all);
    }

    /** What is known about the model call. */
    public Served served() {
        return served(usage);
    }

    /** Whether the document is an object and has arrived in full. */
    boolean whole() {
        return whole;
    }

    /** Whether it reports an error. */
    boolean failed() {
        return failed || StreamEnd.isError(type, 0, typeLength);
    }

    /** Whether its type is that of a stream's last event. */
    boolean isLast(StreamEnd end) {
        return end.isLast(type, 0, typeLength);
    }

    /** Whether the document holds usage and an empty list of choices, and so nothing else. */
    boolean nothingElse() {
        return usage != null && noChoices;
    }

    /** Where the field {@code usage: null} of the root begins, with one adjacent comma. */
    long cutFrom() {
        return cutFrom;
    }

    /** Where it ends; not above {@link #cutFrom} if there is none, or nothing else in its object. */
    long cutTo() {
        return cutTo;
    }

    /** Reads on within a string; returns the index of the last byte read. */
    private int string(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (!escaped && tokenLength < 0) {
                i = PlainText.end(bytes, i, to);
                if (i == to) {
                    break;
                }
            }
            byte b = bytes[i];
            if (escaped) {
                escaped = false;
            } else if (b == '\\') {
                escaped = true;
                tokenLength = NOT_KEPT;
            } else if (b == '"') {
                inString = false;
                return i;
            } else if (tokenLength >= 0) {
                keep(b);
            }
            i++;
        }
        return to - 1;
    }

    private void keep(byte b) {
        if (tokenLength < 0) {
            return;
        }
        if (tokenLength == token.length && field != null && field.isName() && tokenLength < ToldName.LONGEST) {
            token = Arrays.copyOf(token, ToldName.LONGEST);
        }
        if (tokenLength == (field != null && field.isName() ? ToldName.LONGEST : LONGEST)) {
            tokenLength = NOT_KEPT;
        } else {
            token[tokenLength++] = b;
        }
    }

    /** Skips what is not inspected. */
    private void skip(byte b) {
        switch (b) {
            case '"' -> {
                inString = true;
                tokenLength = NOT_KEPT;
            }
            case '{', '[' -> skipped++;
            case '}', ']' -> {
                noChoices |= choicesBegin && b == ']';
                skipped--;
            }
            case ' ', '\t', '\r', '\n' -> {
                return;
            }
            default -> {
                // Its strings and brackets are all that matters.
            }
        }
        choicesBegin = false;
    }

    private void structure(byte b, long at) {
        if (depth == 0 && b != '{' && b > ' ') {
            over = true;
            return;
        }
        switch (b) {
            case '"' -> {
                inString = true;
                quoted = true;
                tokenLength = naming || field != null ? 0 : NOT_KEPT;
                name = naming ? at : name;
            }
            case '{' -> open();
            case '[' -> {
                choicesBegin = field == AnswerField.CHOICES;
                container();
                skipped = 1;
            }
            case '}' -> {
                value(b, at);
                close();
            }
            case ',' -> {
                value(b, at);
                naming = true;
                comma = at;
            }
            case ':' -> {
                field = depth > 0 && naming && tokenLength > 0
                        ? AnswerField.of(places[depth - 1], token, tokenLength)
                        : null;
                naming = false;
                quoted = false;
                tokenLength = field == null ? NOT_KEPT : 0;
            }
            case ' ', '\t', '\r', '\n' -> {
                // Between tokens.
            }
            default -> {
                keep(b);
                wordEnd = at + 1;
            }
        }
    }

    private void open() {
        Place inner = depth == 0 ? Place.ROOT : field == null ? null : field.opens();
        if (inner == null) {
            container();
            skipped = 1;
            return;
        }
        if (inner == Place.USAGE) {
            counts.restart();
        }
        field = null;
        places[depth++] = inner;
        naming = true;
        comma = -1;
    }

    /** The value of the current field is an object or array that is not inspected. */
    private void container() {
        failed |= field == AnswerField.ERROR;
        if (field != null && field.count() != null) {
            counts.unreadable();
        }
        field = null;
    }

    private void close() {
        Place closed = places[--depth];
        if (closed == Place.USAGE) {
            Usage told = counts.usage();
            usage = told == null ? usage : told;
        }
        whole = depth == 0;
        over = whole;
        naming = false;
        field = null;
    }

    /** A plain value, if there was one, has ended at a comma or brace. */
    private void value(byte by, long at) {
        AnswerField of = field;
        field = null;
        if (of == null) {
            return;
        }
        boolean isNull = !quoted && tokenLength == NULL.length
                && Arrays.equals(token, 0, NULL.length, NULL, 0, NULL.length);
        switch (of) {
            case TYPE -> {
                typeLength = quoted ? Math.max(0, tokenLength) : 0;
                System.arraycopy(token, 0, type, 0, typeLength);
            }
            case ERROR -> failed |= !isNull;
            case USAGE -> {
                if (isNull) {
                    leaveOut(by, at);
                }
            }
            case MODEL, MODEL_OF_RESPONSE -> model.tell(token, quoted ? tokenLength : 0);
            case SERVICE_TIER, SERVICE_TIER_OF_RESPONSE -> serviceTier.tell(token, quoted ? tokenLength : 0);
            default -> {
                // Ignored unless it is a number or an object.
                if (of.count() != null && !isNull) {
                    count(of.count());
                }
            }
        }
    }

    private void leaveOut(byte by, long at) {
        if (comma >= 0) {
            cutFrom = comma;
            cutTo = wordEnd;
        } else if (by == ',') {
            cutFrom = name;
            cutTo = at + 1;
        }
    }

    private void count(AnswerField.Count count) {
        if (tokenLength < 0) {
            counts.unreadable();
        } else {
            counts.tell(count, token, tokenLength);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
