package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.quota.Limit.Kind;
import sluice.quota.Verdict.Granted;
import sluice.testing.ManualTime;

/**
 * A tenant's tokens per minute under more calls than they allow, in virtual time: what is gained by reserving what answers
 * usually need, and what is overdrawn when they suddenly need more.
 */
class LearnedReservationTest {
    private static final Logger LOG = LoggerFactory.getLogger(LearnedReservationTest.class);
    private static final long TPM = 200_000;
    private static final long INPUT = 100;
    private static final long LONGEST = 4096;
    /** So fast does an answer come, in tokens a second. */
    private static final double SLOW = 15;
    private static final double FAST = 100;
    private static final Duration STEP = Duration.ofMillis(50);
    /** Log-normal with a median of 200 and a 99th percentile of 1500. */
    private static final double SPREAD = Math.log(1500.0 / 200) / 2.3263;

    private record Running(long endsAt, long output, Reservation reservation, AnswerLengths.Expected expected) {}

    /** What came of a run: calls let in, and the most that the bucket was overdrawn, in tokens. */
    private record Result(int admitted, long overdrawn) {}

    private final Random random = new Random(1);

    private long usual() {
        return Math.clamp(Math.round(200 * Math.exp(SPREAD * random.nextGaussian())), 1, LONGEST);
    }

    /** A tenant, and the clock that it goes by. */
    private final class Tenant {
        private final ManualTime time = new ManualTime();
        private final AnswerLengths lengths = new AnswerLengths(ratio -> {});
        private final LocalBucket bucket = LocalBucket.of(new Limit(Kind.TPM, TPM), time.time());
        private final TenantQuota quota = new TenantQuota(
                new Limits(List.of(new Limit(Kind.TPM, TPM)), OptionalInt.empty(), Map.of()), false,
                (name, limit) -> bucket, (limit, granted) -> {}, new Outstanding());
        private final PriorityQueue<Running> running = new PriorityQueue<>(Comparator.comparingLong(Running::endsAt));
        private final double pace;
        private long now;

        Tenant(double pace) {
            this.pace = pace;
        }

        void knows(int answers) {
            for (int i = 0; i < answers; i++) {
                lengths.expected("t", "m", INPUT, LONGEST).was(INPUT, usual());
            }
        }

        /** Lets in as many calls as there is room for, all the time. */
        Result run(Duration length, boolean learned, LongSupplier answer) {
            int admitted = 0;
            long overdrawn = 0;
            for (long end = now + length.toNanos(); now < end; now += STEP.toNanos()) {
                while (!running.isEmpty() && running.peek().endsAt() <= now) {
                    Running over = running.remove();
                    over.reservation().close(new Ending.Used(INPUT + over.output()));
                    over.expected().was(INPUT, over.output());
                    overdrawn = Math.max(overdrawn, debt());
                }
                while (true) {
                    AnswerLengths.Expected expected = lengths.expected("t", "m", INPUT, LONGEST);
                    long due = learned ? expected.tokens() : INPUT + LONGEST;
                    if (!(quota.takeTokens("m", "", due, INPUT + LONGEST).result() instanceof Granted(var taken))) {
                        break;
                    }
                    long output = answer.getAsLong();
                    running.add(new Running(now + Math.round(output / pace * 1e9), output, taken, expected));
                    admitted++;
                }
                time.advance(STEP);
            }
            return new Result(admitted, overdrawn);
        }

        /** How many tokens the bucket is below zero. */
        private long debt() {
            return Math.max(0, Math.round(bucket.waitNanos(1) * (TPM / 60e9)) - 1);
        }
    }

    @Test
    void threeTimesAsManyCallsAreLetInAtOnceAndTheLimitHolds() {
        Tenant before = new Tenant(SLOW);
        Tenant tenant = new Tenant(SLOW);
        tenant.knows(200);
        Result atOnceBefore = before.run(STEP, false, this::usual);
        Result atOnce = tenant.run(STEP, true, this::usual);
        Result later = tenant.run(Duration.ofMinutes(10), true, this::usual);
        LOG.info("at once: {} calls, and {} as learned; in ten minutes more: {}, and {}", atOnceBefore.admitted(),
                atOnce.admitted(), before.run(Duration.ofMinutes(10), false, this::usual), later);
        assertThat(atOnce.admitted()).isGreaterThanOrEqualTo(3 * atOnceBefore.admitted());
        assertThat(later.overdrawn()).isLessThanOrEqualTo(TPM / 50);
    }

    /** All that were let in on the old reckoning may come at their longest; when that is learned, the limit holds again. */
    @Test
    void answersThatAreSuddenlyLongOverdrawOnce() {
        Tenant tenant = new Tenant(FAST);
        tenant.knows(200);
        tenant.run(Duration.ofMinutes(2), true, this::usual);
        Result minute = tenant.run(Duration.ofMinutes(1), true, () -> LONGEST);
        Result rest = tenant.run(Duration.ofMinutes(30), true, () -> LONGEST);
        Result after = tenant.run(Duration.ofMinutes(10), true, () -> LONGEST);
        LOG.info("answers of {} at once, limit {}: the first minute {}, then {}, then {}", LONGEST, TPM, minute, rest,
                after);
        assertThat(minute.overdrawn()).isPositive();
        assertThat(after.overdrawn()).isZero();
        assertThat(after.admitted()).isPositive();
    }
}
