package sluice.upstream;

import io.vertx.core.MultiMap;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.openai.GoDuration;

/** Reads what the upstream says of its quota. Lenient: whatever is not a number or a duration says nothing. */
public final class QuotaHeaders {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private QuotaHeaders() {}

    /** The report on {@code requests} or {@code tokens}, if limit and remaining are given. */
    public static Optional<LearnedQuota.Report> read(MultiMap headers, String unit) {
        String limit = headers.get("x-ratelimit-limit-" + unit);
        String remaining = headers.get("x-ratelimit-remaining-" + unit);
        if (limit == null || remaining == null) {
            return Optional.empty();
        }
        long most = number(limit, 1);
        long left = number(remaining, 1);
        return most <= 0 || left < 0
                ? Optional.empty()
                : Optional.of(new LearnedQuota.Report(most, left,
                        Math.max(0, duration(headers.get("x-ratelimit-reset-" + unit)))));
    }

    /** The wait that an answer asks for, exactly or in whole seconds; a second if it does not say. */
    public static long retryAfterNanos(MultiMap headers) {
        long exact = number(headers.get("retry-after-ms"), TimeUnit.MILLISECONDS.toNanos(1));
        long nanos = exact > 0 ? exact : number(headers.get("retry-after"), SECOND);
        return nanos > 0 ? nanos : SECOND;
    }

    /** {@code 1m30s}, {@code 17ms}, or plain seconds, in nanoseconds; -1 for anything else. */
    static long duration(@Nullable String text) {
        return text == null ? -1 : GoDuration.parse(text);
    }

    private static long number(@Nullable String text, long times) {
        return text == null ? -1 : GoDuration.decimal(text.strip(), times);
    }
}
