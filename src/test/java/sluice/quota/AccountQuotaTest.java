package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.openai.ModelGlob;
import sluice.quota.Limit.Kind;
import sluice.testing.ManualTime;

class AccountQuotaTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final ManualTime time = new ManualTime();

    private AccountQuota quota(boolean strict, long burst, Limit... limits) {
        return new AccountQuota(new AccountLimits(List.of(limits), Map.of(), strict, burst),
                (name, limit, of) -> LocalBucket.of(name, limit, of, -1, time.time()));
    }

    private static Limit rpm(long amount) {
        return new Limit(Kind.RPM, amount);
    }

    private static Limit rpd(long amount) {
        return new Limit(Kind.RPD, amount);
    }

    /** Takes one request if there is one; else how long to wait. */
    private static long takeRequest(AccountQuota quota) {
        long wait = quota.check("m", 0, Set.of()).waitNanos();
        if (wait == 0) {
            quota.take("m", 0);
        }
        return wait;
    }

    private static int takeAll(AccountQuota quota) {
        int taken = 0;
        while (takeRequest(quota) == 0) {
            taken++;
        }
        return taken;
    }

    /** What happens to a strict account: a pause, and then calls. */
    record Step(long gapNanos, Act act) {}

    enum Act {
        ONE, ALL, AS_SOON_AS_TOLD, RESTART
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Long> gap = Arbitraries.oneOf(
                Arbitraries.of(0L, 1L, 999_999_999L, 1_000_000_000L, MINUTE, MINUTE - 1, 61_000_000_000L),
                Arbitraries.longs().between(0, 5_000_000_000L), Arbitraries.longs().between(0, 70_000_000_000L));
        Arbitrary<Act> act = Arbitraries.of(Act.ONE, Act.ALL, Act.ALL, Act.AS_SOON_AS_TOLD, Act.RESTART);
        return Combinators.combine(gap, act).as(Step::new).list().ofMaxSize(150);
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void strictAccountNeverSeesMoreThanItsRpmInAnyMinute(@ForAll("steps") List<Step> steps,
            @ForAll @IntRange(min = 1, max = 120) int rpm, @ForAll @DoubleRange(min = 0, max = 1) double share) {
        long burst = Math.max(1, Math.round(share * AccountLimits.largestBurst(rpm, true)));
        AccountQuota quota = quota(true, burst, rpm(rpm));
        List<Long> sent = new ArrayList<>();
        for (Step step : steps) {
            time.advanceNanos(step.gapNanos());
            switch (step.act()) {
                case ONE -> take(quota, 1, sent);
                case ALL -> take(quota, Integer.MAX_VALUE, sent);
                case AS_SOON_AS_TOLD -> {
                    for (int i = 0; i < rpm; i++) {
                        time.advanceNanos(takeRequest(quota) == 0 ? record(sent) : takeRequest(quota));
                    }
                }
                case RESTART -> quota = quota(true, burst, rpm(rpm));
            }
        }
        assertNoMinuteSeesMore(sent, rpm);
    }

    private long record(List<Long> sent) {
        sent.add(time.nanos());
        return 0;
    }

    private void take(AccountQuota quota, int most, List<Long> sent) {
        for (int i = 0; i < most && takeRequest(quota) == 0; i++) {
            sent.add(time.nanos());
        }
    }

    private static void assertNoMinuteSeesMore(List<Long> sent, int rpm) {
        for (int last = rpm; last < sent.size(); last++) {
            assertThat(sent.get(last) - sent.get(last - rpm)).as("%s requests and one more", rpm)
                    .isGreaterThanOrEqualTo(MINUTE);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 1", "100, 5", "100, 50", "1000, 50", "500, 250"})
    void strictAccountStillGivesMostOfItsQuota(int rpm, long burst) {
        AccountQuota quota = quota(true, burst, rpm(rpm));
        int sent = 0;
        for (int i = 0; i < 10 * 61 * 100; i++) {
            time.advanceNanos(10_000_000);
            sent += takeAll(quota);
        }
        assertThat(sent).isGreaterThanOrEqualTo((int) (10 * (rpm - burst + 1)) - 1)
                .isLessThanOrEqualTo(10 * rpm + rpm / 6);
    }

    @Test
    void takesFromEveryLimitOrFromNone() {
        AccountQuota quota = quota(false, 10, rpm(10), rpd(4));
        assertThat(takeAll(quota)).isEqualTo(4);
        assertThat(quota.remainingRatios().get("rpm")).isNotNull()
                .satisfies(ratio -> assertThat(ratio.getAsDouble()).isEqualTo(0.6));
        assertThat(takeRequest(quota)).isBetween(Duration.ofHours(6).toNanos(), Duration.ofHours(6).toNanos() + 2);
        quota.giveBack("m", 0, 0);
        assertThat(takeAll(quota)).isEqualTo(1);
    }

    @Test
    void waitOfARefusalIsEnough() {
        AccountQuota quota = quota(false, 2, rpm(7), rpd(1000));
        takeAll(quota);
        for (int i = 0; i < 50; i++) {
            long wait = takeRequest(quota);
            assertThat(wait).isPositive();
            time.advanceNanos(wait);
            assertThat(takeRequest(quota)).isZero();
        }
    }

    @Test
    void withoutLimitsEverythingIsTaken() {
        AccountQuota quota = quota(false, 1);
        for (int i = 0; i < 1000; i++) {
            assertThat(takeRequest(quota)).isZero();
        }
        quota.giveBack("m", 0, 0);
    }

    @Test
    void permitsThatAreHandedOnCannotPileUp() {
        AccountQuota quota = quota(true, 5, rpm(100));
        time.advance(Duration.ofMinutes(1));
        int held = takeAll(quota);
        assertThat(held).isEqualTo(5);
        time.advance(Duration.ofSeconds(1));
        for (int i = held; i > 0; i--) {
            quota.giveBack("m", 0, i - 1);
        }
        assertThat(takeAll(quota)).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({"100, true, 5, 50", "1000, true, 50, 500", "1, true, 1, 1", "19, true, 1, 9", "100, false, 100, 100"})
    void burstFollowsFromTheRpm(long rpm, boolean strict, long usual, long largest) {
        assertThat(AccountLimits.defaultBurst(rpm, strict)).isEqualTo(usual);
        assertThat(AccountLimits.largestBurst(rpm, strict)).isEqualTo(largest);
    }

    @Test
    void limitsOfNothingAreRefused() {
        assertThatThrownBy(() -> rpm(0)).hasMessageContaining("amount: 0");
        assertThatThrownBy(() -> quota(true, 0, rpm(1))).hasMessageContaining("burst: 0");
    }

    /** For an account, and for its models gpt-*. */
    @ParameterizedTest
    @CsvSource({"RPM, RPM, m, 1", "RPM, RPD, m, 1", "RPM, RPD, gpt-4o, 1440", "RPD, RPM, m, 1440",
            "RPD, RPM, gpt-4o, 1440"})
    void longestWindowIsThatOfTheModelsLimits(Kind own, Kind family, String model, long minutes) {
        AccountQuota quota = new AccountQuota(new AccountLimits(List.of(new Limit(own, 10)),
                Map.of(new ModelGlob("gpt-*"), List.of(new Limit(family, 10))), false, 10),
                (name, limit, of) -> LocalBucket.of(name, limit, of, -1, time.time()));
        assertThat(quota.longestWindow(model)).isEqualTo(Duration.ofMinutes(minutes));
        assertThat(quota.longestWindow("gpt-" + "x".repeat(1000))).isEqualTo(quota.longestWindow("gpt-4o"));
    }
}
