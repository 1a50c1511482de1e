package sluice.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.openai.GoDuration;

/** Reads what the upstream says about its quota. Lenient: whatever is not a number or a duration is ignored. */
public final class QuotaHeaders {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Named REQUESTS = Named.of("requests");
    private static final Named TOKENS = Named.of("tokens");
    private static final List<Named> UNITS = List.of(REQUESTS, TOKENS);

    /** The headers that report on one unit; their names are hashed once. */
    private record Named(CharSequence limit, CharSequence remaining, CharSequence reset) {

        static Named of(String unit) {
            return new Named(HttpHeaders.createOptimized("x-ratelimit-limit-" + unit),
                    HttpHeaders.createOptimized("x-ratelimit-remaining-" + unit),
                    HttpHeaders.createOptimized("x-ratelimit-reset-" + unit));
        }
    }

    private QuotaHeaders() {}

    /** The report on {@code requests} or {@code tokens}, if limit and remaining are present. */
    public static Optional<LearnedQuota.Report> read(MultiMap headers, String unit) {
        Named named = unit.equals("tokens") ? TOKENS : REQUESTS;
        String limit = headers.get(named.limit());
        String remaining = headers.get(named.remaining());
        if (limit == null || remaining == null) {
            return Optional.empty();
        }
        long most = number(limit, 1);
        long left = number(remaining, 1);
        return most <= 0 || left < 0
                ? Optional.empty()
                : Optional.of(new LearnedQuota.Report(most, left,
                        Math.max(0, duration(headers.get(named.reset())))));
    }

    /**
     * The wait that an answer asks for: exactly, in whole seconds, or until a date; without these, until its used-up
     * limits reset, or else the first of any; a second if it says nothing.
     *
     * @param wall the time of day, for an answer without a date of its own
     */
    public static long retryAfterNanos(MultiMap headers, Instant wall) {
        long nanos = askedWaitNanos(headers, wall).orElse(0);
        if (nanos <= 0) {
            nanos = UNITS.stream().filter(unit -> number(headers.get(unit.remaining()), 1) == 0)
                    .mapToLong(unit -> duration(headers.get(unit.reset()))).max().orElse(0);
        }
        if (nanos <= 0) {
            nanos = UNITS.stream().mapToLong(unit -> duration(headers.get(unit.reset())))
                    .filter(reset -> reset > 0).min().orElse(0);
        }
        return nanos > 0 ? nanos : SECOND;
    }

    /** The wait that an answer asks for in so many words: exactly, in whole seconds, or until a date. */
    static OptionalLong askedWaitNanos(MultiMap headers, Instant wall) {
        long exact = number(headers.get("retry-after-ms"), TimeUnit.MILLISECONDS.toNanos(1));
        long nanos = exact > 0 ? exact : number(headers.get("retry-after"), SECOND);
        if (nanos <= 0) {
            nanos = untilDate(headers, wall);
        }
        return nanos > 0 ? OptionalLong.of(nanos) : OptionalLong.empty();
    }

    private static long untilDate(MultiMap headers, Instant wall) {
        Instant until = date(headers.get("retry-after"));
        if (until == null) {
            return -1;
        }
        Instant theirs = date(headers.get("date"));
        Duration left = Duration.between(theirs == null ? wall : theirs, until);
        return left.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : left.toNanos();
    }

    private static @Nullable Instant date(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** {@code 1m30s}, {@code 17ms}, or plain seconds, in nanoseconds; -1 for anything else. */
    static long duration(@Nullable String text) {
        return text == null ? -1 : GoDuration.parse(text);
    }

    private static long number(@Nullable String text, long times) {
        return text == null ? -1 : GoDuration.decimal(text.strip(), times);
    }
}
