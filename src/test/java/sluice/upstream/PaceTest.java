package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On virtual time: a caller that always sends as soon as it may, but not more often than it wants to. */
class PaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private Pace pace = Pace.FREE;
    private long now;

    private int sends(int perSecond, long nanos) {
        int sent = 0;
        long until = now + nanos;
        while (now < until) {
            if (pace.waitNanos(now) == 0) {
                pace = pace.sent(now);
                sent++;
            }
            now += SECOND / perSecond;
        }
        return sent;
    }

    @ParameterizedTest
    @CsvSource({"1, 10", "2, 10", "5, 20", "30, 20", "30, 100"})
    void rateIsHalvedForAMinute(int seconds, int perSecond) {
        assertThat(sends(perSecond, seconds * SECOND)).isEqualTo(seconds * perSecond);
        pace = pace.halved(now);
        double half = perSecond / 2.0;
        assertThat((double) sends(perSecond, 30 * SECOND)).isCloseTo(30 * half, within(30 * half * 0.15));
        sends(perSecond, 30 * SECOND);
        assertThat(sends(perSecond, 10 * SECOND)).as("it lapses").isEqualTo(10 * perSecond);
    }

    @Test
    void callsThatWereUnderWayTogetherHalveItOnce() {
        sends(20, 10 * SECOND);
        Pace once = pace.halved(now);
        assertThat(once.halved(now + SECOND / 2)).isEqualTo(once);
        pace = once;
        sends(20, 20 * SECOND);
        pace = pace.halved(now);
        assertThat((double) sends(20, 20 * SECOND)).as("a later one halves it again").isCloseTo(100, within(20.0));
    }

    @Test
    void callInTenSecondsMayAlwaysBeSent() {
        sends(1, 2 * SECOND);
        for (int i = 0; i < 20; i++) {
            pace = pace.halved(now);
            now += 2 * SECOND;
        }
        assertThat(pace.waitNanos(now)).isLessThanOrEqualTo(10 * SECOND);
    }
}
