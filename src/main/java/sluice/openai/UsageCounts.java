package sluice.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.openai.AnswerField.Count;
import sluice.openai.AnswerField.Place;

/**
 * The numbers of one usage as they are read. Whole numbers may be written as {@code 12}, {@code 12.0} or {@code "12"};
 * if one cannot be read, there is no usage.
 */
final class UsageCounts {
    private static final long UNREADABLE = Long.MIN_VALUE;
    private static final long UNTOLD = -1;
    private static final int LONGEST_LONG = 18;
    /** The most characters of a number, and decimal places. */
    static final int LONGEST_NUMBER = 48;
    private static final int MILLIS_DIGITS = 3;

    private final Map<Count, Long> counts = new EnumMap<>(Count.class);
    private boolean unreadable;

    /** Forgets all numbers. */
    void restart() {
        counts.clear();
        unreadable = false;
    }

    /** A number as it is written, the first {@code length} bytes, without quotes. */
    void tell(Count count, byte[] text, int length) {
        long digits = count == Count.SECONDS ? UNREADABLE : digits(text, length);
        if (digits == UNREADABLE) {
            tell(count, new String(text, 0, length, StandardCharsets.US_ASCII));
        } else {
            counts.put(count, digits);
        }
    }

    /** A number as it is written, without quotes. */
    void tell(Count count, String text) {
        long number = count == Count.SECONDS ? millis(text) : whole(text);
        counts.put(count, number);
        unreadable |= number == UNREADABLE;
    }

    /** Something that is not a number, where one belongs. */
    void unreadable() {
        unreadable = true;
    }

    /** Reads the object whose opening brace has just been read. */
    void read(JsonParser parser, Place place) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            AnswerField field = AnswerField.of(place, name);
            if (field != null && field.opens() != null && value == JsonToken.START_OBJECT) {
                read(parser, field.opens());
            } else if (field != null && field.count() != null && value != JsonToken.VALUE_NULL) {
                if (value.isStructStart() || parser.getTextLength() > LONGEST_NUMBER) {
                    unreadable();
                } else {
                    tell(field.count(), parser.getText());
                }
            }
            // Moves on from a structure that was not read; from the end of one that was, it does nothing.
            parser.skipChildren();
        }
    }

    /** What the numbers add up to; null if they give neither tokens nor a length, or one cannot be read. */
    @Nullable
    Usage usage() {
        if (unreadable || (told(Count.INPUT) < 0 && told(Count.SECONDS) < 0)) {
            return null;
        }
        return new Usage(of(Count.INPUT), of(Count.OUTPUT), of(Count.CACHED), details());
    }

    private Usage.Details details() {
        for (Count count : Count.DETAILS) {
            if (of(count) > 0) {
                return new Usage.Details(of(Count.CACHE_WRITES), of(Count.AUDIO_INPUT), of(Count.IMAGE_INPUT),
                        of(Count.CACHED_AUDIO), of(Count.CACHED_IMAGE), of(Count.AUDIO_OUTPUT), of(Count.IMAGE_OUTPUT),
                        of(Count.SECONDS), 0);
            }
        }
        return Usage.Details.NONE;
    }

    private long of(Count count) {
        return Math.max(0, told(count));
    }

    private long told(Count count) {
        return counts.getOrDefault(count, UNTOLD);
    }

    /** The number that these digits write; unreadable if there is anything else. */
    private static long digits(byte[] text, int length) {
        if (length == 0 || length > LONGEST_LONG) {
            return UNREADABLE;
        }
        long number = 0;
        for (int i = 0; i < length; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return UNREADABLE;
            }
            number = number * 10 + text[i] - '0';
        }
        return number;
    }

    private static long whole(String text) {
        try {
            return new BigDecimal(text.strip()).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            return UNREADABLE;
        }
    }

    private static long millis(String seconds) {
        try {
            BigDecimal read = new BigDecimal(seconds.strip());
            return Math.abs(read.scale()) > LONGEST_NUMBER
                    ? UNREADABLE
                    : read.movePointRight(MILLIS_DIGITS).setScale(0, RoundingMode.HALF_UP).longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            return UNREADABLE;
        }
    }
}
