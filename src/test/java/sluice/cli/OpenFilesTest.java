package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.CapturedLog;

class OpenFilesTest {

    @ParameterizedTest
    @CsvSource({"1048576, 100, 20000, 20000", "20000, 100, 20000, 19600", "1024, 90, 20000, 730", "256, 90, 20000, 115",
            "256, 90, 50, 50", "100, 99, 20000, 1"})
    void callersLeaveSomeToTheOthers(long most, long open, int asked, int given) {
        try (CapturedLog log = CapturedLog.open()) {
            assertThat(new OpenFiles(most, open).fit(asked)).isEqualTo(given);
            assertThat(log.lines()).hasSize(asked == given ? 0 : 1)
                    .allMatch(line -> line.contains("from " + asked + " to " + given + ":"));
        }
    }

    @Test
    void theLimitOfThisProcessIsKnown() {
        OpenFiles allowed = OpenFiles.allowed();
        assertThat(allowed.open()).isBetween(1L, allowed.most());
    }
}
