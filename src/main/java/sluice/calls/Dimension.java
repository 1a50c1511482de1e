package sluice.calls;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What usage can be grouped by. The lower-case name is the word of the query, and the field of the answer. */
enum Dimension {
    TENANT, KEY, MODEL, TAG, USER, HOUR, DAY, MONTH;

    static final List<String> WORDS = Arrays.stream(values()).map(Dimension::word).toList();

    private static final int TWO_DIGITS = 100;
    private static final int HOURS_LENGTH = 10;
    private static final int DAYS_LENGTH = 8;

    static Optional<Dimension> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isTime() {
        return compareTo(HOUR) >= 0;
    }

    /** The slice that has its rows; empty for those that every slice has. */
    Optional<Slice> slice() {
        return switch (this) {
            case HOUR -> Optional.of(Slice.HOUR);
            case TAG -> Optional.of(Slice.TAG);
            case USER -> Optional.of(Slice.USER);
            case TENANT, KEY, MODEL, DAY, MONTH -> Optional.empty();
        };
    }

    /** Its expression over the rows of a slice. */
    String expression(Slice slice) {
        int days = slice == Slice.HOUR ? TWO_DIGITS : 1;
        return switch (this) {
            case TENANT -> "tenant";
            case KEY -> "key_id";
            case MODEL -> "model";
            case TAG, USER -> "name";
            case HOUR -> "period";
            case DAY -> days == 1 ? "period" : "period / " + days;
            case MONTH -> slice == Slice.MONTH ? "period" : "period / " + days * TWO_DIGITS;
        };
    }

    /** A time as people write it: {@code 2026-11-30T23:00Z}, {@code 2026-11-30}, {@code 2026-11}. */
    static String text(long period) {
        String digits = Long.toString(period);
        StringBuilder text = new StringBuilder(digits.substring(0, 4)).append('-').append(digits, 4, 6);
        if (digits.length() >= DAYS_LENGTH) {
            text.append('-').append(digits, 6, DAYS_LENGTH);
        }
        if (digits.length() >= HOURS_LENGTH) {
            text.append('T').append(digits, DAYS_LENGTH, HOURS_LENGTH).append(":00Z");
        }
        return text.toString();
    }
}
