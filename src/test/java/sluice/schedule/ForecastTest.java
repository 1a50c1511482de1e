package sluice.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import sluice.schedule.Bench.Account;

/** Costs are whole units and one unit comes back in a second, so that a wait in seconds is the service before a call. */
class ForecastTest {
    private static final double UNIT_PER_SECOND = 1 / (double) TimeUnit.SECONDS.toNanos(1);
    private static final long SOON = Duration.ofMillis(250).toNanos();

    private final FairQueue queue = new FairQueue(10);
    private long order;

    private record Entry(Call call, long order, double cost, long since) implements Backlog.Entry {}

    private static final Call.Routes ANYWHERE = new Call.Routes() {
        @Override
        public boolean allows(Capacity account) {
            return true;
        }

        @Override
        public boolean connect(Capacity account) {
            return !(account instanceof Account);
        }
    };

    private static Call call(String tenant, double weight, Lane lane, boolean returning) {
        return new Call(new Share(tenant, weight), new Need("m", 0), lane, ANYWHERE, Long.MAX_VALUE, returning,
                Runnable::run);
    }

    private static Call call(String tenant) {
        return call(tenant, 1, Lane.INTERACTIVE, false);
    }

    private void waiting(int times, Call call) {
        for (int i = 0; i < times; i++) {
            queue.join(new Entry(call, ++order, 1, 0));
        }
    }

    /** Calls for the model "other" want another account. */
    private static boolean isRival(Call other) {
        return !other.need().model().equals("other");
    }

    private double seconds(Call call) {
        return Math.round(Forecast.nanos(queue, call, UNIT_PER_SECOND, SOON, 0, ForecastTest::isRival) / 1e6) / 1e3;
    }

    @Test
    void firstCallWaitsForTheNextPermit() {
        assertThat(seconds(call("x"))).isEqualTo(0.25);
    }

    @Test
    void callsOfTheSameTenantAndLaneComeBefore() {
        waiting(3, call("x"));
        assertThat(seconds(call("x"))).isEqualTo(3.25);
    }

    @Test
    void newcomerWaitsForNobodysBacklog() {
        waiting(100, call("y"));
        assertThat(seconds(call("x"))).isEqualTo(0.25);
    }

    @Test
    void othersAreServedUpToTheTurnOfTheCall() {
        waiting(100, call("y"));
        waiting(3, call("x"));
        assertThat(seconds(call("x"))).as("3 of its own, 3 of the other's").isEqualTo(6.25);
    }

    @Test
    void othersAreServedNoMoreThanTheyHaveWaiting() {
        waiting(1, call("y"));
        waiting(3, call("x"));
        assertThat(seconds(call("x"))).isEqualTo(4.25);
    }

    @Test
    void weightsShareTheServiceBefore() {
        waiting(100, call("y", 3, Lane.INTERACTIVE, false));
        waiting(2, call("x"));
        assertThat(seconds(call("x"))).as("2 of its own, 6 of the heavier").isEqualTo(8.25);
    }

    @Test
    void tenantThatHadMoreServiceWaitsForTheOthersToCatchUp() {
        waiting(5, call("y"));
        waiting(1, call("x"));
        queue.charge(new Share("x", 1), 4);
        assertThat(seconds(call("x"))).as("1 of its own, 5 of the other's").isEqualTo(6.25);
    }

    @Test
    void returningCallWaitsForNothingOfItsOwn() {
        waiting(5, call("x"));
        assertThat(seconds(call("x", 1, Lane.INTERACTIVE, true))).isEqualTo(0.25);
    }

    @Test
    void batchWaitsForInteractiveAndInteractiveForItsTenth() {
        waiting(18, call("x"));
        waiting(5, call("x", 1, Lane.BATCH, false));
        assertThat(seconds(call("x"))).as("18, and one of batch for every 9").isEqualTo(20.25);
        assertThat(seconds(call("x", 1, Lane.BATCH, false))).as("5, and all 18 since 9 go before each")
                .isEqualTo(23.25);
    }

    @Test
    void callsThatWantAnotherAccountAreNotInTheWay() {
        Call elsewhere = new Call(new Share("x", 1), new Need("other", 0), Lane.INTERACTIVE, ANYWHERE, Long.MAX_VALUE,
                false, Runnable::run);
        waiting(100, elsewhere);
        waiting(2, call("x"));
        assertThat(seconds(call("x"))).isEqualTo(2.25);
    }

    @Test
    void callsThatWillComeMeanwhileCountToo() {
        waiting(10, call("x"));
        Backlog other = queue.of(new Share("y", 1));
        other.arrived(1, 0);
        assertThat(seconds(call("x"))).isGreaterThan(10.25).isLessThan(20.25);
    }
}
