package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads any JSON, and says what is wrong with anything else. */
final class JacksonTokens extends JsonTokens implements AutoCloseable {
    /** Body size is limited before this, so a single string may fill the whole body. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE)
                    .maxNestingDepth(DEEPEST).maxNameLength(LONGEST_NAME).maxNumberLength(LONGEST_NUMBER).build())
            .build();

    private final JsonParser parser;

    JacksonTokens(byte[] body) throws IOException {
        super(body);
        this.parser = JSON.createParser(body);
    }

    @Override
    @Nullable
    JsonToken read() throws IOException {
        return parser.nextToken();
    }

    @Override
    public JsonToken value() {
        return parser.currentToken();
    }

    @Override
    String name() throws IOException {
        String name = parser.currentName();
        return name == null ? "" : name;
    }

    @Override
    public String text() throws IOException {
        return parser.getText();
    }

    @Override
    double number() throws IOException {
        return parser.getDoubleValue();
    }

    @Override
    public long wholeNumber() throws IOException {
        return value() == JsonToken.VALUE_NUMBER_INT && length() <= LONGEST_LONG ? parser.getLongValue() : -1;
    }

    @Override
    public int length() throws IOException {
        return parser.getTextLength();
    }

    @Override
    int position() {
        return (int) parser.currentLocation().getByteOffset();
    }

    @Override
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
