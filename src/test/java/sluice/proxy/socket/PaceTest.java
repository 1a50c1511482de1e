package sluice.proxy.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.testing.ManualTime;

class PaceTest {

    @Test
    void secondsWorthMayComeAtOnceAndThenOneAfterTheOther() {
        ManualTime clock = new ManualTime();
        Pace pace = new Pace(100, clock.time());
        for (int i = 0; i < 99; i++) {
            assertThat(pace.heard()).as("message %d", i).isZero();
        }
        assertThat(pace.heard()).isEqualTo(Duration.ofMillis(10).toNanos());
        clock.advance(Duration.ofMillis(10));
        assertThat(pace.heard()).isEqualTo(Duration.ofMillis(10).toNanos());
        clock.advance(Duration.ofSeconds(10));
        for (int i = 0; i < 99; i++) {
            assertThat(pace.heard()).isZero();
        }
    }
}
