package sluice.quota;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A number of requests or tokens per window.
 *
 * @param kind   what is counted, over which window
 * @param amount the most that one window allows; at least 1
 */
public record Limit(Kind kind, long amount) {

    /** What a limit counts; the lower-case name is its key in the configuration and its label in metrics. */
    public enum Kind {
        RPM(Unit.REQUESTS, Duration.ofMinutes(1)), RPD(Unit.REQUESTS, Duration.ofDays(1)), TPM(Unit.TOKENS,
                Duration.ofMinutes(1)), TPD(Unit.TOKENS, Duration.ofDays(1));

        private final Unit unit;
        private final Duration window;

        Kind(Unit unit, Duration window) {
            this.unit = unit;
            this.window = window;
        }

        /** The kind of this name, such as {@code rpm}. */
        public static Optional<Kind> of(String key) {
            return Arrays.stream(values()).filter(kind -> kind.key().equals(key)).findFirst();
        }

        public Unit unit() {
            return unit;
        }

        public Duration window() {
            return window;
        }

        /** Whether usage must be remembered across restarts. */
        public boolean daily() {
            return window.toDays() > 0;
        }

        /** {@code rpm}, {@code rpd}, … */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Requests or tokens. */
    public enum Unit {
        REQUESTS, TOKENS;

        /** The {@code type} of OpenAI's 429 and the suffix of its headers. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** How much of this unit a call with this many tokens takes. */
        long of(long tokens) {
            return this == REQUESTS ? 1 : tokens;
        }
    }

    public Limit {
        if (amount < 1) {
            throw new IllegalArgumentException("amount: " + amount + " (expected: >= 1)");
        }
    }
}
