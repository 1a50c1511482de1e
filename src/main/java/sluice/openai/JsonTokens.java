package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tokens of a JSON body one by one, up to a limit: the cost of a body is bounded by this, not by its length
 * alone.
 */
final class JsonTokens implements AutoCloseable {
    /** The most fields, over all objects. */
    static final int MOST_FIELDS = 100_000;
    /** The most values, fields and brackets in total. */
    static final int MOST_TOKENS = 2_000_000;
    static final int DEEPEST = 1000;
    static final int LONGEST_NAME = 1024;
    static final int LONGEST_NUMBER = 256;
    private static final int LONGEST_LONG = 18;

    /** Body size is limited before this, so a single string may fill the whole body. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE)
                    .maxNestingDepth(DEEPEST).maxNameLength(LONGEST_NAME).maxNumberLength(LONGEST_NUMBER).build())
            .build();

    private final byte[] body;
    private final JsonParser parser;
    private int fields;
    private int tokens;

    JsonTokens(byte[] body) throws IOException {
        this.body = body;
        this.parser = JSON.createParser(body);
    }

    /** The next token, or null after the last. */
    @Nullable
    JsonToken next() throws IOException, MalformedBody {
        JsonToken token = parser.nextToken();
        if (++tokens > MOST_TOKENS) {
            throw MalformedBody.tooComplex("it has more than " + MOST_TOKENS + " values");
        }
        if (token == JsonToken.FIELD_NAME && ++fields > MOST_FIELDS) {
            throw MalformedBody.tooComplex("it has more than " + MOST_FIELDS + " fields");
        }
        return token;
    }

    /** Advances to the next field of an object and returns its name; null at the end of the object. */
    @Nullable
    String nextField() throws IOException, MalformedBody {
        return next() == JsonToken.FIELD_NAME ? parser.currentName() : null;
    }

    /** The current token. */
    JsonToken value() {
        return parser.currentToken();
    }

    /** The name of the field that holds the current value; empty if there is none, as in an array. */
    String name() throws IOException {
        String name = parser.currentName();
        return name == null ? "" : name;
    }

    /** Skips to the end of the current object or array; does nothing at any other token. */
    void skip() throws IOException, MalformedBody {
        if (!value().isStructStart()) {
            return;
        }
        for (int depth = 1; depth > 0;) {
            JsonToken token = next();
            depth += token == null ? -depth : token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
    }

    /** How the current token changes the depth. */
    int step() {
        return value().isStructStart() ? 1 : value().isStructEnd() ? -1 : 0;
    }

    boolean isNull() {
        return value() == JsonToken.VALUE_NULL;
    }

    boolean isText() {
        return value() == JsonToken.VALUE_STRING;
    }

    String text() throws IOException {
        return parser.getText();
    }

    double number() throws IOException {
        return parser.getDoubleValue();
    }

    /** The current whole number; -1 if it is not one or is too large for any limit. */
    long wholeNumber() throws IOException {
        return value() == JsonToken.VALUE_NUMBER_INT && length() <= LONGEST_LONG ? parser.getLongValue() : -1;
    }

    /**
     * Whether the text begins with this, ignoring case. It may be long, so it is decoded only if its start has an
     * escape.
     */
    boolean begins(String with) throws IOException {
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

    /** The length of the current word or number as written. */
    int length() throws IOException {
        return parser.getTextLength();
    }

    /** The index of the next byte to be read: just after a brace, a word or a string's opening quote. */
    int position() {
        return (int) parser.currentLocation().getByteOffset();
    }

    /**
     * Counts the characters of the current string without decoding it, which would take several times its length in
     * memory.
     *
     * @param most where counting stops
     */
    int characters(int most) {
        int characters = 0;
        for (int i = position(); i < body.length && body[i] != '"' && characters < most; i++) {
            characters += (body[i] & 0xC0) == 0x80 ? 0 : 1;
            if (body[i] == '\\') {
                i += i + 1 < body.length && body[i + 1] == 'u' ? 5 : 1;
            }
        }
        return characters;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
