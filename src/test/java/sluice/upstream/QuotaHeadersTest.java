package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.upstream.LearnedQuota.Report;

class QuotaHeadersTest {
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
    private static final long MILLIS = TimeUnit.MILLISECONDS.toNanos(1);

    private static MultiMap headers(@Nullable String limit, @Nullable String remaining, @Nullable String reset) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (limit != null) {
            headers.set("x-ratelimit-limit-requests", limit);
        }
        if (remaining != null) {
            headers.set("X-RateLimit-Remaining-Requests", remaining);
        }
        if (reset != null) {
            headers.set("x-ratelimit-reset-requests", reset);
        }
        return headers;
    }

    @ParameterizedTest
    @CsvSource({"1s, 1000", "6m0s, 360000", "17ms, 17", "1m30.951s, 90951", "1h2m3s, 3723000", "8.64s, 8640",
            "0s, 0", "500us, 0.5", "500µs, 0.5", "1000000ns, 1", "24h0m0s, 86400000", "30, 30000", "0.5, 500"})
    void durationsAreReadInAllTheirForms(String text, double millis) {
        assertThat(QuotaHeaders.duration(text)).isEqualTo(Math.round(millis * MILLIS));
    }

    @ParameterizedTest
    @CsvSource(value = {"''", "soon", "1x", "s", "1s soon", "-1x", "1 s", "null"}, nullValues = "null")
    void whatIsNoDurationSaysNothing(@Nullable String text) {
        assertThat(QuotaHeaders.duration(text)).isEqualTo(-1);
    }

    @Test
    void reportHasLimitRemainingAndReset() {
        assertThat(QuotaHeaders.read(headers("500", "499", "120ms"), "requests"))
                .contains(new Report(500, 499, 120 * MILLIS));
        assertThat(QuotaHeaders.read(headers("500", "499", "120ms"), "tokens")).isEmpty();
        assertThat(QuotaHeaders.read(headers("500", "0", "60s"), "requests"))
                .contains(new Report(500, 0, 60_000 * MILLIS));
    }

    @Test
    void reportWithoutResetComesBackAtOnce() {
        assertThat(QuotaHeaders.read(headers("500", "499", null), "requests")).contains(new Report(500, 499, 0));
        assertThat(QuotaHeaders.read(headers("500", "499", "soon"), "requests")).contains(new Report(500, 499, 0));
    }

    /** Real answers have said -1 and 0 where there was no such limit. */
    @ParameterizedTest
    @CsvSource(value = {"-1, -1", "0, 0", "500, -1", "0, 10", "many, 1", "1, few", "null, 1", "1, null",
            "'', ''", "123456789012345678901, 5"}, nullValues = "null")
    void whatIsNoLimitSaysNothing(@Nullable String limit, @Nullable String remaining) {
        assertThat(QuotaHeaders.read(headers(limit, remaining, "1s"), "requests")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(value = {"2, 1500, 1500", "2, null, 2000", "null, 250, 250", "null, null, 1000", "0, 0, 1000",
            "soon, -5, 1000", "0.5, null, 500", "7, 0, 7000"}, nullValues = "null")
    void retryAfterIsExactWhereItCanBe(@Nullable String seconds, @Nullable String millis, long expected) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (seconds != null) {
            headers.set("retry-after", seconds);
        }
        if (millis != null) {
            headers.set("retry-after-ms", millis);
        }
        assertThat(QuotaHeaders.retryAfterNanos(headers, NOON)).isEqualTo(expected * MILLIS);
    }

    /** A date is read by the upstream's own clock, if the answer shows it. */
    @ParameterizedTest
    @CsvSource(value = {"'Thu, 26 Nov 2026 12:00:07 GMT', null, 7000",
            "'Thu, 26 Nov 2026 13:00:07 GMT', 'Thu, 26 Nov 2026 13:00:00 GMT', 7000",
            "'Thu, 26 Nov 2026 11:59:00 GMT', null, 1000", "'Mon, 26 Nov 2096 12:00:00 GMT', null, 86400000",
            "'Thursday', null, 1000"}, nullValues = "null")
    void retryAfterMayBeADate(String until, @Nullable String date, long expected) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().set("retry-after", until);
        if (date != null) {
            headers.set("date", date);
        }
        assertThat(QuotaHeaders.retryAfterNanos(headers, NOON)).isEqualTo(expected * MILLIS);
    }

    /** Remaining and reset of requests, then of tokens. */
    @ParameterizedTest
    @CsvSource(value = {"0, 20s, 5000, 8s, 20000", "3, 20s, 0, 8s, 8000", "0, 20s, 0, 40s, 40000",
            "3, 20s, 40, 8s, 8000", "null, 20s, null, null, 20000", "0, soon, null, null, 1000"}, nullValues = "null")
    void resetHeadersSayItWhereNothingElseDoes(@Nullable String requests, @Nullable String requestsReset,
            @Nullable String tokens, @Nullable String tokensReset, long expected) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        set(headers, "x-ratelimit-remaining-requests", requests);
        set(headers, "x-ratelimit-reset-requests", requestsReset);
        set(headers, "x-ratelimit-remaining-tokens", tokens);
        set(headers, "x-ratelimit-reset-tokens", tokensReset);
        assertThat(QuotaHeaders.retryAfterNanos(headers, NOON)).isEqualTo(expected * MILLIS);
        headers.set("retry-after", "2");
        assertThat(QuotaHeaders.retryAfterNanos(headers, NOON)).isEqualTo(2000 * MILLIS);
    }

    private static void set(MultiMap headers, String name, @Nullable String value) {
        if (value != null) {
            headers.set(name, value);
        }
    }
}
