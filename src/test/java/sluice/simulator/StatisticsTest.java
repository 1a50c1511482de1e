package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Statistics statistics = new Statistics();

    private void acceptAtSeconds(int... seconds) {
        for (int second : seconds) {
            statistics.accept("a", Duration.ofSeconds(second).toNanos());
        }
    }

    @Test
    void findsTheFullestWindow() {
        acceptAtSeconds(0, 10, 59, 61, 62, 118, 119, 200);
        assertThat(statistics.maxInAnyWindow("a", MINUTE)).isEqualTo(4);
        assertThat(statistics.maxInAnyWindow("a", Duration.ofSeconds(1))).isEqualTo(1);
    }

    @Test
    void windowExcludesItsEnd() {
        acceptAtSeconds(0, 60);
        assertThat(statistics.maxInAnyWindow("a", MINUTE)).isEqualTo(1);
    }

    @Test
    void accountWithoutCallsHasNone() {
        assertThat(statistics.maxInAnyWindow("a", MINUTE)).isZero();
        assertThat(statistics.accepted("a")).isZero();
    }

    @Test
    void remembersTheLastMillion() {
        for (int i = 0; i < Timeline.CAPACITY + 5; i++) {
            statistics.accept("a", i);
        }
        assertThat(statistics.accepted("a")).isEqualTo(Timeline.CAPACITY + 5);
        assertThat(statistics.maxInAnyWindow("a", MINUTE)).isEqualTo(Timeline.CAPACITY);
    }
}
