package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.quota.Budget;
import sluice.quota.Budget.Period;
import sluice.quota.Outstanding;
import sluice.quota.Spending;
import sluice.quota.Spending.Answer.Granted;
import sluice.quota.Spending.Answer.Refused;
import sluice.testing.RedisProcess;

/** Budgets of a tenant over three replicas, by the real script and a clock of the test. */
class SharedSpendingTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long DOLLAR = 1_000_000_000_000L;
    private static final Spending.Rules RULES = new Spending.Rules(ZoneId.of("UTC"), 0.8);

    private static RedisProcess redis;

    private final List<String> warned = new ArrayList<>();

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static Fleet fleet() {
        return new Fleet(redis.port(), 3, StoreLoss.SHARE);
    }

    private List<Spending> spendings(Fleet fleet, Budget... budgets) {
        return IntStream.range(0, fleet.size()).mapToObj(index -> spending(fleet, index, period -> 0, budgets))
                .toList();
    }

    /** As in a process that has just begun. */
    private Spending spending(Fleet fleet, int index, ToLongFunction<Period> before, Budget... budgets) {
        Fleet.Member member = fleet.member(index);
        Spending spending = new Spending("", RULES, before, new Spending.Observer() {
            @Override
            public void decided(String budget, boolean granted) {
                // Not looked at here.
            }

            @Override
            public void nearlySpent(String budget) {
                warned.add(budget);
            }
        }, new Outstanding(), fleet.time().time(),
                Optional.of(parts -> new SharedSpending(member.environment(), "bot", "", parts, member.sweep())));
        spending.change(List.of(budgets), false, RULES);
        return spending;
    }

    private static Budget day(long amount) {
        return new Budget(Period.DAY, amount);
    }

    private static boolean spend(Spending at, long amount) {
        if (at.take(amount).result() instanceof Granted(var hold)) {
            hold.close(amount);
            return true;
        }
        return false;
    }

    private static long spent(Spending spending) {
        return -Objects.requireNonNull(spending.levels().get("usd-per-day")).remaining();
    }

    private static void pass(Fleet fleet, int quarters) {
        for (int quarter = 0; quarter < quarters; quarter++) {
            fleet.advance(SECOND / 4);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void budgetHoldsOverAllReplicas(long seed) {
        Random random = new Random(seed);
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(DOLLAR), new Budget(Period.MONTH, 2 * DOLLAR));
            Deque<Spending.Hold> open = new ArrayDeque<>();
            long spent = 0;
            long reserved = 0;
            for (int call = 0; call < 400; call++) {
                fleet.advance(random.nextLong(SECOND / 10));
                if (random.nextInt(3) == 0 && !open.isEmpty()) {
                    Spending.Hold hold = open.remove();
                    long cost = random.nextLong(hold.reserved() + 1);
                    hold.close(cost);
                    reserved -= hold.reserved();
                    spent += cost;
                } else if (replicas.get(random.nextInt(3)).take(random.nextLong(DOLLAR / 10) + 1)
                        .result() instanceof Granted(var hold)) {
                    open.add(hold);
                    reserved += hold.reserved();
                }
                assertThat(spent + reserved).isLessThanOrEqualTo(DOLLAR);
            }
            assertThat(spent + reserved).as("and what there is is used").isGreaterThan(DOLLAR * 7 / 10);
            open.forEach(hold -> hold.close(hold.reserved()));
            pass(fleet, 4);
            assertThat(spend(replicas.getFirst(), DOLLAR)).isFalse();
            assertThat(warned).as("each replica warns once").hasSizeBetween(1, 3);
        }
    }

    @Test
    void refusalTellsWhatAllHaveLeft() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100), new Budget(Period.MONTH, 1000));
            assertThat(spend(replicas.get(0), 40)).isTrue();
            assertThat(spend(replicas.get(1), 30)).isTrue();
            pass(fleet, 4);
            assertThat(replicas.get(2).take(31).result()).isInstanceOfSatisfying(Refused.class, refused -> {
                assertThat(refused.left()).isEqualTo(30);
                assertThat(refused.budget()).isEqualTo(day(100));
            });
            assertThat(replicas).allSatisfy(each -> {
                assertThat(each.take(0).result()).isInstanceOf(Granted.class);
                assertThat(spent(each)).isEqualTo(70);
            });
        }
    }

    @Test
    void whatADeadReplicaHadReservedIsFreeAndWhatItHasSpentIsNot() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100));
            assertThat(spend(replicas.getFirst(), 50)).isTrue();
            assertThat(replicas.getFirst().take(50).result()).isInstanceOf(Granted.class);
            pass(fleet, 2);
            fleet.renew(0);
            assertThat(spend(replicas.get(1), 1)).isFalse();
            pass(fleet, 20);
            assertThat(spend(replicas.get(1), 51)).isFalse();
            assertThat(spend(spending(fleet, 0, period -> 50, day(100)), 50)).as("what is known already counts once")
                    .isTrue();
        }
    }

    @Test
    void storeThatLosesItsDataIsToldAgain() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100));
            assertThat(spend(replicas.get(0), 30)).isTrue();
            assertThat(spend(replicas.get(2), 40)).isTrue();
            pass(fleet, 2);
            fleet.renew(0);
            pass(fleet, 4 * 200);
            assertThat(spend(replicas.get(1), 10)).as("the first is known to be gone").isTrue();
            pass(fleet, 4 * 61);
            fleet.member(1).store().forget();
            pass(fleet, 4 * 61);
            assertThat(spend(replicas.get(1), 21)).isFalse();
            assertThat(spend(replicas.get(1), 20)).isTrue();
        }
    }

    @Test
    void storeThatLosesItsDataIsNotToldTwiceByAProcessThatCameLater() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100));
            assertThat(spend(replicas.get(1), 50)).isTrue();
            pass(fleet, 2);
            Spending later = spending(fleet, 2, period -> 50, day(100));
            pass(fleet, 2);
            fleet.member(1).store().forget();
            assertThat(spend(later, 1)).isTrue();
            pass(fleet, 4 * 61);
            assertThat(spend(replicas.get(1), 50)).isFalse();
            assertThat(spend(replicas.get(1), 49)).isTrue();
        }
    }

    @Test
    void whateverOneKnowsOfThoseThatAreGoneCountsWhoeverComesFirst() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100));
            assertThat(spend(replicas.get(0), 50)).isTrue();
            pass(fleet, 2);
            fleet.renew(0);
            pass(fleet, 4 * 200);
            assertThat(spend(replicas.get(1), 10)).isTrue();
            pass(fleet, 4 * 61);
            fleet.member(1).store().forget();
            assertThat(spend(replicas.get(2), 1)).as("one that knows of nobody").isTrue();
            pass(fleet, 4 * 61);
            assertThat(spend(replicas.get(2), 40)).isFalse();
            assertThat(spend(replicas.get(2), 39)).isTrue();
        }
    }

    @Test
    void emptyStoreBelievesWhatAProcessRemembers() {
        try (Fleet fleet = fleet()) {
            Spending first = spending(fleet, 0, period -> 70, day(100));
            Spending second = spending(fleet, 1, period -> 70, day(100));
            assertThat(spend(first, 20)).isTrue();
            pass(fleet, 2);
            assertThat(spend(second, 11)).isFalse();
            assertThat(spend(second, 10)).isTrue();
            fleet.time().advance(Duration.ofDays(1));
            assertThat(spend(second, 100)).isTrue();
        }
    }

    @Test
    void withoutTheStoreEachHasItsPartOfWhatWasLeft() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100));
            assertThat(spend(replicas.get(0), 40)).isTrue();
            pass(fleet, 2);
            assertThat(replicas).allSatisfy(each -> assertThat(spend(each, 0)).isTrue());
            for (int i = 0; i < 3; i++) {
                fleet.member(i).store().away(true);
            }
            for (Spending each : replicas) {
                assertThat(spend(each, 21)).isFalse();
                assertThat(spend(each, 15)).isTrue();
                assertThat(spend(each, 5)).isTrue();
                assertThat(spend(each, 1)).isFalse();
            }
            for (int i = 0; i < 3; i++) {
                fleet.member(i).store().away(false);
            }
            pass(fleet, 4);
            assertThat(spend(replicas.get(2), 1)).isFalse();
            pass(fleet, 4);
            assertThat(replicas).allSatisfy(each -> {
                spend(each, 1);
                assertThat(spent(each)).isEqualTo(100);
            });
        }
    }

    @Test
    void replicaThatEndsLeavesWhatItHasSpent() {
        try (Fleet fleet = fleet()) {
            List<Spending> replicas = spendings(fleet, day(100));
            assertThat(replicas.get(0).take(60).result()).isInstanceOfSatisfying(Granted.class,
                    granted -> granted.hold().close(55));
            fleet.member(0).sweep().leave();
            assertThat(spend(replicas.get(1), 46)).isFalse();
            assertThat(spend(replicas.get(1), 45)).isTrue();
        }
    }
}
