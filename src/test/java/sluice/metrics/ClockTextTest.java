package sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClockTextTest {
    private static String written(ClockText clock, Instant instant) {
        StringBuilder text = new StringBuilder();
        clock.write(instant, text);
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-11-30T00:00:00Z", "1969-12-31T23:59:59.999Z", "2026-11-30T01:02:03.100Z",
            "2026-11-30T01:02:03.000001Z", "2026-11-30T01:02:03.000000001Z", "2026-11-30T01:02:59.123456789Z",
            "+10000-01-01T00:00:00.5Z", "-0001-01-01T00:00:00Z"})
    void anInstantIsWrittenAsJavaWritesIt(String text) {
        assertThat(written(new ClockText(), Instant.parse(text))).isEqualTo(Instant.parse(text).toString());
    }

    @Test
    void oneAfterTheOtherIsWrittenAsJavaWritesIt() {
        ClockText clock = new ClockText();
        Random random = new Random(3);
        Instant now = Instant.parse("2026-12-31T23:59:57Z");
        for (int i = 0; i < 10_000; i++) {
            now = now.plusNanos(random.nextInt(4) * (long) Math.pow(10, random.nextInt(9)));
            assertThat(written(clock, now)).isEqualTo(now.toString());
        }
    }
}
