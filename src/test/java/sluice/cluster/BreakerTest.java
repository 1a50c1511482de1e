package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Breaker breaker = new Breaker(Duration.ofMillis(50), 0);

    /** For a message sent at one time and given up after another, in milliseconds. */
    private boolean failed(long sentAt, long after) {
        return breaker.failed(sentAt * MILLI, (sentAt + after) * MILLI);
    }

    /** Answers in time close it. */
    private int close(long at) {
        int answers = 1;
        while (!breaker.tried(true, at * MILLI)) {
            answers++;
        }
        return answers;
    }

    @Test
    void threeFailuresInARowAndNoSuccessForTwoTimeOutsAreALoss() {
        assertThat(breaker.closed()).isFalse();
        close(0);
        assertThat(failed(0, 50)).isFalse();
        assertThat(failed(1, 50)).isFalse();
        assertThat(failed(2, 50)).as("too soon").isFalse();
        assertThat(failed(50, 50)).isTrue();
        assertThat(breaker.closed()).as("until somebody says so").isTrue();
    }

    @Test
    void anAnswerBetweenThemIsEnough() {
        close(0);
        failed(0, 50);
        failed(30, 50);
        breaker.succeeded(90 * MILLI);
        assertThat(failed(60, 50)).isFalse();
        assertThat(failed(100, 50)).isFalse();
        assertThat(failed(150, 50)).isTrue();
    }

    @Test
    void timeOutsThatRingLateTellOfThisProcess() {
        close(0);
        for (int i = 0; i < 10; i++) {
            assertThat(failed(i, 400)).isFalse();
        }
        assertThat(failed(410, 50)).isFalse();
        assertThat(failed(420, 50)).isFalse();
        assertThat(failed(430, 50)).as("on time, three in a row").isTrue();
    }

    @Test
    void aSecondWithoutAnAnswerIsEnough() {
        close(0);
        assertThat(failed(900, 100)).isFalse();
        assertThat(failed(910, 100)).isFalse();
        assertThat(failed(920, 100)).isTrue();
    }

    @Test
    void onlyTheFirstToOpenItIsNews() {
        close(0);
        assertThat(breaker.open(0)).isTrue();
        assertThat(breaker.open(0)).isFalse();
        breaker.succeeded(MILLI);
        assertThat(breaker.closed()).as("an answer of the old connection").isFalse();
        assertThat(breaker.succeededAt()).isZero();
    }

    @Test
    void onlySeveralAnswersInTimeInARowCloseIt() {
        for (int i = 0; i < 10; i++) {
            assertThat(breaker.tried(true, 0)).isFalse();
            assertThat(breaker.tried(true, 0)).isFalse();
            assertThat(breaker.tried(false, 0)).as("slow").isFalse();
        }
        assertThat(close(0)).isEqualTo(3);
        assertThat(breaker.tried(true, 0)).as("it is closed").isFalse();
    }

    @Test
    void storeThatServesForMomentsOnlyMustAnswerMoreOftenEachTime() {
        int answers = close(0);
        for (int i = 1; i < 10; i++) {
            assertThat(breaker.open(i * 500L * MILLI)).isTrue();
            int more = close(i * 500L);
            assertThat(more).isEqualTo(Math.min(2 * answers, 48));
            answers = more;
        }
        breaker.open(60_000 * MILLI);
        assertThat(close(60_000)).isEqualTo(3);
    }

    @Test
    void troubleGoesOnUntilItHasServedForTenSeconds() {
        close(1_000);
        breaker.succeeded(1_900 * MILLI);
        breaker.open(2_000 * MILLI);
        close(3_000);
        assertThat(breaker.troubledAt()).isZero();
        breaker.succeeded(12_999 * MILLI);
        assertThat(breaker.troubledAt()).isZero();
        breaker.succeeded(13_000 * MILLI);
        assertThat(breaker.troubledAt()).isEqualTo(13_000 * MILLI);
        breaker.open(14_000 * MILLI);
        assertThat(breaker.troubledAt()).as("another one").isEqualTo(13_000 * MILLI);
    }
}
