package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a JSON body one after the other, as many as may be: what a body may cost is bounded by this, and not by its
 * length alone.
 */
final class JsonTokens implements AutoCloseable {
    /** Fields of all objects together. */
    static final int MOST_FIELDS = 100_000;
    /** Values, fields and brackets together. */
    static final int MOST_TOKENS = 2_000_000;
    static final int DEEPEST = 1000;
    static final int LONGEST_NAME = 1024;
    static final int LONGEST_NUMBER = 256;
    private static final int LONGEST_LONG = 18;

    /** Bodies are bounded before they come here, so a single string may fill one. */
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

    /** The next token, or null behind the last. */
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

    /** The name of the next field of an object, whose value is next then; null at the end of the object. */
    @Nullable
    String nextField() throws IOException, MalformedBody {
        return next() == JsonToken.FIELD_NAME ? parser.currentName() : null;
    }

    /** The value that comes now. */
    JsonToken value() {
        return parser.currentToken();
    }

    /** The name of the field that the value is of, or of the object around its array; empty where there is none. */
    String name() throws IOException {
        String name = parser.currentName();
        return name == null ? "" : name;
    }

    /** Passes over what the value holds, if it has begun and not ended. */
    void skip() throws IOException, MalformedBody {
        if (!value().isStructStart()) {
            return;
        }
        for (int depth = 1; depth > 0;) {
            JsonToken token = next();
            depth += token == null ? -depth : token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
    }

    /** How the value changes the depth. */
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

    /** The whole number that stands here; -1 if it is none, or one that no limit would hold. */
    long wholeNumber() throws IOException {
        return value() == JsonToken.VALUE_NUMBER_INT && length() <= LONGEST_LONG ? parser.getLongValue() : -1;
    }

    /** Whether the text begins so, whatever its case; what follows may be long, and is not decoded if it is. */
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

    /** Characters of a word or a number as it stands. */
    int length() throws IOException {
        return parser.getTextLength();
    }

    /** The index of the next byte to be read: behind a brace, a word or the quote of a string that has just been read. */
    int position() {
        return (int) parser.currentLocation().getByteOffset();
    }

    /**
     * Characters of the string that the parser has come to but not decoded, and will skip; decoding it would cost several
     * times its length in memory.
     *
     * @param most where counting ends
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
