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

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

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
        ring.probed(B, true, now);
        assertThat(ring.inService(now)).isEqualTo(2);
        assertThat(next(ring, 6, now)).doesNotContain(B).contains(A, C);
        assertThat(next(ring, 6, now + 5 * MINUTE - 1)).doesNotContain(B);
        assertThat(next(ring, 6, now + 5 * MINUTE)).contains(B);
        assertThat(ring.inService(now + 5 * MINUTE)).isEqualTo(3);
    }

    @Test
    void suspectedKeyStaysInServiceButOthersArePreferred() {
        KeyRing ring = new KeyRing(List.of(A, B), 0);
        assertThat(ring.suspected(A, 0)).as("another may be tried").isTrue();
        assertThat(ring.inService(0)).isEqualTo(2);
        assertThat(next(ring, 4, 0)).containsOnly(B);
        assertThat(ring.suspected(B, 0)).isFalse();
        assertThat(next(ring, 4, 0)).as("better than none").contains(A, B);
        assertThat(next(ring, 4, SECOND)).containsExactly(A, B, A, B);
    }

    @Test
    void oneProbeAtATimeAndOneInTenSeconds() {
        KeyRing ring = new KeyRing(List.of(A, B), 0);
        assertThat(ring.probe(A, 0)).isTrue();
        assertThat(ring.probe(A, 11 * SECOND)).as("a probe is already running").isFalse();
        assertThat(ring.probe(B, 0)).as("another key").isTrue();
        ring.probed(A, false, 12 * SECOND);
        assertThat(ring.inService(12 * SECOND)).isEqualTo(2);
        assertThat(ring.probe(A, 12 * SECOND)).isTrue();
        ring.probed(A, false, 13 * SECOND);
        assertThat(ring.probe(A, 22 * SECOND - 1)).isFalse();
        assertThat(ring.probe(A, 22 * SECOND)).isTrue();
        assertThat(ring.probe(C, 0)).as("no longer among the keys").isFalse();
    }

    @Test
    void keysThatAreAllRejectedAreTriedInTurn() {
        KeyRing ring = new KeyRing(List.of(A, B), 0);
        ring.probed(A, true, 0);
        ring.probed(B, true, 0);
        assertThat(ring.inService(0)).isZero();
        assertThat(next(ring, 4, 0)).containsExactly(A, B, A, B);
    }

    @Test
    void rejectedKeyIsBackOnceACallWithItIsAccepted() {
        KeyRing ring = new KeyRing(List.of(A, B), 0);
        ring.probed(A, true, 2 * SECOND);
        assertThat(ring.accepted(A, SECOND, 3 * SECOND)).as("sent before it was rejected").isFalse();
        assertThat(ring.rejected(3 * SECOND)).hasSize(1);
        assertThat(ring.accepted(B, 3 * SECOND, 4 * SECOND)).as("was never out").isFalse();
        assertThat(ring.accepted(A, 3 * SECOND, 4 * SECOND)).isTrue();
        assertThat(ring.inService(4 * SECOND)).isEqualTo(2);
        assertThat(next(ring, 4, 4 * SECOND)).contains(A, B);
        assertThat(ring.probed(A, true, 5 * SECOND)).as("news again").isTrue();
    }

    @Test
    void keysThatStayAreAsTheyWere() {
        KeyRing ring = new KeyRing(List.of(A, B), 0);
        ring.probed(A, true, 0);
        assertThat(next(ring.with(List.of(C, A), 0), 3, 0)).containsOnly(C);
    }

    @Test
    void keyNeverShowsItself() {
        assertThat(new ApiKey("sk-secret")).hasToString("[redacted]");
    }
}
