package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
    private static final ApiKey A = new ApiKey("a");
    private static final ApiKey B = new ApiKey("b");
    private static final ApiKey C = new ApiKey("c");
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private static List<ApiKey> next(KeyRing ring, int times, long now) {
        List<ApiKey> keys = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            keys.add(ring.next(now));
        }
        return keys;
    }

    /** Clocks may begin anywhere, below 0 too. */
    @ParameterizedTest
    @ValueSource(longs = {0, -1_000_000_000_000L, Long.MAX_VALUE - 5})
    void keysAreUsedInTurn(long now) {
        KeyRing ring = new KeyRing(List.of(A, B, C), now);
        assertThat(next(ring, 6, now)).containsExactly(A, B, C, A, B, C);
        assertThat(ring.inService(now)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1_000_000_000_000L, Long.MAX_VALUE - 5})
    void rejectedKeyIsLeftOutForFiveMinutes(long now) {
        KeyRing ring = new KeyRing(List.of(A, B, C), now);
        assertThat(ring.rejected(B, now)).as("another may be tried").isTrue();
        assertThat(ring.inService(now)).isEqualTo(2);
        assertThat(next(ring, 6, now)).doesNotContain(B).contains(A, C);
        assertThat(next(ring, 6, now + 5 * MINUTE - 1)).doesNotContain(B);
        assertThat(next(ring, 6, now + 5 * MINUTE)).contains(B);
        assertThat(ring.inService(now + 5 * MINUTE)).isEqualTo(3);
    }

    @Test
    void lastRejectionSaysThatNoneIsLeftAndTheyAreThenProbedInTurn() {
        KeyRing ring = new KeyRing(List.of(A, B), 0);
        assertThat(ring.rejected(A, 0)).isTrue();
        assertThat(ring.rejected(B, 0)).isFalse();
        assertThat(ring.inService(0)).isZero();
        assertThat(next(ring, 4, 0)).containsExactly(A, B, A, B);
    }

    @Test
    void onlyKeyThatIsRejectedLeavesNone() {
        KeyRing ring = new KeyRing(List.of(A), 0);
        assertThat(ring.rejected(A, 0)).isFalse();
        assertThat(ring.next(0)).isEqualTo(A);
    }

    @Test
    void keyNeverShowsItself() {
        assertThat(new ApiKey("sk-secret")).hasToString("[redacted]");
    }
}
