package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The tokens a call used, as the upstream reports them under either of its naming schemes.
 *
 * @param input  prompt tokens
 * @param output answer tokens, including reasoning
 * @param cached how many input tokens came from the upstream's own cache
 */
public record Usage(long input, long output, long cached) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Input and output together. */
    public long total() {
        return input + output;
    }

    /** The sum of this and another usage. */
    public Usage plus(Usage other) {
        return new Usage(input + other.input, output + other.output, cached + other.cached);
    }

    /** Reads the value of a {@code usage} field; null if it names no tokens. */
    static @Nullable Usage read(byte[] json, int from, int length) {
        try (JsonParser parser = JSON.createParser(json, from, length)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? read(parser) : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** Reads the object whose opening brace has just been read. */
    static @Nullable Usage read(JsonParser parser) throws IOException {
        long input = -1;
        long output = 0;
        long cached = 0;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            switch (name) {
                case "prompt_tokens", "input_tokens" -> input = count(parser);
                case "completion_tokens", "output_tokens" -> output = count(parser);
                case "prompt_tokens_details", "input_tokens_details", "input_token_details" -> cached = cached(parser);
                default -> parser.skipChildren();
            }
        }
        return input < 0 ? null : new Usage(input, Math.max(0, output), Math.max(0, cached));
    }

    private static long cached(JsonParser parser) throws IOException {
        long cached = 0;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                if (name.equals("cached_tokens")) {
                    cached = count(parser);
                }
                parser.skipChildren();
            }
        }
        return cached;
    }

    private static long count(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return parser.getLongValue();
        }
        parser.skipChildren();
        return 0;
    }
}
