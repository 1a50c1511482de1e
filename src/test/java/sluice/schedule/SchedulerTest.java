package sluice.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.quota.Limit;
import sluice.quota.Limit.Kind;
import sluice.schedule.Bench.Account;
import sluice.schedule.Bench.Asked;
import sluice.schedule.Bench.Wish;
import sluice.schedule.Decision.Granted;
import sluice.schedule.Decision.Left;
import sluice.schedule.Decision.Why;

class SchedulerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Limit RPM_60 = new Limit(Kind.RPM, 60);
    private static final Limit TPM_6000 = new Limit(Kind.TPM, 6000);

    private final Bench bench = new Bench();
    /** A permit each second, one at once. */
    private final Account a = bench.account("a", 1, RPM_60);
    private final Account b = bench.account("b", 1, RPM_60);
    private final Scheduler alone = bench.scheduler(1000, a);
    private final Scheduler pool = bench.scheduler(1000, a, b);

    private Asked ask(Wish wish) {
        return bench.ask(alone, wish);
    }

    private Asked ask(String tenant) {
        return ask(Wish.of(tenant));
    }

    private List<Asked> ask(int times, Wish wish) {
        List<Asked> calls = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            calls.add(ask(wish));
        }
        return calls;
    }

    /** Seconds pass, and a little more, since reported waits are a nanosecond too long. */
    private void seconds(long seconds) {
        bench.advance(Duration.ofSeconds(seconds).plusMillis(1));
    }

    private String grantedTenants() {
        return String.join("", bench.granted.stream().map(Asked::tenant).toList());
    }

    @Test
    void callPassesAtOnceWhileNobodyWaits() {
        assertThat(ask("x").outcomes).singleElement().isInstanceOfSatisfying(Granted.class, granted -> {
            assertThat(granted.waitNanos()).isZero();
            assertThat(granted.predictedNanos()).isZero();
            assertThat(granted.permit().account()).isEqualTo(a);
        });
        assertThat(bench.waits).isEmpty();
    }

    @Test
    void callThatWaitsIsGrantedWhenThePermitComesDueAndSaysHowLongItWaited() {
        ask("x");
        Asked waiting = ask("x");
        bench.advance(SECOND.minusMillis(1));
        assertThat(waiting.waits()).isTrue();
        bench.advance(Duration.ofMillis(2));
        assertThat(((Granted) waiting.outcomes.getFirst()).waitNanos()).isBetween(SECOND.toNanos(),
                SECOND.toNanos() + 10);
        assertThat(bench.waits).hasSize(1);
        assertThat(alone.waiting()).isZero();
    }

    @Test
    void callsOfOneTenantAreGrantedInTheOrderInWhichTheyCame() {
        ask("x");
        List<Asked> calls = ask(5, Wish.of("x"));
        seconds(5);
        assertThat(bench.granted.subList(1, 6)).containsExactlyElementsOf(calls);
    }

    @Test
    void tenantsTakeTurnsHoweverManyCallsOneOfThemSends() {
        ask("x");
        ask(100, Wish.of("x"));
        ask(3, Wish.of("y"));
        seconds(7);
        assertThat(grantedTenants()).isEqualTo("xyxyxyxx");
    }

    @Test
    void weightsShareThePermits() {
        ask("x");
        ask(100, Wish.of("x").weighing(1));
        ask(100, Wish.of("y").weighing(3));
        seconds(40);
        assertThat(grantedTenants().substring(1).chars().filter(tenant -> tenant == 'y').count()).isEqualTo(30);
    }

    @Test
    void tenantThatComesBackFromIdlenessHasNothingSavedUp() {
        ask("y");
        ask(100, Wish.of("x"));
        seconds(50);
        ask(10, Wish.of("y"));
        bench.granted.clear();
        seconds(10);
        assertThat(grantedTenants()).hasSize(10).contains("xy").doesNotContain("yyy", "xxx");
    }

    @Test
    void tenantIsNotPunishedForServiceThatItHadWhileAlone() {
        ask(100, Wish.of("x"));
        seconds(100);
        ask(1, Wish.of("y"));
        ask(5, Wish.of("x"));
        ask(5, Wish.of("y"));
        bench.granted.clear();
        seconds(8);
        assertThat(grantedTenants()).hasSize(8).doesNotContain("yyy", "xxx");
    }

    @Test
    void interactiveGoesFirstAndEveryTenthGrantToBatch() {
        ask("x");
        ask(5, Wish.of("x").in(Lane.BATCH));
        ask(100, Wish.of("x"));
        bench.granted.clear();
        seconds(40);
        assertThat(bench.granted).hasSize(40).filteredOn(call -> call.wish.lane() == Lane.BATCH)
                .extracting(call -> call.turn % 10).hasSize(4).containsOnly(bench.granted.indexOf(
                        bench.granted.stream().filter(call -> call.wish.lane() == Lane.BATCH).findFirst()
                                .orElseThrow())
                        + 1);
    }

    @Test
    void batchHasEveryPermitThatInteractiveDoesNotWant() {
        ask("x");
        List<Asked> batch = ask(3, Wish.of("x").in(Lane.BATCH));
        seconds(3);
        assertThat(batch).allMatch(Asked::isGranted);
    }

    @Test
    void claimingToBeInteractiveTakesNothingFromOthers() {
        ask("x");
        ask(20, Wish.of("x"));
        ask(20, Wish.of("y").in(Lane.BATCH));
        bench.granted.clear();
        seconds(10);
        assertThat(grantedTenants()).doesNotContain("xxx", "yyy");
        assertThat(grantedTenants().chars().filter(tenant -> tenant == 'y').count()).isEqualTo(5);
    }

    @Test
    void accountIsChosenByTheCallsUnderWayAndByWhatIsLeft() {
        Account large = bench.account("large", 10, RPM_60);
        Account other = bench.account("other", 10, RPM_60);
        Scheduler two = bench.scheduler(10, large, other);
        other.inFlight = 1;
        assertThat(bench.ask(two, Wish.of("x")).permit().account()).as("fewer under way").isEqualTo(large);
        other.inFlight = 0;
        assertThat(bench.ask(two, Wish.of("x")).permit().account()).as("more left").isEqualTo(other);
        large.inFlight = 2;
        assertThat(bench.ask(two, Wish.of("x")).permit().account()).isEqualTo(other);
    }

    /** Callers that each ask again when they are answered, at accounts of which one takes thirty times as long. */
    @Test
    void slowAccountDoesNotAttractMostCallers() {
        Account slow = bench.account("slow", 1000, new Limit(Kind.RPM, 1000));
        Account fast = bench.account("fast", 1000, new Limit(Kind.RPM, 1000));
        slow.answerNanos = 30e9;
        fast.answerNanos = 1e9;
        Scheduler two = bench.scheduler(100, slow, fast);
        List<Map.Entry<Long, Account>> underWay = new ArrayList<>();
        Map<Account, Integer> answers = new HashMap<>();
        for (int second = 0; second < 120; second++) {
            long now = bench.time.nanos();
            underWay.removeIf(call -> {
                boolean answered = call.getKey() <= now;
                call.getValue().inFlight -= answered ? 1 : 0;
                return answered;
            });
            while (underWay.size() < 10) {
                Permit permit = bench.ask(two, Wish.of("x")).permit();
                permit.sent();
                Account account = (Account) permit.account();
                account.inFlight++;
                answers.merge(account, 1, Integer::sum);
                underWay.add(Map.entry(now + (long) account.answerNanos, account));
            }
            bench.advance(SECOND);
        }
        assertThat(slow.inFlight).as("of ten callers").isLessThanOrEqualTo(2);
        assertThat(answers.get(fast)).isGreaterThan(900);
    }

    /** When an account starts to refuse, waiting calls are denied, and new ones do not wait. */
    @Test
    void nobodyWaitsForAnAccountThatRefuses() {
        Account account = bench.account("a", 1, new Limit(Kind.RPM, 1));
        Scheduler scheduler = bench.scheduler(100, account);
        bench.ask(scheduler, Wish.of("x"));
        List<Asked> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(bench.ask(scheduler, Wish.of("x").model("m" + i)));
            waiting.add(bench.ask(scheduler, Wish.of("y")));
        }
        assertThat(waiting).allMatch(Asked::waits);
        account.refuses = Duration.ofSeconds(4);
        scheduler.wake();
        waiting.add(bench.ask(scheduler, Wish.of("z")));
        assertThat(waiting).extracting(Asked::denied).allSatisfy(denied -> {
            assertThat(denied.why()).isEqualTo(Why.REFUSED);
            assertThat(denied.because()).isEqualTo("refuses");
            assertThat(denied.retryAfterNanos()).isEqualTo(4_000_000_000L);
        });
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void anotherAccountIsWaitedForWhileOneRefuses() {
        Account refusing = bench.account("refusing", 10, RPM_60);
        Account other = bench.account("other", 1, RPM_60);
        refusing.refuses = Duration.ofSeconds(4);
        Scheduler two = bench.scheduler(100, refusing, other);
        bench.ask(two, Wish.of("x"));
        Asked next = bench.ask(two, Wish.of("x"));
        assertThat(next.waits()).isTrue();
        bench.advance(SECOND.plusMillis(1));
        assertThat(next.permit().account()).isEqualTo(other);
    }

    @Test
    void largeCallThatIsNextIsNotStarvedBySmallOnes() {
        Account tokens = bench.account("tokens", 1000, new Limit(Kind.RPM, 1000), TPM_6000);
        Scheduler scheduler = bench.scheduler(1000, tokens);
        bench.ask(scheduler, Wish.of("y").tokens(6000));
        Asked large = bench.ask(scheduler, Wish.of("x").tokens(5000));
        List<Asked> small = new ArrayList<>();
        for (int i = 0; i < 49; i++) {
            small.add(bench.ask(scheduler, Wish.of("y").tokens(100)));
            bench.advance(SECOND);
        }
        assertThat(small).as("they would take what it waits for").allMatch(Asked::waits);
        assertThat(bench.ask(scheduler, Wish.of("z")).isGranted()).as("it needs no tokens").isTrue();
        bench.advance(SECOND.plusMillis(1));
        assertThat(large.isGranted()).isTrue();
        bench.advance(Duration.ofSeconds(50));
        assertThat(small).allMatch(Asked::isGranted);
    }

    @Test
    void tokensThatALeaverWaitedForAreFreeAtOnce() {
        Account tokens = bench.account("tokens", 1000, new Limit(Kind.RPM, 1000), TPM_6000);
        Scheduler scheduler = bench.scheduler(1000, tokens);
        bench.ask(scheduler, Wish.of("y").tokens(6000));
        Asked large = bench.ask(scheduler, Wish.of("x").tokens(6000));
        Asked small = bench.ask(scheduler, Wish.of("y").tokens(100));
        bench.advance(Duration.ofSeconds(10));
        assertThat(small.waits()).isTrue();
        large.leave();
        assertThat(small.isGranted()).isTrue();
    }

    @Test
    void tokensThatAnExpiredCallWaitedForAreFreeAtOnce() {
        Account tokens = bench.account("tokens", 1000, new Limit(Kind.RPM, 1000), TPM_6000);
        Scheduler scheduler = bench.scheduler(1000, tokens);
        bench.ask(scheduler, Wish.of("y").tokens(3000));
        Asked large = bench.ask(scheduler, Wish.of("x").tokens(6000).waiting(Duration.ofSeconds(31)));
        bench.ask(scheduler, Wish.of("x").tokens(1000).again());
        Asked small = bench.ask(scheduler, Wish.of("y").tokens(2900));
        bench.advance(Duration.ofSeconds(31));
        assertThat(large.denied().why()).isEqualTo(Why.DEADLINE);
        assertThat(small.isGranted()).isTrue();
    }

    @Test
    void returningCallGoesBeforeItsTenantsOthers() {
        ask("x");
        Asked first = ask("x");
        Asked back = ask(Wish.of("x").again());
        seconds(1);
        assertThat(back.isGranted()).isTrue();
        assertThat(first.waits()).isTrue();
    }

    @Test
    void onlySoManyMayWaitInAll() {
        Scheduler small = bench.scheduler(8, a);
        bench.ask(small, Wish.of("0"));
        for (int i = 1; i <= 8; i++) {
            assertThat(bench.ask(small, Wish.of("t" + i)).waits()).isTrue();
        }
        assertThat(bench.ask(small, Wish.of("t9")).denied().why()).isEqualTo(Why.QUEUE_FULL);
        assertThat(bench.ask(small, Wish.of("t1").again()).waits()).as("it was let in before").isTrue();
        assertThat(small.waiting()).isEqualTo(9);
    }

    @Test
    void asManyCallsOfATenantWaitAsAreStillFree() {
        Scheduler small = bench.scheduler(5, a);
        bench.ask(small, Wish.of("0"));
        bench.ask(small, Wish.of("x"));
        Asked second = bench.ask(small, Wish.of("x").in(Lane.BATCH));
        assertThat(bench.ask(small, Wish.of("x")).denied().why()).isEqualTo(Why.SHARE_FULL);
        assertThat(bench.ask(small, Wish.of("y")).waits()).isTrue();
        second.leave();
        assertThat(bench.ask(small, Wish.of("x")).waits()).isTrue();
    }

    @Test
    void callThatNoAccountCanEverHoldIsRefusedAtOnce() {
        Account small = bench.account("small", 10, RPM_60, new Limit(Kind.TPM, 1000));
        Account large = bench.account("large", 10, RPM_60, new Limit(Kind.TPM, 5000));
        Scheduler scheduler = bench.scheduler(10, small, large);
        assertThat(bench.ask(scheduler, Wish.of("x").tokens(5001)).denied().why()).isEqualTo(Why.TOO_LARGE);
        assertThat(bench.ask(scheduler, Wish.of("x").tokens(2000).only(small)).denied().why())
                .isEqualTo(Why.TOO_LARGE);
        assertThat(bench.ask(scheduler, Wish.of("x").tokens(2000)).permit().account()).isEqualTo(large);
        assertThat(scheduler.waiting()).isZero();
    }

    @Test
    void callThatWouldWaitTooLongIsRefusedAtOnceAndToldWhenToComeAgain() {
        ask("x");
        ask(5, Wish.of("x"));
        Asked hasty = ask(Wish.of("x").waiting(Duration.ofSeconds(2)));
        assertThat(hasty.denied().why()).isEqualTo(Why.TOO_LONG);
        assertThat(hasty.denied().retryAfterNanos()).isBetween(Duration.ofSeconds(4).toNanos() - 10,
                Duration.ofSeconds(4).toNanos() + 10);
        assertThat(alone.waiting()).isEqualTo(5);
        assertThat(ask(Wish.of("x").waiting(Duration.ofSeconds(7))).waits()).isTrue();
    }

    @Test
    void neediestIsNotRefusedForTheBacklogOfOthers() {
        ask("x");
        ask(100, Wish.of("x"));
        assertThat(ask(Wish.of("y").waiting(Duration.ofMillis(2500))).waits()).isTrue();
    }

    @Test
    void callThatMayNotWaitIsServedIfThereIsAPermitAndElseRefused() {
        assertThat(ask(Wish.of("x").waiting(Duration.ZERO)).isGranted()).isTrue();
        assertThat(ask(Wish.of("x").waiting(Duration.ZERO)).denied()).satisfies(denied -> {
            assertThat(denied.why()).isEqualTo(Why.TOO_LONG);
            assertThat(denied.retryAfterNanos()).isGreaterThanOrEqualTo(SECOND.toNanos());
            assertThat(denied.because()).isEqualTo("rpm");
        });
    }

    @Test
    void callEndsAtItsDeadlineIfItsPermitDoesNotCome() {
        ask("x");
        Asked impatient = ask(Wish.of("x").waiting(Duration.ofMillis(1500)));
        a.paused = true;
        bench.advance(Duration.ofMillis(1499));
        assertThat(impatient.waits()).isTrue();
        bench.advance(Duration.ofMillis(1));
        assertThat(impatient.denied()).satisfies(denied -> {
            assertThat(denied.why()).isEqualTo(Why.DEADLINE);
            assertThat(denied.waitNanos()).isEqualTo(Duration.ofMillis(1500).toNanos());
            assertThat(denied.because()).isEqualTo("paused");
        });
        assertThat(bench.waits).containsExactly(Duration.ofMillis(1500).toNanos());
    }

    @Test
    void callThatLeavesIsToldSoOnceAndCostsNothing() {
        ask("x");
        Asked gone = ask("x");
        Asked stays = ask("x");
        gone.leave();
        gone.leave();
        assertThat(gone.outcomes).containsExactly(new Left());
        seconds(1);
        assertThat(stays.isGranted()).isTrue();
        stays.leave();
        assertThat(stays.outcomes).hasSize(1);
        assertThat(alone.waiting()).isZero();
    }

    @Test
    void waitingCallsAreToldWhenTheGatewayEnds() {
        ask("x");
        Asked waiting = ask("x");
        bench.advance(Duration.ofMillis(300));
        alone.close();
        assertThat(waiting.denied()).satisfies(denied -> {
            assertThat(denied.why()).isEqualTo(Why.CLOSED);
            assertThat(denied.waitNanos()).isEqualTo(Duration.ofMillis(300).toNanos());
        });
        assertThat(alone.waiting()).isZero();
        seconds(5);
        assertThat(waiting.outcomes).hasSize(1);
    }

    @Test
    void callWithoutConnectionWaitsAndIsWoken() {
        bench.connections.put(a, 0);
        Asked call = ask("x");
        seconds(3);
        assertThat(call.waits()).isTrue();
        assertThat(a.left(Kind.RPM, 1)).as("the permit is not taken").isEqualTo(1);
        bench.connections.put(a, 1);
        alone.wake();
        assertThat(call.isGranted()).isTrue();
    }

    @Test
    void callWithoutConnectionToOneAccountGoesToAnother() {
        bench.connections.put(a, 0);
        assertThat(bench.ask(pool, Wish.of("x")).permit().account()).isEqualTo(b);
    }

    @Test
    void callThatWaitsForOneAccountDoesNotHoldUpThoseForAnother() {
        bench.ask(pool, Wish.of("x").only(a));
        Asked forA = bench.ask(pool, Wish.of("x").only(a));
        Asked forB = bench.ask(pool, Wish.of("y").only(b));
        assertThat(forA.waits()).isTrue();
        assertThat(forB.isGranted()).isTrue();
    }

    @Test
    void modelWhoseLimitIsUsedUpDoesNotHoldUpOtherModelsOfItsTenant() {
        Account family = bench.account("family", 100, "gpt-4o*", new Limit(Kind.RPM, 1), new Limit(Kind.RPM, 100));
        Scheduler scheduler = bench.scheduler(100, family);
        bench.ask(scheduler, Wish.of("x").model("gpt-4o"));
        Asked waits = bench.ask(scheduler, Wish.of("x").model("gpt-4o-mini"));
        Asked passes = bench.ask(scheduler, Wish.of("x").model("o3"));
        assertThat(waits.waits()).isTrue();
        assertThat(passes.isGranted()).isTrue();
        bench.advance(Duration.ofMinutes(1).plusMillis(1));
        assertThat(waits.isGranted()).isTrue();
    }

    @Test
    void callWaitsForAnAccountThatServesItsModelWhileOthersAreFree() {
        a.models = Set.of("gpt-4o");
        b.models = Set.of("gpt-5");
        bench.ask(pool, Wish.of("x").model("gpt-4o"));
        Asked waits = bench.ask(pool, Wish.of("x").model("gpt-4o"));
        assertThat(waits.waits()).isTrue();
        Asked passes = bench.ask(pool, Wish.of("x").model("gpt-5"));
        assertThat(passes.permit().account()).as("it does not wait behind the other").isEqualTo(b);
        seconds(1);
        assertThat(waits.permit().account()).isEqualTo(a);
        assertThat(bench.ask(pool, Wish.of("y").model("")).permit().account()).as("of no model").isEqualTo(b);
    }

    @Test
    void callWhoseModelNoAccountServesIsRefusedAlsoWhenThatChangesWhileItWaits() {
        a.models = Set.of("gpt-4o");
        b.models = Set.of("gpt-4o");
        assertThat(bench.ask(pool, Wish.of("x").model("o3")).denied().why()).isEqualTo(Why.NOT_SERVED);
        assertThat(bench.ask(pool, Wish.of("x").model("o3").only(a)).denied().why()).isEqualTo(Why.NOT_SERVED);
        bench.ask(pool, Wish.of("x").model("gpt-4o"));
        bench.ask(pool, Wish.of("x").model("gpt-4o"));
        Asked forAny = bench.ask(pool, Wish.of("x").model("gpt-4o"));
        Asked forA = bench.ask(pool, Wish.of("x").model("gpt-4o").only(a));
        pool.reload(new Scheduler.Settings(Duration.ofSeconds(30), 1000, 0.1, true), () -> {
            a.models = Set.of("o3");
            return List.of(a, b);
        }, List.of());
        assertThat(forA.denied().why()).isEqualTo(Why.NOT_SERVED);
        assertThat(forAny.waits()).isTrue();
        seconds(1);
        assertThat(forAny.permit().account()).isEqualTo(b);
    }

    @Test
    void callIsNotRefusedForTheBacklogOfAnAccountThatCannotServeIt() {
        a.models = Set.of("gpt-4o");
        b.models = Set.of("gpt-5");
        for (int i = 0; i < 100; i++) {
            bench.ask(pool, Wish.of("x").model("gpt-4o"));
        }
        bench.ask(pool, Wish.of("x").model("gpt-5"));
        Asked next = bench.ask(pool, Wish.of("x").model("gpt-5").waiting(Duration.ofSeconds(2)));
        assertThat(next.waits()).isTrue();
        seconds(1);
        assertThat(next.permit().account()).isEqualTo(b);
    }

    @Test
    void outlookNamesTheAccountsThatLackTheModel() {
        a.models = Set.of("gpt-4o");
        Asked like = bench.ask(pool, Wish.of("x").model("gpt-4o"));
        Outlook some = pool.outlook(new Call(like.wish.share(), new Need("o3", 0), Lane.INTERACTIVE, like,
                Long.MAX_VALUE, false, Runnable::run));
        assertThat(some.quotes().get("a")).isEqualTo(Quote.UNSERVED);
        assertThat(some.quotes().get("b")).isNotNull().matches(Quote::now);
        assertThat(some.served()).isTrue();
        b.models = Set.of("gpt-5");
        Outlook none = pool.outlook(new Call(like.wish.share(), new Need("o3", 0), Lane.INTERACTIVE, like,
                Long.MAX_VALUE, false, Runnable::run));
        assertThat(none.served()).isFalse();
        assertThat(none.never()).isTrue();
    }

    @Test
    void callThatCouldBeServedNowIsNotRefusedForWhatOthersWaitFor() {
        Account family = bench.account("family", 100, "slow*", new Limit(Kind.RPM, 1), new Limit(Kind.RPM, 100));
        Scheduler scheduler = bench.scheduler(4, family);
        bench.ask(scheduler, Wish.of("x").model("slow"));
        List<Asked> stuck = new ArrayList<>();
        for (String tenant : List.of("x", "y", "z", "u")) {
            stuck.add(bench.ask(scheduler, Wish.of(tenant).model("slow").waiting(Duration.ofHours(1))));
        }
        assertThat(stuck).allMatch(Asked::waits);
        assertThat(bench.ask(scheduler, Wish.of("v").waiting(Duration.ofMillis(10))).isGranted())
                .as("the next permit of the others is due in a minute").isTrue();
        assertThat(bench.ask(scheduler, Wish.of("v").waiting(Duration.ZERO)).isGranted()).isTrue();
        assertThat(bench.ask(scheduler, Wish.of("x")).isGranted()).as("no place to wait is left").isTrue();
        assertThat(bench.ask(scheduler, Wish.of("v").model("slower")).denied().why()).isEqualTo(Why.QUEUE_FULL);
        assertThat(scheduler.waiting()).isEqualTo(4);
        assertThat(scheduler.shared().usedRatio()).isEqualTo(1);
    }

    @Test
    void predictionLooksAtWhatTheCallWantsItself() {
        Account family = bench.account("family", 1, "slow*", new Limit(Kind.RPM, 1), new Limit(Kind.RPM, 60));
        Scheduler scheduler = bench.scheduler(100, family);
        bench.ask(scheduler, Wish.of("x").model("slow"));
        bench.ask(scheduler, Wish.of("x").model("slow"));
        Asked soon = bench.ask(scheduler, Wish.of("y").waiting(Duration.ofSeconds(3)));
        assertThat(soon.waits()).as("its permit is due in a second, the other's in a minute").isTrue();
        seconds(1);
        assertThat(((Granted) soon.outcomes.getFirst()).predictedNanos()).isLessThan(Duration.ofSeconds(3).toNanos());
    }

    @Test
    void callThatLeavesAtOnceFreesWhatWasWithheldForIt() {
        Account tight = bench.account("tight", 10, new Limit(Kind.TPM, 6000), new Limit(Kind.RPM, 600));
        Scheduler scheduler = bench.scheduler(100, tight);
        bench.ask(scheduler, Wish.of("x").tokens(5990));
        Asked small = bench.ask(scheduler, Wish.of("y").tokens(20));
        assertThat(small.waits()).isTrue();
        assertThat(bench.ask(scheduler, Wish.of("z").tokens(5000).waiting(Duration.ZERO)).denied().why())
                .isEqualTo(Why.TOO_LONG);
        bench.advance(Duration.ofMillis(200));
        assertThat(small.isGranted()).isTrue();
    }

    @Test
    void pausedAccountServesNobodyUntilItIsWoken() {
        a.paused = true;
        Asked call = ask("x");
        seconds(100);
        assertThat(call.waits()).isTrue();
        a.paused = false;
        alone.wake();
        assertThat(call.isGranted()).isTrue();
    }

    @Test
    void permitIsGoodForHalfASecondAndThenForfeited() {
        Permit permit = ask("x").permit();
        Asked next = ask("x");
        bench.advance(Duration.ofMillis(500));
        assertThat(permit.fresh()).isTrue();
        permit.giveBack();
        permit.giveBack();
        assertThat(next.isGranted()).isTrue();
        Permit second = next.permit();
        Asked third = ask("x");
        bench.advance(Duration.ofMillis(501));
        assertThat(second.fresh()).isFalse();
        second.giveBack();
        assertThat(third.waits()).isTrue();
    }

    @Test
    void permitThatWasSentDoesNotComeBack() {
        Permit permit = ask("x").permit();
        permit.sent();
        permit.giveBack();
        permit.sent();
        assertThat(ask("x").waits()).isTrue();
        assertThat(a.sentAt).hasSize(1);
    }

    /** What each way of closing a permit leaves of what it took: of its tenant's service, and of the account's limits. */
    @ParameterizedTest
    @CsvSource({"giveBack, 0, 60, 6000", "late, 0, 59, 4800", "sent, 0.2, 59, 4800", "forgive, 0, 59, 4800",
            "settle 1200, 0.2, 59, 4800", "settle 600, 0.1, 59, 5400", "settle 3000, 0.5, 59, 3000",
            "settle 0, 0.016667, 59, 6000", "forgive unsent, 0.2, 59, 4800"})
    void closingAPermitCorrectsTheCounterAndTheLimits(String how, double service, long requests, long tokens) {
        Account account = bench.account("account", 60, RPM_60, TPM_6000);
        Account busy = bench.account("busy", 1, RPM_60);
        Scheduler scheduler = bench.scheduler(1000, account, busy);
        bench.connections.put(busy, 0);
        bench.ask(scheduler, Wish.of("needy").only(busy));
        Permit permit = bench.ask(scheduler, Wish.of("x").tokens(1200).only(account)).permit();
        bench.ask(scheduler, Wish.of("x").only(busy));
        double charged = ahead(scheduler);
        assertThat(charged).isEqualTo(0.2, offset(1e-9));

        close(permit, how);
        assertThat(ahead(scheduler)).isEqualTo(service, offset(1e-5));
        account.paused = false;
        assertThat(account.left(Kind.RPM, 60)).isEqualTo(requests);
        assertThat(account.left(Kind.TPM, 6000)).isBetween(tokens, tokens + 51);
    }

    private void close(Permit permit, String how) {
        switch (how) {
            case "giveBack" -> permit.giveBack();
            case "late" -> {
                bench.time.advance(Duration.ofMillis(501));
                permit.giveBack();
            }
            case "forgive unsent" -> permit.forgive(permit.need().tokens());
            case "forgive" -> {
                permit.sent();
                permit.forgive(permit.need().tokens());
                permit.forgive(permit.need().tokens());
            }
            case "sent" -> permit.sent();
            default -> {
                permit.sent();
                permit.settle(Long.parseLong(how.substring("settle ".length())));
                permit.settle(1);
                permit.forgive(permit.need().tokens());
            }
        }
    }

    private static double ahead(Scheduler scheduler) {
        return scheduler.view().stream().filter(tenant -> tenant.tenant().equals("x")).findFirst().orElseThrow()
                .ahead();
    }

    @Test
    void viewShowsWhoWaitsTheNeediestFirst() {
        ask("x");
        ask(2, Wish.of("x").weighing(1));
        ask(1, Wish.of("x").in(Lane.BATCH));
        bench.advance(Duration.ofMillis(10));
        ask(2, Wish.of("y").weighing(2));
        bench.advance(SECOND);
        assertThat(alone.view()).extracting(TenantQueue::tenant).containsExactly("x", "y");
        TenantQueue x = alone.view().getFirst();
        assertThat(List.of(x.interactive(), x.batch())).containsExactly(2, 1);
        assertThat(x.oldestNanos()).isEqualTo(Duration.ofMillis(1010).toNanos());
        assertThat(x.ahead()).isZero();
        TenantQueue y = alone.view().getLast();
        assertThat(y.weight()).isEqualTo(2);
        assertThat(y.ahead()).isEqualTo(1.0 / 120, offset(1e-9));
        assertThat(alone.waiting(Lane.BATCH)).isEqualTo(1);
        seconds(10);
        assertThat(alone.view()).isEmpty();
    }
}
