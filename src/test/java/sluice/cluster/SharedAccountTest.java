package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.schedule.Lane;
import sluice.schedule.Share;
import sluice.testing.RedisProcess;
import sluice.testing.Resp;

/** One account over three replicas: its promise, its fairness and its use, by the real scripts and a clock of the test. */
@Timeout(120)
class SharedAccountTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Share ONE = new Share("one", 1);
    private static final Share ALL = new Share("all", 1);
    private static final Share TWICE = new Share("twice", 2);

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static AccountFleet fleet(StoreLoss onLoss, long rpm, long burst) {
        return new AccountFleet(redis.port(), 3, onLoss, AccountFleet.strict(rpm, burst));
    }

    /** One tenant on one replica, one on all, one of twice the weight on another; each always has calls that wait. */
    private static void lopsided(AccountFleet fleet) {
        for (int i = 0; i < 20; i++) {
            fleet.ask(0, ONE, again -> true);
            fleet.ask(1, TWICE, again -> true);
            for (int replica = 0; replica < 3; replica++) {
                fleet.ask(replica, ALL, again -> true);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"600, 30", "60, 3", "6000, 300"})
    void tenantsShareByWeightWhereverTheirCallsArrive(long rpm, long burst) {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, rpm, burst)) {
            lopsided(fleet);
            fleet.run(20 * SECOND);
            Map<String, Long> before = Map.copyOf(fleet.served());
            int sentBefore = fleet.sent();
            long messages = fleet.fleet().messages();
            fleet.run(180 * SECOND);
            double sent = fleet.sent() - sentBefore;
            fleet.served().forEach((tenant, all) -> {
                double share = (all - before.getOrDefault(tenant, 0L)) / sent;
                assertThat(share).as(tenant).isCloseTo(tenant.equals("twice") ? 0.5 : 0.25,
                        Percentage.withPercentage(5));
            });
            assertThat(sent).as("use of what there is").isGreaterThan(0.95 * (rpm - burst + 1) * 180 / 61);
            assertThat(fleet.worstMinute()).isLessThanOrEqualTo((int) rpm);
            assertThat((fleet.fleet().messages() - messages) / 180.0 / 3).as("messages a second and replica")
                    .isLessThan(4 + 120);
        }
    }

    /** As many calls of it wait at any time, of ten one, four and five on the three replicas. */
    @Test
    void callsOfATenantAreServedInTheOrderInWhichTheyCameToAnyReplica() {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 600, 30)) {
            List<Integer> waiting = List.of(4, 16, 20);
            for (int replica = 0; replica < 3; replica++) {
                for (int i = 0; i < waiting.get(replica); i++) {
                    fleet.ask(0, ONE, again -> true);
                    fleet.ask(replica, ALL, again -> true);
                }
            }
            fleet.run(60 * SECOND);
            int before = fleet.calls().size();
            fleet.run(180 * SECOND);
            List<AccountFleet.Sent> calls = fleet.calls().stream().skip(before)
                    .filter(call -> call.tenant().equals("all")).toList();
            double mean = calls.stream().mapToLong(AccountFleet.Sent::waitNanos).average().orElseThrow();
            assertThat(calls).as("waits").allSatisfy(call -> assertThat(call.waitNanos() / mean).isBetween(0.8, 1.2));
            for (int replica = 0; replica < 3; replica++) {
                int index = replica;
                double part = calls.stream().filter(call -> call.index() == index).count() / (double) calls.size();
                assertThat(part).as("part of replica %s", index).isCloseTo(waiting.get(index) / 40.0,
                        Percentage.withPercentage(10));
            }
        }
    }

    @Test
    void batchGetsItsShareOfATenantsGrantsWhereverItsCallsArrive() {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 600, 30)) {
            for (int i = 0; i < 40; i++) {
                fleet.ask(0, ALL, Lane.BATCH, again -> true);
            }
            for (int i = 0; i < 6; i++) {
                fleet.ask(1 + i % 2, ALL, Lane.INTERACTIVE, again -> true);
            }
            fleet.run(60 * SECOND);
            int before = fleet.calls().size();
            fleet.run(180 * SECOND);
            List<AccountFleet.Sent> calls = fleet.calls().stream().skip(before).toList();
            double batch = calls.stream().filter(call -> call.lane() == Lane.BATCH).count();
            assertThat(batch / calls.size()).isBetween(0.08, 0.12);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void strictHoldsWhileReplicasAreReplaced(boolean inGoodOrder) {
        try (AccountFleet fleet = fleet(StoreLoss.CLOSED, 600, 60)) {
            lopsided(fleet);
            for (int i = 0; i < 12; i++) {
                fleet.run(10 * SECOND + i * SECOND / 7);
                if (inGoodOrder) {
                    fleet.restart(i % 3);
                } else {
                    fleet.replace(i % 3);
                }
                for (int calls = 0; calls < 20; calls++) {
                    fleet.ask(i % 3, ALL, again -> true);
                }
            }
            assertThat(fleet.worstMinute()).isLessThanOrEqualTo(600);
            assertThat(fleet.sent()).isGreaterThan((int) (0.9 * 541 * 120 / 61));
        }
    }

    /** From a full bucket: what a replica used before it ended, and what the others could use in the 20 s after. */
    private static int sentAround(BiConsumer<AccountFleet, Integer> end) {
        try (AccountFleet fleet = fleet(StoreLoss.CLOSED, 600, 60)) {
            fill(fleet);
            int before = fleet.sent();
            fetchAhead(fleet);
            assertThat(fleet.sent() - before).isEqualTo(40);
            end.accept(fleet, 0);
            for (int i = 0; i < 20; i++) {
                fleet.ask(1, ALL, again -> true);
            }
            fleet.run(20 * SECOND);
            return fleet.sent() - before;
        }
    }

    /** It begins when the first call comes, and empty. */
    private static void fill(AccountFleet fleet) {
        fleet.ask(2, ALL, again -> false);
        fleet.run(30 * SECOND);
    }

    /** Two seconds of calls that do not wait, after which the replica has a slice. */
    private static void fetchAhead(AccountFleet fleet) {
        for (int i = 0; i < 40; i++) {
            fleet.run(SECOND / 20);
            fleet.ask(0, ONE, again -> false);
        }
    }

    @Test
    void sliceOfAReplicaThatEndsGoesBackAndThatOfAKilledOneIsSpent() {
        double allowed = 60 + 541 * 22 / 61.0;
        int whole = sentAround(AccountFleet::restart);
        int less = sentAround(AccountFleet::replace);
        assertThat((double) whole).as("nothing is lost").isBetween(allowed - 3, allowed);
        assertThat(less).as("its slice is").isBetween(whole - 600 / 30, whole - 4);
    }

    @Test
    void whatAKilledReplicaHeldComesBackByRefillAndOnlyOnce() {
        try (AccountFleet fleet = fleet(StoreLoss.CLOSED, 600, 60)) {
            fill(fleet);
            fetchAhead(fleet);
            fleet.replace(0);
            fleet.run(30 * SECOND);
            int before = fleet.sent();
            for (int i = 0; i < 200; i++) {
                fleet.ask(1 + i % 2, ALL, again -> false);
            }
            fleet.run(SECOND / 100);
            assertThat(fleet.sent() - before).as("the burst, and not more").isEqualTo(60);
        }
    }

    @Test
    void strictHoldsWhenTheWholeBurstComesAfterAPause() {
        try (AccountFleet fleet = fleet(StoreLoss.CLOSED, 600, 60)) {
            for (int round = 0; round < 5; round++) {
                fleet.run(30 * SECOND);
                for (int calls = 0; calls < 300; calls++) {
                    fleet.ask(calls % 3, ALL, again -> false);
                }
            }
            fleet.run(30 * SECOND);
            assertThat(fleet.worstMinute()).isLessThanOrEqualTo(600);
        }
    }

    @Test
    void withoutWaitingFewMessagesAreNeeded() {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 60_000, 3_000)) {
            fleet.run(10 * SECOND);
            long before = fleet.fleet().messages();
            for (int i = 0; i < 3_000; i++) {
                fleet.run(SECOND / 300);
                fleet.ask(i % 3, ALL, again -> false);
            }
            fleet.run(SECOND);
            assertThat(fleet.sent()).isEqualTo(3_000);
            double beats = 11 * 4 * 3;
            assertThat((fleet.fleet().messages() - before - beats) / 3_000).isLessThanOrEqualTo(0.1);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.1, 1.05", "0.5, 1.05", "1, 0.55", "5, 0.3"})
    void slowCallsCostFewMessages(double perSecondAndReplica, double most) {
        Random random = new Random(7);
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 60_000, 3_000)) {
            fleet.ask(0, ALL, again -> false);
            fleet.run(10 * SECOND);
            long before = fleet.fleet().messages() - fleet.fleet().beats();
            for (int i = 0; i < 600; i++) {
                fleet.run((long) (-Math.log(random.nextDouble()) / perSecondAndReplica / 3 * SECOND));
                fleet.ask(random.nextInt(3), ALL, again -> false);
            }
            assertThat((fleet.fleet().messages() - fleet.fleet().beats() - before) / 600.0).isLessThanOrEqualTo(most);
        }
    }

    @ParameterizedTest
    @CsvSource({"SHARE", "CLOSED"})
    void outageKeepsToItsPolicy(StoreLoss onLoss) {
        try (AccountFleet fleet = fleet(onLoss, 600, 30)) {
            lopsided(fleet);
            fleet.run(60 * SECOND);
            for (int i = 0; i < 3; i++) {
                fleet.fleet().member(i).store().away(true);
            }
            fleet.run(3 * SECOND);
            int before = fleet.sent();
            fleet.run(27 * SECOND);
            int during = fleet.sent() - before;
            for (int i = 0; i < 3; i++) {
                fleet.fleet().member(i).store().away(false);
            }
            fleet.run(90 * SECOND);
            double full = 571 * 27 / 61.0;
            assertThat((double) during).isBetween(onLoss == StoreLoss.CLOSED ? 0 : full * 0.9,
                    onLoss == StoreLoss.CLOSED ? 0 : full + 3);
            assertThat(fleet.worstMinute()).isLessThanOrEqualTo(600);
            assertThat(fleet.sent() - before - during).as("and it goes on").isGreaterThan((int) (0.9 * 571 * 90 / 61));
        }
    }

    /** What happens to the store, how often, and whether the promise of a strict account still holds. */
    @ParameterizedTest
    @CsvSource({"30000, true, FLUSHALL", "30000, true, DEL test:{pool/default}:account/main", "1000, false, FLUSHALL",
            "100, true, FLUSHALL", "1000, true, SET test:{pool/default}:account/main x",
            "1000, true, SET test:{pool/default}:service x",
            "100, true, HSET test:{pool/default}:account/main t x r:x y q:z w",
            "1000, true, HSET test:{pool/default}:account/main l:rpm nan t nan"})
    void storeThatLosesTheAccountIsNeverWorseThanNone(long everyMillis, boolean strict, String words) {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 600, 30)) {
            lopsided(fleet);
            fleet.run(60 * SECOND);
            int before = fleet.sent();
            for (long millis = 0; millis < 60_000; millis += everyMillis) {
                fleet.fleet().member(0).store().tamper(words.split(" "));
                fleet.run(TimeUnit.MILLISECONDS.toNanos(everyMillis));
            }
            int during = fleet.sent() - before;
            fleet.run(60 * SECOND);
            double full = 571 * 60 / 61.0;
            assertThat((double) during).isGreaterThan(full * 0.9);
            assertThat(fleet.sent() - before - during).isGreaterThan((int) (full * 0.9));
            assertThat(fleet.worstMinute()).isLessThanOrEqualTo(strict ? 600 : 600 + 600 / 3);
        }
    }

    /** Whoever comes back first must not be ahead of all others by what replicas remember of them. */
    @ParameterizedTest
    @ValueSource(strings = {"FLUSHALL", "DEL test:{pool/default}:service"})
    void storeThatForgetsWhoWasServedBeginsAnewForAll(String words) {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 600, 30)) {
            AtomicBoolean busy = new AtomicBoolean(true);
            for (int i = 0; i < 20; i++) {
                fleet.ask(i % 2, ONE, again -> busy.get());
                fleet.ask(i % 2, ALL, again -> busy.get());
            }
            fleet.run(600 * SECOND);
            busy.set(false);
            fleet.run(10 * SECOND);
            fleet.fleet().member(0).store().tamper(words.split(" "));
            for (int i = 0; i < 20; i++) {
                fleet.ask(0, ONE, again -> true);
            }
            fleet.run(20 * SECOND);
            for (int replica = 0; replica < 2; replica++) {
                long before = fleet.served().getOrDefault("all", 0L);
                assertThat(fleet.turnsAway(replica, ALL, 5 * SECOND)).as("turned away by %s", replica).isFalse();
                fleet.run(5 * SECOND);
                assertThat(fleet.served().get("all")).isEqualTo(before + 1);
            }
        }
    }

    @Test
    void accountOfReplicasWithDifferentFilesKeepsToTheLargerOne() {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 600, 30)) {
            lopsided(fleet);
            fleet.run(60 * SECOND);
            fleet.limits(AccountFleet.strict(300, 15));
            fleet.restart(0);
            for (int calls = 0; calls < 20; calls++) {
                fleet.ask(0, ALL, again -> true);
            }
            int before = fleet.sent();
            fleet.run(60 * SECOND);
            assertThat(fleet.sent() - before).isBetween(250, 600);
            assertThat(fleet.worstMinute()).isLessThanOrEqualTo(600);
        }
    }

    @Test
    void clockThatJumpsGivesOneBurstAndStopsNobody() {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 600, 30)) {
            lopsided(fleet);
            fleet.run(60 * SECOND);
            for (int hours : new int[]{1, 0, -1, 0}) {
                int before = fleet.sent();
                for (int i = 0; i < 3; i++) {
                    fleet.fleet().member(i).store().ahead(Duration.ofHours(hours));
                }
                fleet.run(60 * SECOND);
                double full = 571 * 60 / 61.0;
                assertThat((double) fleet.sent() - before).isBetween(full * 0.9, full + 30 + 3);
            }
        }
    }

    @Test
    void whatOthersSayOfManyAndLongNamesIsBounded() {
        try (AccountFleet fleet = fleet(StoreLoss.SHARE, 60_000, 3_000); Resp other = new Resp(redis.port())) {
            fleet.ask(0, ALL, again -> false);
            fleet.run(SECOND);
            for (int replica = 0; replica < 3; replica++) {
                for (int model = 0; model < 190; model++) {
                    fleet.report(replica, replica + "-" + "m".repeat(model % 2 == 0 ? 10 : 100_000) + model);
                }
                fleet.ask(replica, ALL, again -> false);
                fleet.run(3 * SECOND);
            }
            List<?> fields = (List<?>) Objects
                    .requireNonNull(other.ask(List.of("HKEYS", "test:{pool/default}:account/main")));
            assertThat(fields).filteredOn(field -> field.toString().startsWith("q:")).hasSizeBetween(200, 400)
                    .allSatisfy(field -> assertThat(field.toString().length()).isLessThan(310));
        }
    }
}
