package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.CapturedLog;

class OpenFilesTest {

    @ParameterizedTest
    @CsvSource({"1048576, 20000, 20000", "20000, 20000, 19600", "1024, 20000, 820", "120, 20000, 96", "120, 50, 50",
            "1, 20000, 1"})
    void callersLeaveSomeToTheOthers(long most, int asked, int given) {
        try (CapturedLog log = CapturedLog.open()) {
            assertThat(new OpenFiles(most).fit(asked)).isEqualTo(given);
            assertThat(log.lines()).hasSize(asked == given ? 0 : 1)
                    .allMatch(line -> line.contains("from " + asked + " to " + given + ":"));
        }
    }

    @Test
    void theLimitOfThisProcessIsKnown() {
        assertThat(OpenFiles.allowed().most()).isGreaterThan(100);
    }
}
