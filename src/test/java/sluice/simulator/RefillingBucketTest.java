package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefillingBucketTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @ParameterizedTest
    @CsvSource({"10000, 8554, 3082, 9816", "30000, 29937, 385, 644", "30000, 14567, 24754, 18642",
            "200000, 170633, 180002, 45190", "3, 3, 1, 20000"})
    void waitsAsQuotedByTheRealApi(long limit, long used, long requested, long waitMillis) {
        RefillingBucket bucket = new RefillingBucket(limit, MINUTE, false, 0);
        bucket.take(used, 0);
        assertThat(bucket.used(0)).isEqualTo(used);
        assertThat(bucket.nanosUntil(requested, 0) / 1_000_000).isEqualTo(waitMillis);
    }

    @ParameterizedTest
    @CsvSource({"200000, 170633, 51189", "200, 1, 300", "5000, 1, 12", "30000, 1, 2", "50, 1, 1200"})
    void isFullAgainAsQuotedByTheRealApi(long limit, long used, long resetMillis) {
        RefillingBucket bucket = new RefillingBucket(limit, MINUTE, false, 0);
        bucket.take(used, 0);
        assertThat(bucket.remaining(0)).isEqualTo(limit - used);
        assertThat(bucket.nanosUntilFull(0) / 1_000_000).isEqualTo(resetMillis);
    }

    @Test
    void dayLimitIsRefilledOverADay() {
        RefillingBucket bucket = new RefillingBucket(10_000, Duration.ofDays(1), false, 0);
        bucket.take(1, 0);
        assertThat(bucket.nanosUntilFull(0)).isEqualTo(Duration.ofMillis(8640).toNanos());
    }

    @Test
    void largeDayLimitDoesNotOverflow() {
        long limit = 9_999_999_999L;
        RefillingBucket bucket = new RefillingBucket(limit, Duration.ofDays(1), false, 0);
        bucket.take(limit / 2, 0);
        assertThat(bucket.nanosUntil(limit, 0)).isBetween(Duration.ofHours(11).toNanos(),
                Duration.ofHours(12).toNanos());
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "7", "60", "999", "1000"})
    void holdsExactlyItsLimitAtOnceAndOneMoreAfterItsRefill(int limit) {
        RefillingBucket bucket = new RefillingBucket(limit, MINUTE, false, 0);
        for (int i = 0; i < limit; i++) {
            assertThat(bucket.nanosUntil(1, 0)).isZero();
            bucket.take(1, 0);
        }
        long wait = bucket.nanosUntil(1, 0);
        assertThat(wait).isBetween(MINUTE.toNanos() / limit - limit, MINUTE.toNanos() / limit + limit);
        assertThat(bucket.nanosUntil(1, wait - 1)).isEqualTo(1);
        assertThat(bucket.nanosUntil(1, wait)).isZero();
    }

    @Test
    void neverHoldsMoreThanItsLimit() {
        RefillingBucket bucket = new RefillingBucket(2, MINUTE, false, 0);
        long muchLater = Duration.ofDays(3).toNanos();
        assertThat(bucket.remaining(muchLater)).isEqualTo(2);
        assertThat(bucket.canHold(2)).isTrue();
        assertThat(bucket.canHold(3)).isFalse();
    }

    @Test
    void mayStartEmpty() {
        RefillingBucket bucket = new RefillingBucket(60, MINUTE, true, 0);
        assertThat(bucket.remaining(0)).isZero();
        assertThat(bucket.nanosUntil(1, 0)).isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void limitOfNothingIsRefused() {
        assertThatThrownBy(() -> new RefillingBucket(0, MINUTE, false, 0)).hasMessageContaining("limit: 0");
    }
}
