package sluice.openai;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tokens of a JSON body one by one, up to a limit: the cost of a body is bounded by this, not by its length
 * alone.
 */
public abstract sealed class JsonTokens permits PlainTokens, JacksonTokens {

    /** What somebody reads from a JSON body. */
    @FunctionalInterface
    public interface Reading<T> {
        /** Reads from the first token on; may be called a second time, and then starts over. */
        T from(JsonTokens tokens) throws IOException, MalformedBody;
    }

    /** The most fields, over all objects. */
    static final int MOST_FIELDS = 100_000;
    /** The most values, fields and brackets in total. */
    static final int MOST_TOKENS = 2_000_000;
    static final int DEEPEST = 1000;
    static final int LONGEST_NAME = 1024;
    static final int LONGEST_NUMBER = 256;
    static final int LONGEST_LONG = 18;

    final byte[] body;
    private int fields;
    private int tokens;

    JsonTokens(byte[] body) {
        this.body = body;
    }

    /**
     * Reads a body, by the fast reader if it can.
     *
     * @throws IOException if it is not JSON
     */
    public static <T> T read(byte[] body, Reading<T> reading) throws IOException, MalformedBody {
        try {
            return reading.from(new PlainTokens(body));
        } catch (PlainTokens.Unclear unclear) {
            return readAny(body, reading);
        }
    }

    /** As {@link #read} if the fast reader cannot. */
    static <T> T readAny(byte[] body, Reading<T> reading) throws IOException, MalformedBody {
        try (JacksonTokens tokens = new JacksonTokens(body)) {
            return reading.from(tokens);
        }
    }

    /** Reads the next token, or null after the last. */
    abstract @Nullable JsonToken read() throws IOException;

    /** The current token. */
    public abstract JsonToken value();

    /** The name of the field that holds the current value; empty if there is none, as in an array. */
    abstract String name() throws IOException;

    /** The current string, decoded. */
    public abstract String text() throws IOException;

    /** The current number. */
    abstract double number() throws IOException;

    /** The current whole number; -1 if it is not one or is too large for any limit. */
    public abstract long wholeNumber() throws IOException;

    /** The length of the current word or number as written. */
    public abstract int length() throws IOException;

    /** The index of the next byte to be read: just after a brace, a word or a string's opening quote. */
    abstract int position();

    /**
     * Counts the characters of the current string without decoding it, which would take several times its length in
     * memory.
     *
     * @param most where counting stops
     */
    abstract int characters(int most);

    /** The next token, or null after the last. */
    public final @Nullable JsonToken next() throws IOException, MalformedBody {
        JsonToken token = read();
        if (++tokens > MOST_TOKENS) {
            throw MalformedBody.tooComplex("it has more than " + MOST_TOKENS + " values");
        }
        if (token == JsonToken.FIELD_NAME && ++fields > MOST_FIELDS) {
            throw MalformedBody.tooComplex("it has more than " + MOST_FIELDS + " fields");
        }
        return token;
    }

    /** Advances to the next field of an object and returns its name; null at the end of the object. */
    public final @Nullable String nextField() throws IOException, MalformedBody {
        return next() == JsonToken.FIELD_NAME ? name() : null;
    }

    /** Skips to the end of the current object or array; does nothing at any other token. */
    public final void skip() throws IOException, MalformedBody {
        if (!value().isStructStart()) {
            return;
        }
        for (int depth = 1; depth > 0;) {
            JsonToken token = next();
            depth += token == null ? -depth : token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
    }

    /** How the current token changes the depth. */
    final int step() {
        return value().isStructStart() ? 1 : value().isStructEnd() ? -1 : 0;
    }

    final boolean isNull() {
        return value() == JsonToken.VALUE_NULL;
    }

    /** Whether the current token is a string. */
    public final boolean isText() {
        return value() == JsonToken.VALUE_STRING;
    }

    /**
     * Whether the text begins with this, ignoring case. It may be long, so it is decoded only if its start has an
     * escape.
     */
    final boolean begins(String with) throws IOException {
        int from = position();
        int escaped = Math.min(body.length, from + with.length() * 6);
        for (int i = from; i < escaped && body[i] != '"'; i++) {
            if (body[i] == '\\') {
                return text().regionMatches(true, 0, with, 0, with.length());
            }
        }
        String begin = new String(body, from, Math.min(with.length(), body.length - from), StandardCharsets.ISO_8859_1);
        return begin.equalsIgnoreCase(with);
    }
}
