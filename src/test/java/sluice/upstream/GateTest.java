package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.upstream.AccountHealth.Cause;

class GateTest {
    private static final Duration OPEN_FOR = Duration.ofSeconds(1);
    private static final long SECOND = OPEN_FOR.toNanos();

    private static @Nullable Hold hold(Gate gate, long now) {
        return gate.hold(now, OPEN_FOR);
    }

    private static Hold held(Gate gate, long now) {
        Hold hold = hold(gate, now);
        assertThat(hold).isNotNull();
        return hold == null ? new Hold(Cause.COOLING, 0, false) : hold;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1_000_000_000_000L, Long.MAX_VALUE - 5})
    void oneCallTriesWhenThePauseIsOver(long now) {
        Gate shut = Gate.open().shut(Cause.COOLING, now, 5 * SECOND);
        assertThat(held(shut, now)).isEqualTo(new Hold(Cause.COOLING, 5 * SECOND, false));
        assertThat(shut.entered("bot", now)).as("too early").isEqualTo(shut);
        assertThat(hold(shut, now + 5 * SECOND)).isNull();
        Gate tried = shut.entered("bot", now + 5 * SECOND);
        assertThat(held(tried, now + 5 * SECOND).nanos()).as("the others wait a second for its answer")
                .isEqualTo(SECOND);
        assertThat(tried.passed()).isEqualTo(Gate.open());
        assertThat(hold(tried, now + 6 * SECOND)).as("then another tries").isNull();
        assertThat(tried.left("other", now + 5 * SECOND)).as("a call that was not the trial").isEqualTo(tried);
        assertThat(hold(tried.left("bot", now + 5 * SECOND), now + 5 * SECOND)).as("so it does when the first has left")
                .isNull();
    }

    @Test
    void longestPauseCounts() {
        Gate gate = Gate.open().shut(Cause.COOLING, 0, 5 * SECOND).shut(Cause.COOLING, SECOND, SECOND);
        assertThat(held(gate, SECOND).nanos()).isEqualTo(4 * SECOND);
        assertThat(held(gate.shut(Cause.COOLING, SECOND, 10 * SECOND), SECOND).nanos()).isEqualTo(10 * SECOND);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COOLING")
    void usedUpQuotaDoesNotShortenAnotherPause(Cause cause) {
        Gate gate = Gate.open().shut(cause, 0, 60 * SECOND);
        assertThat(gate.shut(Cause.COOLING, 0, SECOND)).isEqualTo(gate);
        assertThat(Gate.open().shut(Cause.COOLING, 0, SECOND).shut(cause, 0, 60 * SECOND)).isEqualTo(gate);
    }

    /** Each waiter is let in at most once; one that arrives after a failed try hears when the next one is due. */
    @Test
    void callsWaitForTheFirstThatTriesAndForNoOther() {
        Gate gate = Gate.open().shut(Cause.BREAKER, 0, SECOND);
        assertThat(held(gate, 0)).isEqualTo(new Hold(Cause.BREAKER, SECOND, false));
        gate = gate.entered("bot", SECOND);
        assertThat(held(gate, SECOND)).isEqualTo(new Hold(Cause.BREAKER, 30 * SECOND, false));
        gate = gate.failed(SECOND, OPEN_FOR);
        assertThat(held(gate, SECOND)).isEqualTo(new Hold(Cause.BREAKER, 2 * SECOND, true));
        gate = gate.entered("bot", 3 * SECOND);
        assertThat(held(gate, 3 * SECOND)).isEqualTo(new Hold(Cause.BREAKER, 4 * SECOND, true));
        assertThat(gate.passed()).isEqualTo(Gate.open());
    }

    @Test
    void pauseDoublesUpToHalfAMinute() {
        Gate gate = Gate.open().shut(Cause.UNREACHABLE, 0, SECOND);
        long now = 0;
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            now += held(gate, now).nanos();
            gate = gate.entered("bot", now).failed(now, OPEN_FOR);
            pauses.add(held(gate, now).nanos() / SECOND);
        }
        assertThat(pauses).containsExactly(2L, 4L, 8L, 16L, 30L, 30L, 30L, 30L);
    }

    @Test
    void whatWasSentBeforeChangesNothing() {
        Gate gate = Gate.open().shut(Cause.BREAKER, 0, SECOND);
        assertThat(gate.passed()).isEqualTo(gate);
        assertThat(gate.failed(0, OPEN_FOR)).isEqualTo(gate);
        assertThat(gate.left("bot", 0)).isEqualTo(gate);
    }
}
