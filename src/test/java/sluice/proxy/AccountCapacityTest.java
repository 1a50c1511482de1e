package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.quota.Limit.Kind;
import sluice.quota.Remembered;
import sluice.schedule.Need;
import sluice.schedule.Quote;
import sluice.schedule.Quote.Lacking;
import sluice.schedule.Quote.Scope;
import sluice.testing.ManualTime;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.KeyRing;

/** What an account says is the least of its own buckets, of what the upstream reports, and nothing while it is paused. */
class AccountCapacityTest {
    private static final Need SMALL = new Need("m", 10);
    private static final Need LARGE = new Need("m", 500);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final ApiKey one = new ApiKey("one");
    private final ApiKey two = new ApiKey("two");
    private final AccountCapacity account = new AccountCapacity("main",
            new AccountQuota(new AccountLimits(List.of(new Limit(Kind.RPM, 60), new Limit(Kind.TPM, 6000)), Map.of(),
                    false, 60), Remembered.NOTHING, time.time()),
            new AccountHealth("main",
                    new AccountHealth.BreakerSettings(0.5, 2, Duration.ofSeconds(10), Duration.ofSeconds(3))),
            new KeyRing(List.of(one, two), time.nanos()), time.time());

    private static MultiMap report(String unit, long limit, long remaining) {
        return MultiMap.caseInsensitiveMultiMap().set("x-ratelimit-limit-" + unit, Long.toString(limit))
                .set("x-ratelimit-remaining-" + unit, Long.toString(remaining))
                .set("x-ratelimit-reset-" + unit, (limit - remaining) * 60.0 / limit + "s");
    }

    private Quote quote(Need need, String... withheld) {
        return account.quote(need, Set.of(withheld));
    }

    private void answered(Need need, int status, MultiMap headers) {
        account.take(need);
        LearnedQuotas.Mark mark = account.mark(need);
        account.sent(need);
        account.answered(need, mark, status, headers);
    }

    @Test
    void fullAccountTakesACallAndSaysWhatItCosts() {
        assertThat(quote(LARGE)).satisfies(quote -> {
            assertThat(quote.now()).isTrue();
            assertThat(quote.lacking()).isNull();
            assertThat(quote.cost()).isEqualTo(500 / 6000.0);
            assertThat(quote.headroom()).isEqualTo(5500 / 6000.0);
        });
    }

    @Test
    void ownBucketsBound() {
        account.take(new Need("m", 5990));
        assertThat(quote(LARGE).lacking()).isEqualTo(new Lacking(Scope.TOKENS, "tpm"));
        assertThat(quote(SMALL).now()).isTrue();
        for (int i = 0; i < 59; i++) {
            account.take(new Need("other", 0));
        }
        assertThat(quote(new Need("m", 0)).lacking()).isEqualTo(new Lacking(Scope.ACCOUNT, "rpm"));
    }

    @Test
    void reportOfRequestsBoundsTheCallsOfItsModel() {
        answered(SMALL, 200, report("requests", 60, 0));
        assertThat(quote(SMALL).now()).isFalse();
        assertThat(quote(SMALL).lacking()).satisfies(lacking -> assertThat(lacking.scope()).isEqualTo(Scope.LIMIT));
        assertThat(quote(SMALL).headroom()).isZero();
        assertThat(quote(new Need("other", 10)).now()).isTrue();
        time.advance(SECOND.plusMillis(1));
        assertThat(quote(SMALL).now()).isTrue();
    }

    @Test
    void reportOfTokensBoundsLargeCallsBeforeSmallOnes() {
        answered(SMALL, 200, report("tokens", 6000, 100));
        assertThat(quote(SMALL).now()).isTrue();
        assertThat(quote(LARGE).waitNanos()).isBetween(SECOND.multipliedBy(4).toNanos(),
                SECOND.multipliedBy(4).toNanos() + 1000);
        assertThat(quote(LARGE).lacking()).satisfies(lacking -> assertThat(lacking.scope()).isEqualTo(Scope.TOKENS));
        assertThat(quote(new Need("m", 0)).now()).isTrue();
    }

    @Test
    void reportedTokensThatAreKeptForALargeCallAreNotTakenBySmallOnes() {
        answered(SMALL, 200, report("tokens", 6000, 100));
        Lacking lacking = quote(LARGE).lacking();
        assertThat(lacking).isNotNull();
        String kept = lacking == null ? "" : lacking.what();
        assertThat(quote(SMALL, kept).now()).isFalse();
        assertThat(quote(SMALL, kept).lacking()).isEqualTo(lacking);
        assertThat(quote(new Need("m", 0), kept).now()).as("it needs none").isTrue();
        assertThat(quote(new Need("other", 10), kept).now()).as("another model has its own").isTrue();
    }

    @Test
    void whatIsGivenBackOrForfeitedMayBeSentAfterAReport() {
        answered(SMALL, 200, report("requests", 60, 1));
        account.take(SMALL);
        assertThat(quote(SMALL).now()).isFalse();
        account.giveBack(SMALL);
        assertThat(quote(SMALL).now()).isTrue();
        account.take(SMALL);
        account.forfeit(SMALL);
        assertThat(quote(SMALL).now()).isTrue();
    }

    @Test
    void rateLimitPausesTheWholeAccount() {
        account.rateLimited(SECOND.toNanos());
        assertThat(quote(new Need("other", 0))).isEqualTo(new Quote(SECOND.toNanos(),
                new Lacking(Scope.ACCOUNT, "cooling"), 1 / 60.0, 0, 0));
        assertThat(account.pausedFor()).isEqualTo("cooling");
        assertThat(account.cooldownSeconds()).isEqualTo(1);
        time.advance(SECOND);
        assertThat(quote(SMALL).now()).isTrue();
        assertThat(account.pausedFor()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"200, false", "400, false", "404, false", "401, false", "403, false", "429, false", "500, true",
            "503, true", "529, true"})
    void onlyFaultsOfTheUpstreamTripTheBreaker(int status, boolean trips) {
        answered(SMALL, status, MultiMap.caseInsensitiveMultiMap());
        answered(SMALL, status, MultiMap.caseInsensitiveMultiMap());
        assertThat(account.pausedFor()).isEqualTo(trips ? "breaker" : null);
    }

    @Test
    void callsThatAreNotAnsweredTripItToo() {
        account.failed();
        account.failed();
        assertThat(quote(SMALL).lacking()).isEqualTo(new Lacking(Scope.ACCOUNT, "breaker"));
    }

    @Test
    void accountIsOutOfServiceWhenItsLastKeyIsRejected() {
        assertThat(account.rejected(one)).isTrue();
        assertThat(quote(SMALL).now()).isTrue();
        assertThat(account.key()).isEqualTo(two);
        assertThat(account.keysInService()).isEqualTo(1);
        assertThat(account.rejected(two)).isFalse();
        assertThat(account.keysInService()).isZero();
        assertThat(quote(SMALL).lacking()).isEqualTo(new Lacking(Scope.ACCOUNT, "keys_rejected"));
    }

    @Test
    void accountWithoutCreditIsOutOfService() {
        account.outOfCredit();
        assertThat(account.pausedFor()).isEqualTo("out_of_credit");
        assertThat(quote(SMALL).waitNanos()).isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void quoteCountsTheCallsUnderWay() {
        account.lines(1);
        account.lines(1);
        account.lines(-1);
        assertThat(quote(SMALL).inFlight()).isEqualTo(1);
    }
}
