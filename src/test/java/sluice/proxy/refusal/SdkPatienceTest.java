package sluice.proxy.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SdkPatienceTest {

    @ParameterizedTest
    @CsvSource({"python, 2.52.0, 120", "python, 3.57.0, 120", "Python, 10.0.1, 120", "python, 2.51.9, 60",
            "python, 1.109.1, 60", "python, 2.52, 60", "python, x, 60", "python, 99999999999.1.1, 60", "js, 7.59.0, 60",
            ", 3.0.0, 60", "python, , 60"})
    void whoWaitsForHowLong(String lang, String version, long seconds) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (lang != null) {
            headers.set("X-Stainless-Lang", lang);
        }
        if (version != null) {
            headers.set("X-Stainless-Package-Version", version);
        }
        SdkPatience patience = SdkPatience.of(headers);
        long nanos = TimeUnit.SECONDS.toNanos(seconds);
        assertThat(patience.outlasts(OptionalLong.of(nanos))).isTrue();
        assertThat(patience.outlasts(OptionalLong.of(nanos + 1))).isFalse();
        assertThat(patience.outlasts(OptionalLong.empty())).isTrue();
    }
}
