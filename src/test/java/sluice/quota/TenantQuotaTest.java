package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import sluice.openai.ModelGlob;
import sluice.quota.Limit.Kind;
import sluice.quota.Limit.Unit;
import sluice.quota.Verdict.Granted;
import sluice.quota.Verdict.Refused;
import sluice.testing.ManualTime;

class TenantQuotaTest {
    private static final Limit TEN = new Limit(Kind.RPM, 10);
    private static final Limit THREE_A_DAY = new Limit(Kind.RPD, 3);

    private final ManualTime time = new ManualTime();
    private final Outstanding outstanding = new Outstanding();
    private final List<String> decisions = new ArrayList<>();
    private final Map<Limit, LocalBucket> buckets = new LinkedHashMap<>();

    private TenantQuota quota(boolean shadow, Limits limits) {
        return new TenantQuota(limits, shadow, (name, limit) -> {
            LocalBucket bucket = LocalBucket.of(limit, time.time());
            buckets.put(limit, bucket);
            return bucket;
        }, (limit, granted) -> decisions.add(limit + (granted ? " granted" : " refused")), outstanding);
    }

    private TenantQuota quota(Limit... limits) {
        return quota(false, new Limits(List.of(limits), OptionalInt.empty(), Map.of()));
    }

    private static Reservation granted(Future<Verdict> verdict) {
        assertThat(verdict.result()).isInstanceOf(Granted.class);
        return ((Granted) verdict.result()).reservation();
    }

    private static Refused refused(Future<Verdict> verdict) {
        assertThat(verdict.result()).isInstanceOf(Refused.class);
        return (Refused) verdict.result();
    }

    private long left(Limit limit) {
        LocalBucket bucket = buckets.get(limit);
        return bucket == null ? -1 : bucket.level().remaining();
    }

    @Test
    void withoutLimitsEverythingIsGranted() {
        TenantQuota quota = quota(false, Limits.NONE);
        granted(quota.takeRequest()).close(Ending.AS_RESERVED);
        granted(quota.takeTokens("m", 0)).close(Ending.AS_RESERVED);
        assertThat(quota.level(Unit.REQUESTS)).isEmpty();
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void whenTheSecondLimitRefusesTheFirstKeepsEverything() {
        TenantQuota quota = quota(TEN, THREE_A_DAY);
        for (int i = 0; i < 3; i++) {
            granted(quota.takeRequest());
        }
        assertThat(left(TEN)).isEqualTo(7);
        Refused refused = refused(quota.takeRequest());
        assertThat(refused.limit()).isEqualTo(THREE_A_DAY);
        assertThat(refused.subject()).isEmpty();
        assertThat(refused.waitNanos()).isBetween(Duration.ofHours(8).toNanos(), Duration.ofHours(8).toNanos() + 2);
        assertThat(left(TEN)).isEqualTo(7);
        assertThat(left(THREE_A_DAY)).isZero();
        assertThat(outstanding.count()).isEqualTo(3);
        assertThat(decisions).endsWith("rpm granted", "rpd refused").hasSize(8);
    }

    @Test
    void endingDecidesWhatGoesBack() {
        TenantQuota quota = quota(TEN);
        granted(quota.takeRequest()).close(Ending.NOT_SENT);
        assertThat(left(TEN)).isEqualTo(10);
        granted(quota.takeRequest()).close(Ending.NOT_RUN);
        assertThat(left(TEN)).isEqualTo(9);
        granted(quota.takeRequest()).close(Ending.AS_RESERVED);
        assertThat(left(TEN)).isEqualTo(8);
    }

    @Test
    void onlyTheFirstCloseCounts() {
        TenantQuota quota = quota(TEN);
        granted(quota.takeRequest());
        Reservation reservation = granted(quota.takeRequest());
        reservation.close(Ending.AS_RESERVED);
        reservation.close(Ending.NOT_SENT);
        reservation.close(Ending.NOT_SENT);
        assertThat(left(TEN)).isEqualTo(8);
        assertThat(outstanding.count()).isEqualTo(1);
    }

    @Test
    void givingBackLateNeverLiftsABucketOverItsCapacity() {
        TenantQuota quota = quota(TEN);
        List<Reservation> open = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            open.add(granted(quota.takeRequest()));
        }
        time.advance(Duration.ofMinutes(5));
        open.forEach(reservation -> reservation.close(Ending.NOT_SENT));
        assertThat(left(TEN)).isEqualTo(10);
    }

    @Test
    void tokensGoBackWhoeverIsAtFaultUnlessTheyWereUsed() {
        LocalBucket requests = LocalBucket.of(TEN, time.time());
        LocalBucket tokens = LocalBucket.of(new Limit(Kind.RPM, 100), time.time());
        for (Ending ending : List.of(Ending.NOT_SENT, Ending.NOT_RUN, Ending.AS_RESERVED)) {
            assertThat(requests.takeNow(1).taken() && tokens.takeNow(30).taken()).isTrue();
            Reservation reservation = new Reservation(outstanding);
            reservation.add(requests, Unit.REQUESTS, 1);
            reservation.add(tokens, Unit.TOKENS, 30);
            reservation.close(ending);
            assertThat(requests.level().remaining()).as("requests, %s", ending)
                    .isEqualTo(ending.equals(Ending.NOT_SENT) ? 10 : ending.equals(Ending.NOT_RUN) ? 9 : 8);
            assertThat(tokens.level().remaining()).as("tokens, %s", ending)
                    .isEqualTo(ending.equals(Ending.AS_RESERVED) ? 70 : 100);
        }
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void shadowCountsButNeverRefuses() {
        TenantQuota quota = quota(true, new Limits(List.of(THREE_A_DAY, TEN), OptionalInt.empty(), Map.of()));
        List<Reservation> open = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            open.add(granted(quota.takeRequest()));
        }
        assertThat(decisions.stream().filter("rpd refused"::equals)).hasSize(9);
        assertThat(decisions.stream().filter("rpm refused"::equals)).hasSize(2);
        open.forEach(reservation -> reservation.close(Ending.NOT_SENT));
        assertThat(left(THREE_A_DAY)).isEqualTo(3);
        assertThat(left(TEN)).isEqualTo(10);
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void everyMatchingModelLimitApplies() {
        Limit two = new Limit(Kind.RPM, 2);
        Limit five = new Limit(Kind.RPM, 5);
        Map<ModelGlob, List<Limit>> byModel = new LinkedHashMap<>();
        byModel.put(new ModelGlob("gpt-*"), List.of(five));
        byModel.put(new ModelGlob("gpt-4o*"), List.of(two));
        TenantQuota quota = quota(false, new Limits(List.of(TEN), OptionalInt.empty(), byModel));
        granted(quota.takeTokens("gpt-4o", 0));
        granted(quota.takeTokens("gpt-4o-mini", 0));
        Refused refused = refused(quota.takeTokens("gpt-4o", 0));
        assertThat(refused.limit()).isEqualTo(two);
        assertThat(refused.subject()).isEqualTo("gpt-4o*");
        assertThat(left(five)).isEqualTo(3);
        granted(quota.takeTokens("gpt-3", 0));
        granted(quota.takeTokens("o1", 0));
        assertThat(left(five)).isEqualTo(2);
        assertThat(left(TEN)).isEqualTo(10);
        assertThat(decisions).containsExactly("rpm gpt-* granted", "rpm gpt-4o* granted", "rpm gpt-* granted",
                "rpm gpt-4o* granted", "rpm gpt-* granted", "rpm gpt-4o* refused", "rpm gpt-* granted");
    }

    @Test
    void levelIsThatOfTheTightestLimit() {
        TenantQuota quota = quota(new Limit(Kind.RPD, 100), TEN);
        granted(quota.takeRequest());
        assertThat(quota.level(Unit.REQUESTS)).contains(new QuotaBucket.Level(10, 9, Duration.ofSeconds(6).toNanos()));
        assertThat(quota.level(Unit.TOKENS)).isEmpty();
        assertThat(quota.remainingRatios()).containsOnlyKeys("rpd", "rpm")
                .hasEntrySatisfying("rpm", ratio -> assertThat(ratio.getAsDouble()).isEqualTo(0.9));
    }

    /** A bucket that is asked over the network. */
    private static final class Remote implements QuotaBucket {
        private final List<Promise<Probe>> asked = new ArrayList<>();
        private long givenBack;

        @Override
        public Future<Probe> take(long amount) {
            Promise<Probe> answer = Promise.promise();
            asked.add(answer);
            return answer.future();
        }

        @Override
        public void change(Limit limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void giveBack(long amount) {
            givenBack += amount;
        }

        @Override
        public void settle(long taken, long used) {
            givenBack += taken - used;
        }

        @Override
        public boolean exceeds(long amount) {
            return false;
        }

        @Override
        public Level level() {
            return new Level(1, 1, 0);
        }
    }

    @Test
    void bucketsThatAnswerLateAreAllOrNothingToo() {
        List<Remote> remotes = new ArrayList<>();
        TenantQuota quota = new TenantQuota(new Limits(List.of(TEN, THREE_A_DAY), OptionalInt.empty(), Map.of()), false,
                (name, limit) -> {
                    remotes.add(new Remote());
                    return remotes.getLast();
                }, (limit, granted) -> {}, outstanding);
        Future<Verdict> verdict = quota.takeRequest();
        assertThat(remotes.get(1).asked).isEmpty();
        remotes.get(0).asked.getFirst().complete(new QuotaBucket.Probe(true, 0));
        assertThat(verdict.isComplete()).isFalse();
        remotes.get(1).asked.getFirst().complete(new QuotaBucket.Probe(false, 5));
        assertThat(refused(verdict).waitNanos()).isEqualTo(5);
        assertThat(remotes.get(0).givenBack).isEqualTo(1);
        assertThat(remotes.get(1).givenBack).isZero();
        assertThat(outstanding.count()).isZero();

        Future<Verdict> lost = quota.takeRequest();
        remotes.get(0).asked.getLast().complete(new QuotaBucket.Probe(true, 0));
        remotes.get(1).asked.getLast().fail("connection lost");
        assertThat(lost.failed()).isTrue();
        assertThat(remotes.get(0).givenBack).isEqualTo(2);
        assertThat(outstanding.count()).isZero();
    }

    @Provide
    Arbitrary<List<Ending>> endings() {
        return Arbitraries.of(Ending.NOT_SENT, Ending.NOT_RUN, Ending.AS_RESERVED, new Ending.Used(3)).list()
                .ofMaxSize(60);
    }

    @Property
    void whatIsReservedIsClosedOnceOnEveryEnding(@ForAll("endings") List<Ending> endings, @ForAll boolean twice) {
        Map<ModelGlob, List<Limit>> byModel = Map.of(new ModelGlob("*"), List.of(new Limit(Kind.RPM, 7)));
        TenantQuota quota = quota(false, new Limits(List.of(TEN), OptionalInt.empty(), byModel));
        long spentOverall = 0;
        long spentOnModel = 0;
        long open = outstanding.count();
        for (Ending ending : endings) {
            if (quota.takeRequest().result() instanceof Granted(Reservation request)) {
                if (quota.takeTokens("m", 0).result() instanceof Granted(Reservation model)) {
                    assertThat(outstanding.count()).isEqualTo(open + 2);
                    model.close(ending);
                    request.close(ending);
                    spentOnModel += ending.equals(Ending.NOT_SENT) ? 0 : 1;
                    spentOverall += ending.equals(Ending.NOT_SENT) ? 0 : 1;
                    if (twice) {
                        model.close(Ending.NOT_SENT);
                        request.close(Ending.NOT_SENT);
                    }
                } else {
                    request.close(Ending.NOT_SENT);
                }
            }
            assertThat(outstanding.count()).isEqualTo(open);
        }
        assertThat(left(TEN)).isEqualTo(10 - spentOverall);
        assertThat(left(new Limit(Kind.RPM, 7))).isEqualTo(7 - spentOnModel);
    }
}
