package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Breaker breaker = new Breaker(Duration.ofMillis(50), 0);

    /** Of a message that was sent then, in milliseconds, and was given up after so many. */
    private boolean failed(long sentAt, long after) {
        return breaker.failed(sentAt * MILLI, (sentAt + after) * MILLI);
    }

    @Test
    void threeFailuresInARowAndNoSuccessForTwoTimeOutsAreALoss() {
        assertThat(breaker.closed()).isFalse();
        breaker.close(0);
        assertThat(failed(0, 50)).isFalse();
        assertThat(failed(1, 50)).isFalse();
        assertThat(failed(2, 50)).as("too soon").isFalse();
        assertThat(failed(50, 50)).isTrue();
        assertThat(breaker.closed()).as("until somebody says so").isTrue();
    }

    @Test
    void anAnswerBetweenThemIsEnough() {
        breaker.close(0);
        failed(0, 50);
        failed(30, 50);
        breaker.succeeded(90 * MILLI);
        assertThat(failed(60, 50)).isFalse();
        assertThat(failed(100, 50)).isFalse();
        assertThat(failed(150, 50)).isTrue();
    }

    @Test
    void timeOutsThatRingLateTellOfThisProcess() {
        breaker.close(0);
        for (int i = 0; i < 10; i++) {
            assertThat(failed(i, 400)).isFalse();
        }
        assertThat(failed(410, 50)).isFalse();
        assertThat(failed(420, 50)).isFalse();
        assertThat(failed(430, 50)).as("on time, three in a row").isTrue();
    }

    @Test
    void aSecondWithoutAnAnswerIsEnough() {
        breaker.close(0);
        assertThat(failed(900, 100)).isFalse();
        assertThat(failed(910, 100)).isFalse();
        assertThat(failed(920, 100)).isTrue();
    }

    @Test
    void onlyTheFirstToOpenItIsNews() {
        breaker.close(0);
        assertThat(breaker.open()).isTrue();
        assertThat(breaker.open()).isFalse();
        breaker.succeeded(MILLI);
        assertThat(breaker.closed()).as("an answer of the old connection").isFalse();
        assertThat(breaker.succeededAt()).isZero();
    }
}
