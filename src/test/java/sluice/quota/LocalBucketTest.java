package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.quota.Limit.Kind;
import sluice.testing.ManualTime;

class LocalBucketTest {
    private final ManualTime time = new ManualTime();

    private LocalBucket of(Kind kind, long amount) {
        return LocalBucket.of(new Limit(kind, amount), time.time());
    }

    private static boolean takes(QuotaBucket bucket, long amount) {
        return bucket.take(amount).result().taken();
    }

    private static long takeAll(LocalBucket bucket) {
        long taken = 0;
        while (bucket.takeNow(1).taken()) {
            taken++;
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "7", "100", "999", "1000"})
    void limitIsFullAtFirstAndRefilledContinuously(long rpm) {
        LocalBucket bucket = of(Kind.RPM, rpm);
        assertThat(takeAll(bucket)).isEqualTo(rpm);
        time.advance(Duration.ofSeconds(30));
        assertThat(takeAll(bucket)).isEqualTo(rpm / 2);
        time.advance(Duration.ofMinutes(10));
        assertThat(takeAll(bucket)).isEqualTo(rpm);
    }

    @Test
    void whatWasUsedBeyondTheLimitComesBackFirst() {
        LocalBucket bucket = of(Kind.TPM, 600);
        bucket.settle(0, 1_800);
        assertThat(bucket.level()).isEqualTo(
                new QuotaBucket.Level(600, 0, 1_200, Duration.ofMinutes(3).toNanos()));
        time.advance(Duration.ofMinutes(2));
        assertThat(bucket.level()).isEqualTo(new QuotaBucket.Level(600, 0, 0, Duration.ofMinutes(1).toNanos()));
    }

    @Test
    void userWhoOwesIsNotForgotten() {
        UserBuckets users = new UserBuckets((name, limit) -> LocalBucket.of(limit, time.time()), time.time());
        Limit limit = new Limit(Kind.TPM, 2_000);
        users.of("u", limit).settle(0, 60_000);
        time.advance(Duration.ofMinutes(25));
        assertThat(takes(users.of("u", limit), 1)).isFalse();
        time.advance(Duration.ofMinutes(5));
        assertThat(takes(users.of("u", limit), 1)).isTrue();
        time.advance(Duration.ofHours(1));
        assertThat(takes(users.of("u", limit), 2_000)).isTrue();
    }

    @Test
    void dayLimitIsRefilledOverADay() {
        LocalBucket bucket = of(Kind.RPD, 24);
        assertThat(takeAll(bucket)).isEqualTo(24);
        assertThat(bucket.takeNow(1).waitNanos()).isBetween(Duration.ofHours(1).toNanos(),
                Duration.ofHours(1).toNanos() + 2);
        time.advance(Duration.ofHours(5));
        assertThat(takeAll(bucket)).isEqualTo(5);
    }

    @Test
    void strictBucketIsEmptyAtFirstAndHoldsItsBurst() {
        LocalBucket bucket = LocalBucket.strict(100, 5, time.time());
        assertThat(takeAll(bucket)).isZero();
        time.advance(Duration.ofSeconds(61));
        assertThat(takeAll(bucket)).isEqualTo(5);
    }

    @Test
    void lenientBucketIsFullAtFirstAndHoldsItsBurst() {
        LocalBucket bucket = LocalBucket.lenient(new Limit(Kind.RPM, 100), 20, time.time());
        assertThat(takeAll(bucket)).isEqualTo(20);
        time.advance(Duration.ofSeconds(6));
        assertThat(takeAll(bucket)).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource({"100, 30, 50, 50", "100, 30, 500, 70", "100, 90, 50, 10", "100, 30, 100, 70"})
    void changedLimitKeepsWhatWasUsedAsFarAsThereIsRoom(long before, long used, long after, long left) {
        LocalBucket bucket = of(Kind.RPM, before);
        assertThat(takes(bucket, used)).isTrue();
        bucket.change(new Limit(Kind.RPM, after));
        assertThat(bucket.level().remaining()).isEqualTo(left);
        assertThat(bucket.level().limit()).isEqualTo(after);
        time.advance(Duration.ofMinutes(1));
        assertThat(takeAll(bucket)).isEqualTo(after);
    }

    @Test
    void debtOutlivesAChange() {
        LocalBucket bucket = of(Kind.TPM, 60);
        bucket.settle(0, 90);
        bucket.change(new Limit(Kind.TPM, 120));
        time.advance(Duration.ofSeconds(15));
        assertThat(takeAll(bucket)).isZero();
        time.advance(Duration.ofSeconds(1));
        assertThat(takeAll(bucket)).isEqualTo(2);
    }

    @Test
    void strictBucketChangesItsBurstAndStaysAsFull() {
        AccountLimits more = new AccountLimits(List.of(new Limit(Kind.RPM, 200)), Map.of(), true, 10);
        LocalBucket bucket = LocalBucket.strict(100, 5, time.time());
        time.advance(Duration.ofSeconds(61));
        bucket.change("rpm", new Limit(Kind.RPM, 200), more);
        assertThat(takeAll(bucket)).isEqualTo(5);
        time.advance(Duration.ofSeconds(61));
        assertThat(takeAll(bucket)).isEqualTo(10);
    }

    @Test
    void takesAllOfAnAmountOrNothing() {
        LocalBucket bucket = of(Kind.RPM, 60);
        assertThat(takes(bucket, 50)).isTrue();
        assertThat(takes(bucket, 11)).isFalse();
        assertThat(takes(bucket, 10)).isTrue();
        assertThat(bucket.take(2).result().waitNanos()).isBetween(Duration.ofSeconds(2).toNanos(),
                Duration.ofSeconds(2).toNanos() + 2);
    }

    @Test
    void nothingIsAlwaysTaken() {
        LocalBucket bucket = of(Kind.RPM, 1);
        assertThat(takes(bucket, 1)).isTrue();
        assertThat(takes(bucket, 0)).isTrue();
        bucket.giveBack(0);
        assertThat(takes(bucket, 1)).isFalse();
    }

    @Property
    void waitOfARefusalIsEnoughAndNotMore(@ForAll @LongRange(min = 1, max = 100_000) long amount,
            @ForAll @LongRange(min = 0, max = 200_000_000_000L) long gap, @ForAll boolean strict, @ForAll boolean day) {
        LocalBucket bucket = strict
                ? LocalBucket.strict(amount, AccountLimits.defaultBurst(amount, true), time.time())
                : of(day ? Kind.RPD : Kind.RPM, amount);
        time.advanceNanos(gap);
        bucket.takeNow(Math.max(1, bucket.level().remaining()));
        QuotaBucket.Probe refused = bucket.takeNow(1);
        assertThat(refused.taken()).isFalse();
        assertThat(refused.waitNanos()).isPositive();
        time.advanceNanos(refused.waitNanos() - 2);
        assertThat(bucket.takeNow(1).taken()).as("2 ns earlier").isFalse();
        time.advanceNanos(2);
        assertThat(bucket.takeNow(1).taken()).as("when told").isTrue();
    }

    @Property
    void givingBackNeverLiftsItOverItsCapacity(@ForAll @IntRange(min = 1, max = 50) int limit,
            @ForAll @IntRange(min = 0, max = 50) int taken, @ForAll @IntRange(min = 0, max = 100) int back) {
        LocalBucket bucket = of(Kind.RPM, limit);
        boolean took = bucket.take(taken).result().taken();
        bucket.giveBack(back);
        long expected = Math.min(limit, (took ? limit - taken : limit) + back);
        assertThat(bucket.level().remaining()).isEqualTo(expected);
        assertThat(takeAll(bucket)).isEqualTo(expected);
    }

    /** What the API itself has been seen to say. */
    @ParameterizedTest
    @CsvSource({"RPM, 200, 1, 199, 300", "RPM, 5000, 1, 4999, 12", "RPM, 30000, 1, 29999, 2", "RPM, 50, 1, 49, 1200",
            "RPD, 10000, 1, 9999, 8640", "RPM, 3, 3, 0, 60000", "RPM, 60, 0, 60, 0"})
    void levelSaysWhatIsLeftAndWhenItIsFull(Kind kind, long limit, long taken, long remaining, long resetMillis) {
        LocalBucket bucket = of(kind, limit);
        assertThat(takes(bucket, taken)).isTrue();
        assertThat(bucket.level()).isEqualTo(
                new QuotaBucket.Level(limit, remaining, Duration.ofMillis(resetMillis).toNanos()));
        time.advance(Duration.ofMillis(resetMillis));
        assertThat(bucket.level()).isEqualTo(new QuotaBucket.Level(limit, limit, 0));
    }
}
