package sluice.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.quota.Limit.Kind;
import sluice.quota.LocalBucket;
import sluice.schedule.Need;
import sluice.schedule.Quote;
import sluice.schedule.Quote.Lacking;
import sluice.schedule.Quote.Scope;
import sluice.testing.CapturedLog;
import sluice.testing.ManualTime;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.Fault;
import sluice.upstream.KeyRing;
import sluice.upstream.Unreachable;

/** What an account says is the least of its own buckets, of what the upstream reports, and nothing while it is paused. */
class LiveAccountTest {
    private static final Need SMALL = new Need("m", 10);
    private static final Need LARGE = new Need("m", 500);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final ApiKey one = new ApiKey("one");
    private final ApiKey two = new ApiKey("two");
    private final LiveAccount account = new LiveAccount("main",
            new AccountQuota(new AccountLimits(List.of(new Limit(Kind.RPM, 60), new Limit(Kind.TPM, 6000)), Map.of(),
                    false, 60), (name, limit, of) -> LocalBucket.of(name, limit, of, -1, time.time())),
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
        account.watch().answered(need, account.watch().key(), mark, status, headers);
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

    /** It would be the model of everybody who does not name one, or names it late. */
    @Test
    void callThatNamesNoModelPausesNone() {
        Need unnamed = new Need("bot", "", "", 0);
        account.watch().met(unnamed, new Fault.Quota(SECOND.toNanos()));
        account.watch().failed(unnamed);
        account.watch().failed(unnamed);
        assertThat(quote(unnamed).now()).isTrue();
        assertThat(account.watch().pausedModels()).isEmpty();
    }

    /** A key that is rejected says nothing of the model: the next call finds out, not one in half a minute. */
    @Test
    void trialWithoutAVerdictIsFollowedByAnother() {
        account.watch().met(SMALL, new Fault.Quota(SECOND.toNanos()));
        time.advance(SECOND);
        answered(SMALL, 401, MultiMap.caseInsensitiveMultiMap());
        assertThat(quote(SMALL).now()).as("it is under way").isFalse();
        account.watch().met(SMALL, new Fault.RejectedKey());
        assertThat(quote(SMALL).now()).isTrue();
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

    private List<String> shortages() {
        return account.watch().shortages().stream().map(Shortages.Shortage::text).toList();
    }

    /** Nothing fails and the account's own limits have room, so nothing else would say why calls wait. */
    @Test
    void quotaBelowTheConfiguredOneIsNamedUntilItLastsAgain() {
        answered(SMALL, 200, report("requests", 10, 1));
        assertThat(shortages()).as("a tenth is left").isEmpty();
        try (CapturedLog log = CapturedLog.open()) {
            answered(SMALL, 200, report("requests", 10, 0));
            time.advance(Duration.ofSeconds(50));
            answered(SMALL, 200, report("requests", 10, 9));
            answered(SMALL, 200, report("requests", 10, 0));
            String told = "account main: m has used up the 10 requests a minute that the upstream grants; the"
                    + " configuration allows 60";
            assertThat(shortages()).containsExactly(told);
            assertThat(log.lines()).containsExactly(told + "; its calls wait");
            time.advance(Duration.ofSeconds(61));
            assertThat(shortages()).as("no call for a minute").isEmpty();
            answered(SMALL, 200, report("requests", 10, 9));
            assertThat(log.lines()).last().isEqualTo("account main: m has requests again");
        }
    }

    @Test
    void quotaThatSomethingElseUsesUpIsNamed() {
        answered(SMALL, 200, report("tokens", 6000, 5000));
        time.advance(SECOND);
        answered(SMALL, 200, report("tokens", 6000, 100));
        assertThat(shortages()).containsExactly("account main: m has used up the 6000 tokens a minute that the upstream"
                + " grants, but mostly not through this gateway: something else uses the account");
    }

    @Test
    void quotaThatThisGatewayUsesUpIsNoTrouble() {
        for (int i = 0; i < 40; i++) {
            account.take(SMALL);
        }
        answered(SMALL, 200, report("requests", 60, 0));
        assertThat(shortages()).isEmpty();
    }

    /** As after a restart, or once the configuration has been put right: own buckets are full, the upstream's is not yet. */
    @Test
    void quotaThatWasUsedUpBeforeIsNoTrouble() {
        answered(SMALL, 200, report("requests", 60, 0));
        time.advance(SECOND);
        answered(SMALL, 200, report("requests", 60, 0));
        assertThat(shortages()).isEmpty();
    }

    @Test
    void quotaOfADayIsComparedWithThatOfADay() {
        answered(SMALL, 200, report("requests", 200, 0).set("x-ratelimit-reset-requests", "24h0m0s"));
        assertThat(shortages()).containsExactly("account main: m has used up the 200 requests a day that the upstream"
                + " grants; the configuration sets no rpd");
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
    void rateLimitPausesTheModelAtItsTierOnly() {
        Need flex = new Need("bot", "m", "flex", 0);
        account.watch().met(flex, new Fault.Quota(SECOND.toNanos()));
        assertThat(quote(flex)).isEqualTo(new Quote(SECOND.toNanos(), new Lacking(Scope.LIMIT, "cooling"), 1 / 60.0, 0,
                new Quote.Load(0, 0), new Quote.Pause(SECOND.toNanos(), false)));
        assertThat(quote(SMALL).now()).isTrue();
        assertThat(quote(new Need("other", 0)).now()).isTrue();
        assertThat(account.pausedFor()).isNull();
        assertThat(account.watch().pausedModels()).singleElement()
                .satisfies(paused -> assertThat(paused.served()).hasToString("m (flex)"));
        time.advance(SECOND);
        assertThat(quote(flex).now()).isTrue();
        account.take(flex);
        assertThat(quote(flex).now()).as("one call tries").isFalse();
        account.giveBack(flex);
        assertThat(quote(flex).now()).as("it was not sent").isTrue();
    }

    @Test
    void howeverManyModelsAreRateLimitedTheOthersAreServed() {
        for (int i = 0; i < 205; i++) {
            account.watch().met(new Need("m" + i, 0), new Fault.Quota(SECOND.toNanos()));
        }
        assertThat(quote(new Need("m204", 0)).now()).isFalse();
        assertThat(quote(new Need("other", 0)).now()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {61, 3600, 1_760_000_000})
    void pauseIsNeverLongerThanTheLimitsLookBack(long seconds) {
        account.watch().met(SMALL, new Fault.Quota(SECOND.multipliedBy(seconds).toNanos()));
        assertThat(quote(SMALL).waitNanos()).isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void requestThatIsTooLargeAndATierThatIsBusyPauseNothing() {
        account.watch().met(SMALL, new Fault.TooLarge(2, 1));
        account.watch().met(SMALL, new Fault.TierBusy(SECOND.toNanos()));
        assertThat(quote(SMALL).now()).isTrue();
        assertThat(account.watch().pausedModels()).isEmpty();
    }

    @Test
    void slowDownHalvesTheModelsRate() {
        answered(SMALL, 200, MultiMap.caseInsensitiveMultiMap());
        for (int i = 0; i < 30; i++) {
            account.take(SMALL);
            time.advance(SECOND.dividedBy(10));
        }
        account.watch().met(SMALL, new Fault.SlowDown(1));
        assertThat(quote(SMALL).waitNanos()).isBetween(150_000_000L, 250_000_000L);
        assertThat(quote(new Need("other", 0)).now()).isTrue();
    }

    @Test
    void pausesAreToldToTheOthersByModel() {
        Map<String, Duration> told = new HashMap<>();
        account.watch().tells(told::put);
        Need flex = new Need("bot", "models/m", "flex", 0);
        answered(flex, 200, MultiMap.caseInsensitiveMultiMap());
        account.watch().met(flex, new Fault.Quota(SECOND.toNanos()));
        account.watch().met(new Need("made-up", 0), new Fault.Quota(SECOND.toNanos()));
        assertThat(told).containsOnly(Map.entry("cooldown/main/flex/models/m", SECOND));
        account.watch().hear("cooldown/main//n/1", SECOND);
        account.watch().hear("cooldown/other//m", SECOND);
        account.watch().hear("cooldown/main", SECOND);
        assertThat(quote(new Need("n/1", 0)).now()).isFalse();
        assertThat(quote(SMALL).now()).isTrue();
    }

    /** Names are learned once the upstream has answered them, and no two ever share what is learned. */
    @Test
    void madeUpNamesSpoilNothing() {
        for (int i = 0; i < 2_000; i++) {
            answered(new Need("made-up " + i, 0), 404, report("requests", 60, 0));
            answered(new Need("x".repeat(257) + i, 0), 200, report("requests", 60, 0));
        }
        time.advance(Duration.ofHours(1));
        answered(SMALL, 200, report("requests", 60, 0));
        assertThat(quote(SMALL).now()).isFalse();
        assertThat(quote(new Need("fresh", 0)).now()).isTrue();
        assertThat(quote(new Need("made-up 7", 0)).now()).isTrue();
    }

    @Test
    void modelsBeyondTheBoundAreForgottenAndNotMixedUp() {
        for (int i = 0; i < 2_000; i++) {
            answered(new Need("real " + i, 0), 200, report("requests", 60, 0));
        }
        time.advance(Duration.ofMinutes(1));
        answered(SMALL, 200, report("requests", 60, 0));
        assertThat(quote(new Need("fresh", 0)).now()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"200, false", "400, false", "404, false", "401, false", "403, false", "429, false", "500, true",
            "503, true", "529, true"})
    void onlyFaultsOfTheUpstreamTripTheBreaker(int status, boolean trips) {
        Need mine = new Need("bot", "m", "", 0);
        answered(mine, status, MultiMap.caseInsensitiveMultiMap());
        answered(mine, status, MultiMap.caseInsensitiveMultiMap());
        assertThat(quote(mine).now()).isEqualTo(!trips);
        assertThat(quote(new Need("other", "m", "", 0)).now()).as("a neighbour").isTrue();
        assertThat(account.pausedFor()).isNull();
    }

    @Test
    void callsThatAreNotAnsweredTripItToo() {
        account.watch().failed(SMALL);
        account.watch().failed(SMALL);
        assertThat(quote(SMALL).lacking()).isEqualTo(new Lacking(Scope.LIMIT, "breaker"));
    }

    @Test
    void accountThatCannotBeReachedServesNobody() {
        account.watch().unreachable(Optional.of(Unreachable.TLS), new IOException());
        assertThat(account.watch().unreachable()).isEqualTo(Unreachable.TLS);
        assertThat(quote(SMALL).now()).isTrue();
        account.watch().unreachable(Optional.of(Unreachable.TLS), new IOException());
        assertThat(quote(SMALL).lacking()).isEqualTo(new Lacking(Scope.ACCOUNT, "unreachable"));
    }

    @Test
    void keyIsOutOnlyIfAProbeSaysSo() {
        assertThat(account.watch().suspected(one, () -> Future.succeededFuture(false))).isTrue();
        assertThat(account.watch().keysInService()).isEqualTo(2);
        assertThat(account.watch().key()).isEqualTo(two);
        account.watch().suspected(one, () -> Future.succeededFuture(true));
        assertThat(account.watch().keysInService()).as("one probe in ten seconds").isEqualTo(2);
        time.advance(SECOND.multipliedBy(10));
        account.watch().suspected(one, () -> Future.failedFuture("no answer"));
        assertThat(account.watch().keysInService()).isEqualTo(2);
        time.advance(SECOND.multipliedBy(10));
        account.watch().suspected(one, () -> Future.succeededFuture(true));
        assertThat(account.watch().keysInService()).isEqualTo(1);
        assertThat(quote(SMALL).now()).isTrue();
    }

    @Test
    void accountIsOutOfServiceWhenItsLastKeyIsRejected() {
        assertThat(account.watch().suspected(one, () -> Future.succeededFuture(true))).isTrue();
        assertThat(account.watch().suspected(two, () -> Future.succeededFuture(true))).isFalse();
        assertThat(account.watch().keysInService()).isZero();
        assertThat(quote(SMALL).lacking()).isEqualTo(new Lacking(Scope.ACCOUNT, "keys_rejected"));
    }

    @Test
    void accountWithoutCreditIsOutOfService() {
        account.watch().met(SMALL, new Fault.OutOfCredit());
        assertThat(account.pausedFor()).isEqualTo("out_of_credit");
        assertThat(quote(new Need("other", 0)).waitNanos()).isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void whoeverWaitsIsWokenWhenAPauseEnds() {
        AtomicInteger woken = new AtomicInteger();
        account.watch().wakes(woken::incrementAndGet);
        account.watch().met(SMALL, new Fault.Quota(SECOND.toNanos()));
        time.advance(SECOND);
        answered(SMALL, 200, MultiMap.caseInsensitiveMultiMap());
        assertThat(woken).hasValue(1);
        answered(SMALL, 200, MultiMap.caseInsensitiveMultiMap());
        assertThat(woken).hasValue(1);
    }

    @Test
    void quoteTellsTheCallsUnderWayAndTheirTime() {
        account.lines(1);
        account.lines(1);
        account.lines(-1);
        LearnedQuotas.Mark mark = account.mark(SMALL);
        time.advance(SECOND.multipliedBy(30));
        account.watch().answered(SMALL, account.watch().key(), mark, 200, MultiMap.caseInsensitiveMultiMap());
        assertThat(quote(SMALL).load()).isEqualTo(new Quote.Load(1, 30e9));
        time.advance(Duration.ofMinutes(1));
        assertThat(quote(SMALL).load()).as("it may have become fast again").isEqualTo(new Quote.Load(1, 15e9));
    }
}
