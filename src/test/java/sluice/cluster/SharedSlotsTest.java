package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sluice.testing.RedisProcess;

/** Calls in flight over three replicas, by the real script and a clock of the test. */
class SharedSlotsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static List<SharedSlots> slots(Fleet fleet, int limit) {
        return IntStream.range(0, fleet.size()).mapToObj(fleet::member)
                .map(member -> new SharedSlots(member.environment(), "bot", limit, member.sweep())).toList();
    }

    @Test
    void placesOfADeadReplicaAreFreeWithinFiveSecondsAndNoOthers() {
        try (RedisProcess redis = RedisProcess.start(); Fleet fleet = new Fleet(redis.port(), 3, StoreLoss.SHARE)) {
            List<SharedSlots> slots = slots(fleet, 3);
            slots.forEach(each -> assertThat(each.take().result()).isTrue());
            slots.forEach(each -> assertThat(each.take().result()).isFalse());
            fleet.renew(0);
            for (int quarter = 0; quarter < 40; quarter++) {
                fleet.advance(SECOND / 4);
            }
            assertThat(slots.get(1).take().result()).as("of the dead one").isTrue();
            assertThat(slots.get(2).take().result()).as("of those that live").isFalse();
        }
    }

    @Test
    void deadReplicaFreesItsPlacesInTime() {
        try (RedisProcess redis = RedisProcess.start(); Fleet fleet = new Fleet(redis.port(), 2, StoreLoss.SHARE)) {
            List<SharedSlots> slots = slots(fleet, 1);
            assertThat(slots.get(0).take().result()).isTrue();
            fleet.renew(0);
            for (int quarter = 0; quarter < 19; quarter++) {
                fleet.advance(SECOND / 4);
            }
            assertThat(slots.get(1).take().result()).isTrue();
        }
    }

    @Test
    void replicaThatEndsFreesItsPlacesAndIsNotCounted() {
        try (RedisProcess redis = RedisProcess.start(); Fleet fleet = new Fleet(redis.port(), 2, StoreLoss.SHARE)) {
            List<SharedSlots> slots = slots(fleet, 1);
            assertThat(slots.get(0).take().result()).isTrue();
            assertThat(slots.get(1).take().result()).isFalse();
            fleet.member(0).sweep().leave();
            assertThat(slots.get(1).take().result()).isTrue();
            fleet.member(0).replica().leave(fleet.member(0).store()::run);
            fleet.member(1).replica().beat(fleet.member(1).store()::run);
            assertThat(fleet.member(1).replica().replicas()).isEqualTo(1);
        }
    }

    @Test
    void withoutTheStoreEachHasItsPart() {
        try (RedisProcess redis = RedisProcess.start(); Fleet fleet = new Fleet(redis.port(), 3, StoreLoss.SHARE)) {
            List<SharedSlots> slots = slots(fleet, 6);
            for (int i = 0; i < 3; i++) {
                fleet.member(i).store().away(true);
            }
            for (SharedSlots each : slots) {
                assertThat(each.take().result()).isTrue();
                assertThat(each.take().result()).isTrue();
                assertThat(each.take().result()).isFalse();
                each.giveBack();
                assertThat(each.take().result()).isTrue();
            }
        }
    }
}
