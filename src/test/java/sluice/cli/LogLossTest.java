package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluice.admin.Trouble;
import sluice.admin.Troubles;
import sluice.metrics.LostLines;
import sluice.testing.CapturedLog;
import sluice.testing.ManualTime;

class LogLossTest {
    private static final String TOLD = "log lines were lost since 2026-01-01T00:01:00Z: standard output could not be "
            + "written: No space left on device";

    private final ManualTime time = new ManualTime();
    private final LostLines lost = new LostLines();
    private final Troubles troubles = new Troubles(time.time());
    private final LogLoss loss = new LogLoss(lost, troubles, time.time());
    private final CapturedLog log = CapturedLog.open();

    @AfterEach
    void close() {
        log.close();
    }

    private void looks(int times) {
        for (int i = 0; i < times; i++) {
            loss.look();
        }
    }

    private List<String> told() {
        return log.lines().stream().filter(line -> line.contains("log lines were lost")).toList();
    }

    private List<String> shown() {
        return troubles.now().map(Trouble::text).toList();
    }

    private void full(long lines) {
        lost.unwritable(lines, "No space left on device");
    }

    @Test
    void itIsShownWhileItLastsAndToldAfterwards() {
        looks(2);
        assertThat(shown()).isEmpty();
        time.advance(Duration.ofMinutes(1));
        full(20);
        looks(1);
        assertThat(shown())
                .containsExactly("log lines are lost: standard output could not be written: No space left on device");
        full(5);
        looks(11);
        assertThat(told()).as("it may not be over yet").isEmpty();
        looks(1);
        assertThat(told()).containsExactly("25 " + TOLD);
        assertThat(shown()).as("that line may be lost").hasSize(1);
        looks(1);
        assertThat(shown()).isEmpty();
        looks(20);
        assertThat(told()).hasSize(1);
    }

    /** Which is how it is found out, where nothing else is logged. */
    @Test
    void aLossOfTheLineThatTellsOfItIsNotTheEnd() {
        time.advance(Duration.ofMinutes(1));
        full(20);
        looks(12);
        assertThat(told()).containsExactly("20 " + TOLD);
        full(1);
        looks(1);
        assertThat(shown()).hasSize(1);
        looks(12);
        assertThat(told()).containsExactly("20 " + TOLD, "21 " + TOLD);
        assertThat(shown()).isEmpty();
    }

    @Test
    void whatWasLostBeforeIsNoTrouble() {
        full(3);
        LogLoss later = new LogLoss(lost, troubles, time.time());
        later.look();
        assertThat(shown()).isEmpty();
    }
}
