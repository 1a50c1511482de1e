package sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.testing.RedisProcess;

/** Limits of tenants over three replicas whose store forgets, is overwritten, comes and goes, or has a wrong clock. */
@Timeout(120)
class BadStoreTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int REPLICAS = 3;
    private static final long LIMIT = 600;
    private static final int PER_SECOND = 100;
    /** Where each replica holds its part by itself, and the store comes back in between. */
    private static final long A_LITTLE = LIMIT / 10;
    private static final String KEY = "test:{tenant/bot}:rpm";

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static Limit rpm(long amount) {
        return new Limit(Limit.Kind.RPM, amount);
    }

    /** What happens to the store at each call in the second half of the first minute. */
    interface Mischief {
        void at(Fleet fleet, int call);
    }

    private static Mischief every(long millis, Mischief what) {
        int calls = (int) (millis * PER_SECOND / 1_000);
        return (fleet, call) -> {
            if (call % calls == 0) {
                what.at(fleet, call / calls);
            }
        };
    }

    private static Mischief says(String... words) {
        return (fleet, round) -> fleet.member(0).store().tamper(words);
    }

    private static void allAway(Fleet fleet, boolean away) {
        for (int i = 0; i < REPLICAS; i++) {
            fleet.member(i).store().away(away);
        }
    }

    private static void allAhead(Fleet fleet, Duration ahead) {
        for (int i = 0; i < REPLICAS; i++) {
            fleet.member(i).store().ahead(ahead);
        }
    }

    /** What the store does, with what the worst window may then see beyond the limit where each decision is one message. */
    @SuppressWarnings("ImmutableEnumChecker")
    enum Bad {
        IS_WELL(every(1_000, (fleet, round) -> {}), 0), //
        IS_EMPTIED(every(30_000, says("FLUSHALL")), 0), //
        IS_EMPTIED_EVERY_FIVE_SECONDS(every(5_000, says("FLUSHALL")), A_LITTLE), //
        IS_EMPTIED_ALL_THE_TIME(every(100, says("FLUSHALL")), LIMIT * 15 / 100), //
        EVICTS_THE_LIMIT(every(30_000, says("DEL", KEY)), 0), //
        EVICTS_THE_LIMIT_EVERY_SECOND(every(1_000, says("DEL", KEY)), A_LITTLE), //
        EVICTS_THE_LIMIT_ALL_THE_TIME(every(10, says("DEL", KEY)), A_LITTLE), //
        EVICTS_WHO_LIVES(every(1_000, says("DEL", "test:{state}:replicas")), 0), //
        EVICTS_SINCE_WHEN_IT_REMEMBERS(every(1_000, says("DEL", "test:{state}:epoch")), 0), //
        HOLDS_ANOTHER_TYPE(every(1_000, says("SET", KEY, "garbage")), A_LITTLE), //
        HOLDS_NO_NUMBERS(every(1_000, says("HSET", KEY, "l", "x", "t", "y")), A_LITTLE), //
        HOLDS_NUMBERS_THAT_CANNOT_BE_COMPARED(every(1_000, says("HSET", KEY, "l", "nan", "t", "nan")), A_LITTLE), //
        COMES_AND_GOES(every(500, (fleet, round) -> allAway(fleet, round % 2 == 0)), A_LITTLE), //
        COMES_FOR_MOMENTS(every(100, (fleet, round) -> allAway(fleet, round % 10 != 0)), A_LITTLE), //
        IS_AWAY_FROM_ONE(every(30_000, (fleet, round) -> fleet.member(0).store().away(true)), LIMIT / 6), //
        HAS_A_CLOCK_THAT_JUMPS_AHEAD_AND_BACK(
                every(15_000, (fleet, round) -> allAhead(fleet, Duration.ofHours(round % 2 == 0 ? 1 : 0))), LIMIT), //
        HAS_A_CLOCK_THAT_JUMPS_BACK_AND_AHEAD(
                every(30_000, (fleet, round) -> allAhead(fleet, Duration.ofHours(-1))), LIMIT);

        private final Mischief mischief;
        private final long beyond;

        Bad(Mischief mischief, long beyond) {
            this.mischief = mischief;
            this.beyond = beyond;
        }
    }

    static Stream<Arguments> stores() {
        return Stream.of(Bad.values()).flatMap(bad -> Stream.of(true, false).map(exact -> Arguments.of(bad, exact)));
    }

    @ParameterizedTest
    @MethodSource("stores")
    void isNeverWorseThanNone(Bad bad, boolean exact) {
        Random random = new Random(7);
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<QuotaBucket> buckets = fleet.buckets(rpm(LIMIT), exact);
            Window window = new Window(LIMIT);
            long during = 0;
            long after = 0;
            for (int call = 0; call < 90 * PER_SECOND; call++) {
                fleet.advance(SECOND / PER_SECOND);
                long second = call / PER_SECOND;
                if (second >= 30 && second < 60) {
                    bad.mischief.at(fleet, call);
                } else if (call == 60 * PER_SECOND) {
                    allAway(fleet, false);
                    allAhead(fleet, Duration.ZERO);
                }
                if (Fleet.take(buckets.get(random.nextInt(REPLICAS)), 1).taken()) {
                    window.admitted(fleet.time().nanos());
                    during += second >= 31 && second < 60 ? 1 : 0;
                    after += second >= 61 ? 1 : 0;
                }
            }
            double inTheTime = LIMIT / 60.0 * 29;
            assertThat((double) during).as("what a dead store admits").isGreaterThan(0.95 * inTheTime);
            assertThat((double) after).as("and then it goes on").isGreaterThan(0.65 * inTheTime);
            assertThat(window.overshoot()).isLessThanOrEqualTo(bad.beyond + (exact ? 0 : LIMIT / 10));
        }
    }

    /** The one that asks first after a loss makes the bucket anew; the others learn of it from when it was made. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void replicaThatIsNeverTheFirstToAskLearnsOfLossesToo(boolean exact) {
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<QuotaBucket> buckets = fleet.buckets(rpm(LIMIT), exact);
            assertThat(takeAll(buckets.getFirst())).isEqualTo(LIMIT);
            long last = 0;
            for (int second = 0; second < 4; second++) {
                fleet.advance(SECOND);
                fleet.member(0).store().tamper("DEL", KEY);
                takeAll(buckets.getFirst());
                last = takeAll(buckets.getLast());
            }
            assertThat(last).as("its share of a second, although the store has nothing left").isBetween(2L, 4L);
        }
    }

    /** One replica has used a limit, and the store is emptied; another one has never heard of it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void emptiedStoreBeginsNoSecondLimitWhereverItIsAskedFirst(boolean exact) {
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<QuotaBucket> buckets = fleet.buckets(rpm(60), exact);
            assertThat(takeAll(buckets.getFirst())).isEqualTo(60);
            for (int round = 1; round <= 6; round++) {
                fleet.member(0).store().forget();
                assertThat(takeAll(buckets.get(round % REPLICAS))).isZero();
            }
            long refilled = 0;
            for (int second = 0; second < 4; second++) {
                fleet.advance(SECOND);
                refilled += takeAll(buckets.get(1));
            }
            assertThat(refilled).isBetween(2L, 4L);
        }
    }

    private static long takeAll(QuotaBucket bucket) {
        long taken = 0;
        while (Fleet.take(bucket, 1).taken()) {
            taken++;
        }
        return taken;
    }

    /** What has expired, since nobody asked for it, is not lost. */
    @Test
    void limitThatNobodyUsedForLongIsWhole() {
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<QuotaBucket> buckets = fleet.buckets(rpm(60), true);
            assertThat(takeAll(buckets.getFirst())).isEqualTo(60);
            fleet.advance(SECOND * 180);
            fleet.member(0).store().tamper("DEL", KEY);
            assertThat(takeAll(buckets.getFirst())).isEqualTo(60);
        }
    }

    /** Until all replicas have the new file, the larger limit holds over all of them. */
    @ParameterizedTest
    @CsvSource({"true, 120, 600", "false, 120, 600", "true, 600, 120", "false, 600, 120"})
    void replicasWithDifferentFilesKeepToTheLargerLimitAndThenToTheNewOne(boolean exact, long before, long afterwards) {
        Random random = new Random(3);
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<QuotaBucket> buckets = fleet.buckets(rpm(before), exact);
            Window whole = new Window(Math.max(before, afterwards));
            Window last = new Window(afterwards);
            long late = 0;
            for (int call = 0; call < 180 * PER_SECOND; call++) {
                fleet.advance(SECOND / PER_SECOND);
                if (call % (30 * PER_SECOND) == 0 && call > 0 && call / (30 * PER_SECOND) <= REPLICAS) {
                    buckets.get(call / (30 * PER_SECOND) - 1).change(rpm(afterwards));
                }
                if (Fleet.take(buckets.get(random.nextInt(REPLICAS)), 1).taken()) {
                    whole.admitted(fleet.time().nanos());
                    if (call > 120 * PER_SECOND) {
                        last.admitted(fleet.time().nanos());
                        late++;
                    }
                }
            }
            assertThat(whole.overshoot()).isLessThanOrEqualTo(exact ? 0 : Math.max(before, afterwards) / 10);
            assertThat(last.overshoot()).isLessThanOrEqualTo(exact ? 0 : afterwards / 10);
            assertThat((double) late).isGreaterThan(0.9 * afterwards);
        }
    }

    /** What it held in a slice is all that it has on the others when it goes on. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void replicaThatWasStoppedForHalfAMinuteGoesOnAsIfItHadNot(boolean exact) {
        Random random = new Random(5);
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<QuotaBucket> buckets = fleet.buckets(rpm(LIMIT), exact);
            Window window = new Window(LIMIT);
            long during = 0;
            for (int call = 0; call < 90 * PER_SECOND; call++) {
                fleet.advance(SECOND / PER_SECOND);
                boolean stopped = call >= 30 * PER_SECOND && call < 60 * PER_SECOND;
                fleet.stopped(0, stopped);
                int index = stopped ? 1 + random.nextInt(REPLICAS - 1) : random.nextInt(REPLICAS);
                if (Fleet.take(buckets.get(index), 1).taken()) {
                    window.admitted(fleet.time().nanos());
                    during += stopped ? 1 : 0;
                }
            }
            assertThat((double) during).isGreaterThan(0.95 * LIMIT / 2);
            assertThat(window.overshoot()).isLessThanOrEqualTo(exact ? 0 : LIMIT / 10);
        }
    }

    /** However long a jump, what was to end in seconds ends in seconds. */
    @ParameterizedTest
    @ValueSource(longs = {1, -1})
    void clockThatJumpsKeepsNobodyOut(long hours) {
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<Map<String, Duration>> told = new ArrayList<>();
            Notices notices = new Notices(fleet.member(0).store(), fleet.member(0).replica(), fleet.time().time());
            new Notices(fleet.member(1).store(), fleet.member(1).replica(), fleet.time().time()).read(told::add);
            allAhead(fleet, Duration.ofHours(hours));
            fleet.advance(SECOND);
            SharedSlots dead = slots(fleet, 0);
            assertThat(dead.take().result()).isTrue();
            notices.tell("cooldown/main", Duration.ofSeconds(10));
            allAhead(fleet, Duration.ZERO);
            fleet.renew(0);
            fleet.renew(2);
            fleet.advance(SECOND);
            assertThat(told.getLast())
                    .allSatisfy((name, holds) -> assertThat(holds).isLessThanOrEqualTo(Duration.ofSeconds(10)));
            for (int quarter = 0; quarter < 24; quarter++) {
                fleet.advance(SECOND / 4);
                slots(fleet, 1).take();
            }
            assertThat(slots(fleet, 1).take().result()).as("the place of the dead one").isTrue();
            assertThat(fleet.member(1).replica().replicas()).as("the dead are not counted").isEqualTo(REPLICAS);
        }
    }

    private static SharedSlots slots(Fleet fleet, int index) {
        return new SharedSlots(fleet.member(index).environment(), "bot", 1, fleet.member(index).sweep());
    }

    @Test
    void whatCouldNotBeToldHoldsHereAndIsToldWhenTheStoreIsBack() {
        try (Fleet fleet = new Fleet(redis.port(), REPLICAS, StoreLoss.SHARE)) {
            List<Map<String, Duration>> here = new ArrayList<>();
            List<Map<String, Duration>> there = new ArrayList<>();
            Notices cutOff = new Notices(fleet.member(0).store(), fleet.member(0).replica(), fleet.time().time());
            Notices other = new Notices(fleet.member(1).store(), fleet.member(1).replica(), fleet.time().time());
            cutOff.read(here::add);
            other.read(there::add);
            other.tellForEver(List.of("revoked/b"), "restored/b");
            fleet.advance(SECOND);

            fleet.member(0).store().away(true);
            assertThat(cutOff.tellForEver(List.of("revoked/a"), "restored/a").failed()).isTrue();
            assertThat(cutOff.tellForEver(List.of("restored/b"), "revoked/b").failed()).isTrue();
            assertThat(cutOff.tell("cooldown/short", Duration.ofMillis(500)).failed()).isTrue();
            other.tell("cooldown/main", Duration.ofMinutes(1));
            fleet.advance(SECOND);
            assertThat(there.getLast()).containsOnlyKeys("revoked/b", "cooldown/main");

            fleet.member(0).store().away(false);
            fleet.advance(SECOND);
            assertThat(here.getLast()).as("what others told does not undo it")
                    .containsOnlyKeys("revoked/a", "restored/b", "cooldown/main");
            fleet.advance(SECOND);
            assertThat(there.getLast()).containsOnlyKeys("revoked/a", "restored/b", "cooldown/main");
        }
    }
}
