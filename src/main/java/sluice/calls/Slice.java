package sluice.calls;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;

/** The ways in which calls are rolled up. The lower-case name is the column {@code slice} of the table. */
enum Slice {
    /** Every call once, by hour. */
    HOUR,
    /** Every call once, by day. */
    DAY,
    /** Every call once, by month. */
    MONTH,
    /** Every call once for each of its tags, by day. */
    TAG,
    /** Every call that names its end user, by day. */
    USER;

    private static final int TWO_DIGITS = 100;

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The hour, the day or the month of a moment, in UTC: {@code 2026113023}, {@code 20261130}, {@code 202611}. */
    long period(Instant at) {
        LocalDateTime time = LocalDateTime.ofInstant(at, ZoneOffset.UTC);
        long month = (long) time.getYear() * TWO_DIGITS + time.getMonthValue();
        long day = month * TWO_DIGITS + time.getDayOfMonth();
        return switch (this) {
            case HOUR -> day * TWO_DIGITS + time.getHour();
            case DAY, TAG, USER -> day;
            case MONTH -> month;
        };
    }
}
