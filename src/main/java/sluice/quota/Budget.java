package sluice.quota;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/**
 * Money that a tenant may spend in a period of the calendar.
 *
 * @param picodollars at least 1
 */
public record Budget(Period period, long picodollars) {

    /** When a budget resets. */
    public enum Period {
        /** Each midnight. */
        DAY("usd-per-day"),
        /** The midnight before the first day of each month. */
        MONTH("usd-per-month");

        private final String key;

        Period(String key) {
            this.key = key;
        }

        /** The name in the configuration, in metrics and for callers. */
        public String key() {
            return key;
        }

        /** When the current one began. */
        public Instant beginning(Instant now, ZoneId zone) {
            return firstDay(now, zone).atStartOfDay(zone).toInstant();
        }

        /** When the current one ends. */
        public Instant end(Instant now, ZoneId zone) {
            LocalDate first = firstDay(now, zone);
            return (this == DAY ? first.plusDays(1) : first.plusMonths(1)).atStartOfDay(zone).toInstant();
        }

        private LocalDate firstDay(Instant now, ZoneId zone) {
            LocalDate today = LocalDate.ofInstant(now, zone);
            return this == DAY ? today : today.with(TemporalAdjusters.firstDayOfMonth());
        }
    }

    public Budget {
        if (picodollars < 1) {
            throw new IllegalArgumentException("picodollars: " + picodollars + " (expected: >= 1)");
        }
    }
}
