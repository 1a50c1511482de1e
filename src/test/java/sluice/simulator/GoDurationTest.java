package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {
    @ParameterizedTest
    @CsvSource({"0, 0s", "1, 1ms", "17, 17ms", "1000, 1s", "1005, 1.005s", "8640, 8.64s", "51189, 51.189s",
            "90000, 1m30s", "360000, 6m0s", "3600000, 1h0m0s", "86399500, 23h59m59.5s"})
    void printsAsGoDoes(long millis, String text) {
        assertThat(GoDuration.ofNanos(Duration.ofMillis(millis).toNanos())).isEqualTo(text);
    }
}
