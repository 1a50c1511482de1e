package sluice.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The tokens a call used, as the upstream reports them under either of its naming schemes.
 *
 * @param input  prompt tokens
 * @param output answer tokens, including reasoning
 * @param cached how many input tokens came from the upstream's own cache
 */
public record Usage(long input, long output, long cached) {
    /** What {@link #count} answers for anything but a whole number. */
    static final long UNREADABLE = Long.MIN_VALUE;
    private static final int LONGEST_LONG = 18;
    private static final int LONGEST_NUMBER = 48;

    /** Input and output together. */
    public long total() {
        return input + output;
    }

    /** The sum of this and another usage. */
    public Usage plus(Usage other) {
        return new Usage(input + other.input, output + other.output, cached + other.cached);
    }

    /** Reads the object whose opening brace has just been read; null if it names no tokens, or none that can be read. */
    static @Nullable Usage read(JsonParser parser) throws IOException {
        long input = -1;
        long output = 0;
        long cached = 0;
        boolean unreadable = false;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            boolean told = parser.nextToken() != JsonToken.VALUE_NULL;
            switch (name) {
                case "prompt_tokens", "input_tokens" -> {
                    input = told ? count(parser) : input;
                    unreadable |= input == UNREADABLE;
                }
                case "completion_tokens", "output_tokens" -> {
                    output = told ? count(parser) : output;
                    unreadable |= output == UNREADABLE;
                }
                case "prompt_tokens_details", "input_tokens_details", "input_token_details" -> {
                    cached = cached(parser);
                    unreadable |= cached == UNREADABLE;
                }
                default -> parser.skipChildren();
            }
        }
        return input < 0 || unreadable ? null : new Usage(input, Math.max(0, output), Math.max(0, cached));
    }

    private static long cached(JsonParser parser) throws IOException {
        long cached = 0;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                boolean told = parser.nextToken() != JsonToken.VALUE_NULL;
                if (name.equals("cached_tokens") && told) {
                    cached = count(parser);
                }
                parser.skipChildren();
            }
        }
        return cached;
    }

    private static long count(JsonParser parser) throws IOException {
        if (parser.currentToken().isStructStart()) {
            parser.skipChildren();
            return UNREADABLE;
        }
        return parser.getTextLength() > LONGEST_NUMBER ? UNREADABLE : count(parser.getText());
    }

    /** A whole number as servers write it: {@code 12}, {@code 12.0} and {@code "12"} alike. */
    static long count(String text) {
        if (!text.isEmpty() && text.length() <= LONGEST_LONG && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Long.parseLong(text);
        }
        try {
            return new BigDecimal(text.strip()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            return UNREADABLE;
        }
    }
}
