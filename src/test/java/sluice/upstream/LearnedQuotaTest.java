package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.upstream.LearnedQuota.Report;

class LearnedQuotaTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final LearnedQuota quota = new LearnedQuota();

    /** How many remain of 60 a minute, which is one a second. */
    private static Report left(long remaining) {
        return new Report(60, remaining, (60 - remaining) * SECOND);
    }

    private long take(long amount) {
        quota.take(amount);
        return quota.mark();
    }

    @Test
    void nothingKnownIsNoLimit() {
        quota.take(1000);
        assertThat(quota.waitNanos(1, 0)).isZero();
        assertThat(quota.headroom(0)).isEqualTo(1);
    }

    @Test
    void whatIsReportedMayBeSentAndThenNoMore() {
        long mark = take(1);
        quota.report(left(3), mark, 0);
        assertThat(quota.headroom(0)).isEqualTo(0.05);
        assertThat(quota.waitNanos(3, 0)).isZero();
        quota.take(3);
        assertThat(quota.waitNanos(1, 0)).isEqualTo(SECOND);
        assertThat(quota.waitNanos(1, SECOND)).isZero();
    }

    @Test
    void whatWasSentAfterTheReporterIsTakenOff() {
        long mark = take(1);
        quota.take(2);
        quota.report(left(3), mark, 0);
        assertThat(quota.waitNanos(1, 0)).isZero();
        assertThat(quota.waitNanos(2, 0)).isEqualTo(SECOND);
    }

    @Test
    void whatIsGivenBackMayBeSentAgain() {
        quota.report(left(1), take(1), 0);
        quota.take(1);
        assertThat(quota.waitNanos(1, 0)).isPositive();
        quota.take(-1);
        assertThat(quota.waitNanos(1, 0)).isZero();
    }

    @Test
    void reportOfACallSentEarlierIsOldNews() {
        long early = take(1);
        long late = take(1);
        quota.report(left(10), late, 0);
        quota.report(left(0), early, 1);
        assertThat(quota.waitNanos(10, 1)).isZero();
        quota.report(left(0), late, 2);
        assertThat(quota.waitNanos(10, 2)).isPositive();
    }

    @Test
    void reportLapsesAfterAMinute() {
        quota.report(left(0), take(1), 0);
        quota.take(200);
        assertThat(quota.waitNanos(1, 60 * SECOND)).isPositive();
        assertThat(quota.waitNanos(1, 60 * SECOND + 1)).isZero();
        assertThat(quota.headroom(60 * SECOND + 1)).isEqualTo(1);
    }

    @Test
    void waitIsNeverLongerThanAReportHolds() {
        quota.report(new Report(10_000, 0, Duration.ofDays(1).toNanos()), take(1), 0);
        assertThat(quota.waitNanos(10_000, 0)).isEqualTo(60 * SECOND);
    }

    @Test
    void quotaComesBackOnlyUpToTheLimit() {
        quota.report(left(59), take(1), 0);
        assertThat(quota.headroom(30 * SECOND)).isEqualTo(1);
        quota.take(60);
        assertThat(quota.waitNanos(1, 30 * SECOND)).isPositive();
    }

    @Test
    void amountBeyondTheLimitWaitsForAllOfIt() {
        quota.report(left(60), take(1), 0);
        assertThat(quota.waitNanos(1000, 0)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "0, 0", "0, 5", "60, -1"})
    void reportWithoutALimitSaysNothing(long limit, long remaining) {
        quota.report(new Report(limit, remaining, SECOND), take(1), 0);
        quota.take(100);
        assertThat(quota.waitNanos(1, 0)).isZero();
        assertThat(quota.headroom(0)).isEqualTo(1);
    }

    /** A tenth of a day's limit is used, and comes back in a tenth of a day. */
    @Test
    void limitThatComesBackInADayIsNotTakenForOneOfAMinute() {
        quota.report(new Report(10_000, 9_000, Duration.ofHours(2).plusMinutes(24).toNanos()), take(1), 0);
        quota.take(8_000);
        assertThat(quota.headroom(30 * SECOND)).as("3.5 have come back").isEqualTo(0.1003, offset(0.0001));
    }

    @Test
    void useByOthersIsLearnedAndLeftToThem() {
        long now = 0;
        double remaining = 30;
        quota.report(left(30), take(1), now);
        for (int i = 0; i < 30; i++) {
            now += SECOND;
            remaining += 1 - 1.2;
            quota.report(left((long) remaining), take(0), now);
        }
        double headroom = quota.headroom(now);
        assertThat(quota.headroom(now + 20 * SECOND)).as("others take more than comes back").isLessThan(headroom);
        quota.take((long) remaining);
        assertThat(quota.waitNanos(1, now)).as("no refill is left for us").isGreaterThan(SECOND);
    }

    @Test
    void othersAreForgottenWhenTheyHaveGone() {
        long now = 0;
        quota.report(left(50), take(1), now);
        for (int i = 1; i <= 5; i++) {
            now += SECOND;
            quota.report(left(50 - 5L * i), take(0), now);
        }
        for (int i = 1; i <= 30; i++) {
            now += SECOND;
            quota.report(left(25 + i), take(0), now);
        }
        assertThat(quota.headroom(now + 5 * SECOND)).isEqualTo(1, offset(0.02));
    }

    @Test
    void whatIsKnownIsToldOnceForEachReportOfOurs() {
        assertThat(quota.news(0)).isEmpty();
        quota.report(left(30), take(1), 0);
        quota.take(10);
        assertThat(quota.news(5 * SECOND)).hasValueSatisfying(known -> {
            assertThat(known.limit()).isEqualTo(60);
            assertThat(known.left()).isEqualTo(30 + 5 - 10, offset(1e-9));
            assertThat(known.perNano()).isEqualTo(1e-9, offset(1e-12));
        });
        assertThat(quota.news(5 * SECOND)).isEmpty();
        quota.hear(new LearnedQuota.Standing(60, 7, 1e-9), 6 * SECOND);
        assertThat(quota.news(6 * SECOND)).as("others know it already").isEmpty();
    }

    @Test
    void whatOthersHaveToldCountsIfItIsYounger() {
        quota.hear(new LearnedQuota.Standing(60, 2, 1e-9), 0);
        assertThat(quota.waitNanos(2, 0)).isZero();
        assertThat(quota.waitNanos(3, 0)).isEqualTo(SECOND);
        quota.report(left(40), take(1), SECOND);
        quota.hear(new LearnedQuota.Standing(60, 0, 1e-9), SECOND / 2);
        assertThat(quota.waitNanos(40, SECOND)).isZero();
    }

    @Test
    void callsThatOthersCannotHaveSeenAreTakenOff() {
        quota.take(5);
        quota.news(0);
        quota.take(3);
        quota.news(SECOND);
        quota.hear(new LearnedQuota.Standing(60, 10, 1e-9), SECOND);
        assertThat(quota.waitNanos(7, SECOND)).isZero();
        assertThat(quota.waitNanos(8, SECOND)).isPositive();
    }

    @Test
    void ownUseIsNotTakenForThatOfOthers() {
        long now = 0;
        quota.report(left(30), take(1), now);
        for (int i = 0; i < 60; i++) {
            now += SECOND;
            quota.report(left(30), take(1), now);
        }
        quota.take(30);
        assertThat(quota.waitNanos(1, now)).isBetween(SECOND, SECOND + SECOND / 100);
    }
}
