package sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheControlTest {
    private static final CacheControl ANY = new CacheControl(false, false, false, Long.MAX_VALUE, Optional.empty(), "");

    @Test
    void withoutTheHeaderAnyAnswerWillDo() {
        assertThat(CacheControl.parse(null)).isEqualTo(ANY);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"no-cache|true|false|false", "no-store|false|true|false",
            "only-if-cached|false|false|true",
            "No-Cache|true|false|false", "no-cache, no-store|true|true|false",
            " no-store ,only-if-cached|false|true|true",
            "no-transform,no-cache,x=y|true|false|false"})
    void directivesAreRead(String header, boolean noCache, boolean noStore, boolean onlyIfCached) {
        assertThat(CacheControl.parse(header))
                .isEqualTo(new CacheControl(noCache, noStore, onlyIfCached, Long.MAX_VALUE, Optional.empty(), ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"max-age=0|0", "max-age=60|60", "MAX-AGE=5|5",
            "no-transform, max-age=999999999|999999999",
            "max-age=1,max-age=2|2"})
    void oldestAcceptableAgeIsRead(String header, long maxAge) {
        assertThat(CacheControl.parse(header))
                .isEqualTo(new CacheControl(false, false, false, maxAge, Optional.empty(), ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "max-age", "max-age=", "max-age=-1", "max-age=x", "max-age=1.5",
            "max-age=12345678901234567890",
            "max-age =5", "nocache", "no-cache=x", "private", "min-fresh=5"})
    void whatIsNotUnderstoodSaysNothing(String header) {
        assertThat(CacheControl.parse(header)).isEqualTo(ANY);
    }
}
