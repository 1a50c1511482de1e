package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.upstream.AccountHealth.BreakerSettings;
import sluice.upstream.AccountHealth.Cause;
import sluice.upstream.ModelHealth.Verdict;

class ModelHealthTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final BreakerSettings SETTINGS = new BreakerSettings(0.5, 4, Duration.ofSeconds(10),
            Duration.ofSeconds(1));

    private final ModelHealth model = new ModelHealth();

    private void answered(String tenant, int times, long now) {
        for (int i = 0; i < times; i++) {
            model.answered(tenant, SETTINGS, now);
        }
    }

    private Verdict failed(String tenant, int times, long now) {
        Verdict verdict = Verdict.NOBODY;
        for (int i = 0; i < times; i++) {
            Verdict last = model.failed(tenant, SETTINGS, now);
            verdict = last == Verdict.NOBODY ? verdict : last;
        }
        return verdict;
    }

    private boolean passes(String tenant, long now) {
        return model.hold(tenant, SETTINGS, now) == null;
    }

    /** For calls that first succeed and then fail. */
    @ParameterizedTest
    @CsvSource({"0, 3, false", "0, 4, true", "1, 3, true", "2, 2, true", "3, 2, false", "3, 3, true", "10, 3, false",
            "10, 4, true"})
    void tenantWhoseCallsFailIsKeptBack(int answered, int failed, boolean trips) {
        answered("a", answered, 0);
        assertThat(failed("a", failed, SECOND)).isEqualTo(trips ? Verdict.TENANT : Verdict.NOBODY);
        assertThat(passes("a", SECOND)).isEqualTo(!trips);
        assertThat(passes("b", SECOND)).isTrue();
    }

    @Test
    void neighboursOfATenantWhoseCallsFailAreNeverKeptBack() {
        for (int second = 0; second < 60; second++) {
            long now = second * SECOND;
            answered("b", 2, now);
            while (passes("a", now)) {
                model.entered("a", now);
                failed("a", 1, now);
            }
            assertThat(passes("b", now)).as("after %s s", second).isTrue();
        }
    }

    /** Calls of a, b and c that were answered, then that failed. */
    @ParameterizedTest
    @CsvSource({"0, 2, 0, 2, 0, 0, true", "0, 2, 0, 1, 0, 0, false", "0, 3, 0, 1, 0, 0, true",
            "0, 2, 0, 2, 1, 0, true", "0, 2, 2, 1, 4, 0, false", "0, 2, 1, 1, 4, 4, true", "9, 1, 9, 1, 9, 1, false"})
    void modelIsPausedForAllWhenTheMeanOfSharesIsTooLarge(int a, int aFailed, int b, int bFailed, int c, int cFailed,
            boolean trips) {
        answered("a", a, 0);
        answered("b", b, 0);
        answered("c", c, 0);
        failed("a", aFailed, 0);
        failed("b", bFailed, 0);
        failed("c", cFailed, 0);
        assertThat(passes("d", 0)).isEqualTo(!trips);
    }

    @Test
    void failuresOfLongAgoAreForgotten() {
        failed("a", 3, 0);
        assertThat(failed("a", 1, 10 * SECOND + 1)).isEqualTo(Verdict.NOBODY);
        assertThat(failed("a", 3, 11 * SECOND)).isEqualTo(Verdict.TENANT);
    }

    @Test
    void oneCallOfAnyTenantShowsThatTheModelServesAgain() {
        failed("a", 2, 0);
        assertThat(failed("b", 2, 0)).isEqualTo(Verdict.ALL);
        model.entered("c", SECOND);
        assertThat(passes("a", SECOND)).isFalse();
        assertThat(model.answered("c", SETTINGS, SECOND)).isEqualTo(Verdict.ALL);
        assertThat(passes("a", SECOND)).isTrue();
    }

    @Test
    void probeOfATenantThatIsKeptBackAloneIsItsOwn() {
        failed("a", 4, 0);
        model.entered("b", SECOND);
        answered("b", 1, SECOND);
        assertThat(passes("a", SECOND)).as("it may try").isTrue();
        model.entered("a", SECOND);
        assertThat(passes("a", SECOND)).isFalse();
        model.failed("a", SETTINGS, SECOND);
        assertThat(model.hold("a", SETTINGS, SECOND)).isEqualTo(new Hold(Cause.BREAKER, 2 * SECOND, true));
        model.entered("a", 3 * SECOND);
        assertThat(model.answered("a", SETTINGS, 3 * SECOND)).isEqualTo(Verdict.TENANT);
        assertThat(passes("a", 3 * SECOND)).isTrue();
    }

    @Test
    void failureOfTheCallThatTriesAfterAPauseOfQuotaIsNoMatterOfQuota() {
        model.rateLimited(0, SECOND);
        model.entered("a", SECOND);
        failed("a", 1, SECOND);
        assertThat(passes("a", SECOND)).isTrue();
    }

    @Test
    void tenantsBeyondTheBoundAreNotToldApart() {
        for (int i = 0; i < 5_000; i++) {
            failed("tenant " + i, 4, 20L * i * SECOND);
        }
        assertThat(failed("last", 4, 200_000 * SECOND)).isIn(Verdict.TENANT, Verdict.NOBODY);
        assertThat(passes("other", 200_000 * SECOND)).isTrue();
    }
}
