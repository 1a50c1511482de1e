package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import sluice.quota.InFlight.Slot;

class InFlightTest {
    private final Outstanding outstanding = new Outstanding();
    private final List<Boolean> decisions = new ArrayList<>();

    private InFlight inFlight(OptionalInt limit, boolean shadow) {
        return new InFlight(limit, shadow, (name, granted) -> {
            assertThat(name).isEqualTo("concurrent");
            decisions.add(granted);
        }, outstanding);
    }

    private static Slot acquire(InFlight calls) {
        return calls.tryAcquire().orElseThrow();
    }

    @Test
    void callBeyondTheLimitIsRefusedUntilOneEnds() {
        InFlight calls = inFlight(OptionalInt.of(2), false);
        Slot first = acquire(calls);
        acquire(calls);
        assertThat(calls.tryAcquire()).isEmpty();
        assertThat(calls.count()).isEqualTo(2);
        first.close();
        first.close();
        assertThat(calls.count()).isEqualTo(1);
        assertThat(calls.tryAcquire()).isPresent();
        assertThat(calls.tryAcquire()).isEmpty();
        assertThat(decisions).containsExactly(true, true, false, true, false);
        assertThat(outstanding.count()).isEqualTo(2);
    }

    @Test
    void shadowCountsButNeverRefuses() {
        InFlight calls = inFlight(OptionalInt.of(1), true);
        List<Slot> permits = List.of(acquire(calls), acquire(calls), acquire(calls));
        assertThat(decisions).containsExactly(true, false, false);
        assertThat(calls.count()).isEqualTo(3);
        permits.forEach(Slot::close);
        assertThat(calls.count()).isZero();
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void withoutLimitNothingIsDecided() {
        InFlight calls = inFlight(OptionalInt.empty(), false);
        for (int i = 0; i < 1000; i++) {
            assertThat(calls.tryAcquire()).isPresent();
        }
        assertThat(calls.count()).isEqualTo(1000);
        assertThat(decisions).isEmpty();
    }

    @Property
    void neverMoreThanTheLimitAreUnderWay(@ForAll List<@IntRange(min = -3, max = 3) Integer> moves,
            @ForAll @IntRange(min = 1, max = 4) int limit) {
        InFlight calls = inFlight(OptionalInt.of(limit), false);
        List<Slot> open = new ArrayList<>();
        for (int move : moves) {
            if (move >= 0) {
                Optional<Slot> permit = calls.tryAcquire();
                assertThat(permit.isPresent()).isEqualTo(open.size() < limit);
                permit.ifPresent(open::add);
            } else if (!open.isEmpty()) {
                Slot permit = open.remove(-move % open.size());
                permit.close();
                permit.close();
            }
            assertThat(calls.count()).isEqualTo(open.size());
        }
        open.forEach(Slot::close);
        assertThat(calls.count()).isZero();
        assertThat(outstanding.count()).isZero();
    }
}
