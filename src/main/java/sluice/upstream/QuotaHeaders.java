package sluice.upstream;

import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what the upstream says of its quota. Lenient: whatever is not a number or a duration says nothing. */
public final class QuotaHeaders {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|µs|ns)");
    private static final BigDecimal SECOND = BigDecimal.valueOf(1_000_000_000L);

    private QuotaHeaders() {}

    /** The report on {@code requests} or {@code tokens}, if limit and remaining are given. */
    public static Optional<LearnedQuota.Report> read(MultiMap headers, String unit) {
        String limit = headers.get("x-ratelimit-limit-" + unit);
        String remaining = headers.get("x-ratelimit-remaining-" + unit);
        if (limit == null || remaining == null) {
            return Optional.empty();
        }
        long most = nanos(limit, BigDecimal.ONE);
        long left = nanos(remaining, BigDecimal.ONE);
        return most <= 0 || left < 0
                ? Optional.empty()
                : Optional.of(new LearnedQuota.Report(most, left,
                        Math.max(0, duration(headers.get("x-ratelimit-reset-" + unit)))));
    }

    /** The wait that an answer asks for, exactly or in whole seconds; a second if it does not say. */
    public static long retryAfterNanos(MultiMap headers) {
        long exact = nanos(headers.get("retry-after-ms"), BigDecimal.valueOf(1_000_000));
        long nanos = exact > 0 ? exact : nanos(headers.get("retry-after"), SECOND);
        return nanos > 0 ? nanos : SECOND.longValue();
    }

    /** {@code 1m30s}, {@code 17ms}, or plain seconds, in nanoseconds; -1 for anything else. */
    static long duration(@Nullable String text) {
        if (text == null) {
            return -1;
        }
        Matcher part = PART.matcher(text);
        long nanos = 0;
        int end = 0;
        while (part.lookingAt()) {
            nanos += new BigDecimal(part.group(1)).multiply(unit(part.group(2))).longValue();
            end = part.end();
            part.region(end, text.length());
        }
        return end > 0 && end == text.length() ? nanos : nanos(text, SECOND);
    }

    private static BigDecimal unit(String unit) {
        return switch (unit) {
            case "h" -> SECOND.multiply(BigDecimal.valueOf(3600));
            case "m" -> SECOND.multiply(BigDecimal.valueOf(60));
            case "s" -> SECOND;
            case "ms" -> BigDecimal.valueOf(1_000_000);
            case "ns" -> BigDecimal.ONE;
            default -> BigDecimal.valueOf(1000);
        };
    }

    private static long nanos(@Nullable String number, BigDecimal unit) {
        try {
            return number == null || number.length() > 20
                    ? -1
                    : new BigDecimal(number.strip()).multiply(unit).longValue();
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
