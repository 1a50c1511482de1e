package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.upstream.AccountHealth.BreakerSettings;
import sluice.upstream.AccountHealth.Cause;

class AccountHealthTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AccountHealth health = new AccountHealth("main",
            new BreakerSettings(0.5, 4, Duration.ofSeconds(10), Duration.ofSeconds(3)));

    private void failed(int times, long now) {
        for (int i = 0; i < times; i++) {
            health.entered(now);
            health.failed(now);
        }
    }

    private void answered(int times, long now) {
        for (int i = 0; i < times; i++) {
            health.entered(now);
            health.answered(now);
        }
    }

    private void assertServes(long now) {
        assertThat(health.waitNanos(now)).isZero();
        health.entered(now);
        assertThat(health.cause()).isNull();
    }

    private void assertPaused(Cause cause, long now, long wait) {
        assertThat(health.cause()).isEqualTo(cause);
        assertThat(health.waitNanos(now)).isEqualTo(wait);
    }

    @Test
    void servesAtFirst() {
        assertServes(0);
    }

    @Test
    void coolDownEndsByItself() {
        health.rateLimited(0, 2 * SECOND);
        assertPaused(Cause.COOLING, 0, 2 * SECOND);
        assertPaused(Cause.COOLING, SECOND, SECOND);
        assertServes(2 * SECOND);
        assertServes(2 * SECOND);
    }

    @Test
    void longestCoolDownCounts() {
        health.rateLimited(0, 5 * SECOND);
        health.rateLimited(SECOND, SECOND);
        assertPaused(Cause.COOLING, SECOND, 4 * SECOND);
        health.rateLimited(SECOND, 10 * SECOND);
        assertPaused(Cause.COOLING, SECOND, 10 * SECOND);
    }

    @Test
    void answerOfACallSentBeforeDoesNotEndACoolDown() {
        health.rateLimited(0, 5 * SECOND);
        health.answered(SECOND);
        health.failed(SECOND);
        assertPaused(Cause.COOLING, SECOND, 4 * SECOND);
    }

    /** Of calls that came first well and then badly. */
    @ParameterizedTest
    @CsvSource({"0, 3, false", "0, 4, true", "1, 3, true", "2, 2, true", "3, 2, false", "3, 3, true", "10, 3, false",
            "10, 4, true"})
    void breakerNeedsSoManyCallsAndSuchAShareOfFailures(int answered, int failed, boolean trips) {
        answered(answered, 0);
        failed(failed, SECOND);
        assertThat(health.waitNanos(SECOND)).isEqualTo(trips ? 3 * SECOND : 0);
        assertThat(health.cause()).isEqualTo(trips ? Cause.BREAKER : null);
    }

    @Test
    void failuresOfLongAgoAreForgotten() {
        failed(3, 0);
        failed(1, 10 * SECOND + 1);
        assertServes(10 * SECOND + 1);
        failed(3, 11 * SECOND);
        assertPaused(Cause.BREAKER, 11 * SECOND, 3 * SECOND);
    }

    @Test
    void oneProbeIsSentBehindATrippedBreaker() {
        failed(4, 0);
        assertThat(health.waitNanos(3 * SECOND)).as("the probe may go").isZero();
        health.entered(3 * SECOND);
        assertPaused(Cause.BREAKER, 3 * SECOND, 3 * SECOND);
        health.answered(4 * SECOND);
        assertServes(4 * SECOND);
        failed(3, 4 * SECOND);
        assertPaused(Cause.BREAKER, 4 * SECOND, 3 * SECOND);
    }

    @Test
    void failedProbePausesAgain() {
        failed(4, 0);
        health.entered(3 * SECOND);
        health.failed(5 * SECOND);
        assertPaused(Cause.BREAKER, 5 * SECOND, 3 * SECOND);
    }

    @Test
    void probeThatIsNeverAnsweredIsFollowedByAnother() {
        failed(4, 0);
        health.entered(3 * SECOND);
        assertThat(health.waitNanos(6 * SECOND)).isZero();
        health.entered(6 * SECOND);
        assertPaused(Cause.BREAKER, 6 * SECOND, 3 * SECOND);
        health.answered(7 * SECOND);
        assertServes(7 * SECOND);
    }

    @Test
    void refusedAccountIsProbedAfterAMinuteUntilItIsTaken() {
        for (Cause cause : new Cause[]{Cause.OUT_OF_CREDIT, Cause.KEYS_REJECTED}) {
            health.refused(0, cause);
            assertPaused(cause, 0, 60 * SECOND);
            health.answered(SECOND);
            assertPaused(cause, SECOND, 59 * SECOND);
            health.entered(60 * SECOND);
            assertPaused(cause, 60 * SECOND, 60 * SECOND);
            health.refused(61 * SECOND, cause);
            assertPaused(cause, 61 * SECOND, 60 * SECOND);
            health.entered(121 * SECOND);
            health.answered(122 * SECOND);
            assertServes(122 * SECOND);
        }
    }

    @Test
    void rateLimitDoesNotShortenAnotherPause() {
        health.refused(0, Cause.OUT_OF_CREDIT);
        health.rateLimited(0, SECOND);
        assertPaused(Cause.OUT_OF_CREDIT, 0, 60 * SECOND);
    }

    @Test
    void probeThatIsRateLimitedShowsThatTheCauseIsGone() {
        failed(4, 0);
        health.entered(3 * SECOND);
        health.rateLimited(4 * SECOND, 2 * SECOND);
        assertPaused(Cause.COOLING, 4 * SECOND, 2 * SECOND);
        assertServes(6 * SECOND);
    }
}
