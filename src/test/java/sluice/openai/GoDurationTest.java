package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({"0, 0s", "2, 2ms", "12, 12ms", "17, 17ms", "300, 300ms", "999, 999ms", "1000, 1s", "1200, 1.2s",
            "1001, 1.001s",
            "1010, 1.01s", "8640, 8.64s", "45190, 45.19s", "51189, 51.189s", "60000, 1m0s", "90000, 1m30s",
            "360000, 6m0s",
            "3600000, 1h0m0s", "86399000, 23h59m59s", "86400000, 24h0m0s", "3661500, 1h1m1.5s", "60050, 1m0.05s"})
    void isWrittenAsGoWritesIt(long millis, String text) {
        assertThat(GoDuration.format(Duration.ofMillis(millis).toNanos())).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"1, 1ms", "999999, 1ms", "1000001, 2ms", "999000001, 1s", "59999000001, 1m0s"})
    void isRoundedUp(long nanos, String text) {
        assertThat(GoDuration.format(nanos)).isEqualTo(text);
    }

    @Property
    void saysHowLong(@ForAll @LongRange(min = 0, max = 90_000_000) long millis) {
        assertThat(parse(GoDuration.format(Duration.ofMillis(millis).toNanos()))).isEqualTo(Duration.ofMillis(millis));
    }

    private static Duration parse(String text) {
        return text.endsWith("ms")
                ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                : Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    @Test
    void digitsAreTheSameEverywhere() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(GoDuration.format(51_189_000_000L)).isEqualTo("51.189s");
        } finally {
            Locale.setDefault(before);
        }
    }
}
