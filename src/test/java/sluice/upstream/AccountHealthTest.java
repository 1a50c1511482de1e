package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.CapturedLog;
import sluice.upstream.AccountHealth.BreakerSettings;
import sluice.upstream.AccountHealth.Cause;

class AccountHealthTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AccountHealth health = new AccountHealth("main",
            new BreakerSettings(0.5, 4, Duration.ofSeconds(10), Duration.ofSeconds(3)));

    private void failed(int times, long now) {
        for (int i = 0; i < times; i++) {
            health.entered("bot", now);
            health.unreachable(Unreachable.REFUSED, new IOException("somewhere"), now);
        }
    }

    private void connected(int times, long now) {
        for (int i = 0; i < times; i++) {
            health.entered("bot", now);
            health.connected(now);
        }
    }

    private void assertPaused(Cause cause, long now, long wait) {
        assertThat(health.hold(now)).extracting(Hold::cause, Hold::nanos).containsExactly(cause, wait);
    }

    /** For connections that first succeed and then fail. */
    @ParameterizedTest
    @CsvSource({"0, 3, false", "0, 4, true", "1, 3, true", "2, 2, true", "3, 2, false", "3, 3, true", "10, 3, false",
            "10, 4, true"})
    void accountThatCannotBeReachedIsLeftAlone(int connected, int failed, boolean trips) {
        connected(connected, 0);
        failed(failed, SECOND);
        if (trips) {
            assertPaused(Cause.UNREACHABLE, SECOND, 3 * SECOND);
        } else {
            assertThat(health.hold(SECOND)).isNull();
        }
    }

    @Test
    void connectionAloneShowsThatItIsReachedAgain() {
        failed(4, 0);
        health.entered("bot", 3 * SECOND);
        assertThat(health.hold(3 * SECOND)).isNotNull();
        assertThat(health.connected(3 * SECOND)).as("those who wait are to look again").isTrue();
        assertThat(health.hold(3 * SECOND)).isNull();
    }

    @Test
    void connectionDoesNotShowThatABillIsPaid() {
        health.refused(0, Cause.OUT_OF_CREDIT);
        health.entered("bot", 60 * SECOND);
        health.connected(60 * SECOND);
        assertThat(health.hold(60 * SECOND)).isNotNull();
        assertThat(health.answered()).isTrue();
        assertThat(health.hold(60 * SECOND)).isNull();
    }

    @Test
    void refusedAccountIsTriedOnceAMinuteUntilItIsTaken() {
        for (Cause cause : List.of(Cause.OUT_OF_CREDIT, Cause.KEYS_REJECTED)) {
            health.refused(0, cause);
            assertPaused(cause, 0, 60 * SECOND);
            health.answered();
            assertPaused(cause, SECOND, 59 * SECOND);
            health.entered("bot", 60 * SECOND);
            health.refused(61 * SECOND, cause);
            assertPaused(cause, 61 * SECOND, 60 * SECOND);
            assertThat(health.hold(61 * SECOND)).extracting(Hold::refuses).isEqualTo(true);
            health.entered("bot", 121 * SECOND);
            health.answered();
            assertThat(health.hold(122 * SECOND)).isNull();
        }
    }

    @Test
    void newKeysAreTriedAtOnce() {
        health.refused(0, Cause.KEYS_REJECTED);
        health.rekeyed(SECOND);
        assertThat(health.hold(SECOND)).isNull();
        health.refused(SECOND, Cause.OUT_OF_CREDIT);
        health.rekeyed(SECOND);
    }

    @Test
    void reasonIsToldOnceUntilItChangesAlsoOfOneCallAMinute() {
        try (CapturedLog log = CapturedLog.open()) {
            for (int minute = 0; minute < 5; minute++) {
                failed(1, 60L * minute * SECOND);
            }
            assertThat(health.unreachable()).isEqualTo(Unreachable.REFUSED);
            assertThat(health.hold(250 * SECOND)).as("too few to be left alone for").isNull();
            health.unreachable(Unreachable.DNS, new IOException("somewhere"), 300 * SECOND);
            connected(1, 301 * SECOND);
            assertThat(health.unreachable()).as("not well between two failures").isEqualTo(Unreachable.DNS);
            connected(2, 360 * SECOND);
            assertThat(health.unreachable()).isNull();
            assertThat(log.lines().stream().filter(line -> line.startsWith("account main"))).containsExactly(
                    "account main cannot be reached: refused (somewhere)",
                    "account main cannot be reached: dns (somewhere)",
                    "account main is reachable again");
        }
    }
}
