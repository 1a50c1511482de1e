package sluice.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.schedule.Bench.Account;
import sluice.schedule.Bench.Asked;
import sluice.schedule.Outcome.Denied;
import sluice.schedule.Outcome.Granted;
import sluice.schedule.Outcome.Left;
import sluice.schedule.Outcome.Why;

class SchedulerTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Bench bench = new Bench();
    /** A permit each second, one at once. */
    private final Account a = bench.account("a", 60, 1);
    private final Account b = bench.account("b", 60, 1);
    private final Scheduler alone = bench.scheduler(100, a);
    private final Scheduler pool = bench.scheduler(100, a, b);

    private Asked ask(String name) {
        return bench.ask(alone, name, LONG, false, a);
    }

    private Asked askFor(String name, Capacity... allowed) {
        return bench.ask(pool, name, LONG, false, allowed);
    }

    private static void assertDenied(Asked asked, Why why, Duration retryAfter) {
        assertThat(asked.outcomes).singleElement().isInstanceOfSatisfying(Denied.class, denied -> {
            assertThat(denied.why()).isEqualTo(why);
            assertThat(denied.retryAfterNanos()).isBetween(retryAfter.toNanos(), retryAfter.toNanos() + 10);
        });
    }

    @Test
    void callPassesAtOnceWhenNobodyWaits() {
        Asked call = ask("1");
        assertThat(call.granted()).hasValueSatisfying(granted -> {
            assertThat(granted.waitNanos()).isZero();
            assertThat(granted.permit().account()).isEqualTo(a);
        });
        assertThat(bench.waits).isEmpty();
    }

    @Test
    void callsAreGrantedInOrderOfArrivalAsPermitsComeDue() {
        ask("0");
        List<Asked> calls = List.of(ask("1"), ask("2"), ask("3"));
        assertThat(alone.waiting()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            bench.advance(SECOND.minusNanos(10));
            assertThat(calls.get(i).waits()).isTrue();
            bench.advance(Duration.ofNanos(10));
            Asked call = calls.get(i);
            bench.advance(Duration.ofNanos(5));
            assertThat(call.granted()).as(call.name).isPresent();
        }
        assertThat(alone.waiting()).isZero();
        assertThat(bench.waits).hasSize(3).isSorted();
        assertThat(calls.get(2).granted().orElseThrow().waitNanos()).isBetween(Duration.ofSeconds(3).toNanos(),
                Duration.ofSeconds(3).toNanos() + 20);
    }

    @Test
    void permitThatHasJustComeDueIsForWhoWaitsLongest() {
        ask("0");
        Asked first = ask("1");
        bench.time.advance(SECOND.plusNanos(10));
        Asked second = ask("2");
        assertThat(second.waits()).isTrue();
        alone.wake();
        assertThat(first.granted()).isPresent();
        assertThat(second.waits()).isTrue();
    }

    @Test
    void onlySoManyMayWait() {
        Scheduler small = bench.scheduler(2, a);
        bench.ask(small, "0", LONG, false, a);
        Asked first = bench.ask(small, "1", LONG, false, a);
        bench.ask(small, "2", LONG, false, a);
        assertDenied(bench.ask(small, "3", LONG, false, a), Why.QUEUE_FULL, SECOND);
        assertThat(small.waiting()).isEqualTo(2);
        Asked returning = bench.ask(small, "again", LONG, true, a);
        assertThat(returning.waits()).isTrue();
        returning.leave();
        first.leave();
        assertThat(bench.ask(small, "4", LONG, false, a).waits()).isTrue();
    }

    @Test
    void callThatWouldWaitTooLongIsRefusedAtOnce() {
        ask("0");
        for (int i = 1; i <= 5; i++) {
            ask("" + i);
        }
        assertDenied(bench.ask(alone, "short", Duration.ofSeconds(2), false, a), Why.TOO_LONG, Duration.ofSeconds(4));
        assertThat(bench.ask(alone, "patient", Duration.ofSeconds(7), false, a).waits()).isTrue();
        assertThat(bench.waits).isEmpty();
    }

    @Test
    void callWhoseTimeIsOverIsServedIfThereIsAPermitAndElseRefused() {
        assertThat(bench.ask(alone, "late", Duration.ofSeconds(-1), false, a).granted()).isPresent();
        assertDenied(bench.ask(alone, "late", Duration.ZERO, false, a), Why.TOO_LONG, SECOND);
    }

    @Test
    void callEndsAtItsDeadlineIfItsPermitDoesNotCome() {
        ask("0");
        Asked impatient = bench.ask(alone, "1", Duration.ofMillis(1500), false, a);
        Asked patient = ask("2");
        bench.ask(alone, "first", LONG, true, a);
        bench.advance(Duration.ofMillis(1499));
        assertThat(impatient.waits()).isTrue();
        bench.advance(Duration.ofMillis(1));
        assertDenied(impatient, Why.DEADLINE, SECOND);
        bench.advance(Duration.ofMillis(501));
        assertThat(patient.granted()).isPresent();
        assertThat(impatient.outcomes).hasSize(1);
    }

    @Test
    void callThatLeavesCostsNothing() {
        ask("0");
        Asked gone = ask("1");
        Asked stays = ask("2");
        gone.leave();
        gone.leave();
        assertThat(gone.outcomes).containsExactly(new Left());
        assertThat(alone.waiting()).isEqualTo(1);
        bench.advance(SECOND.plusNanos(10));
        assertThat(stays.granted()).isPresent();
        stays.leave();
        assertThat(stays.outcomes).hasSize(1);
        assertThat(gone.outcomes).hasSize(1);
    }

    @Test
    void returningCallGoesFirst() {
        ask("0");
        Asked waiting = ask("1");
        Asked returning = bench.ask(alone, "again", LONG, true, a);
        bench.advance(SECOND.plusNanos(10));
        assertThat(returning.granted()).isPresent();
        assertThat(waiting.waits()).isTrue();
        bench.time.advance(SECOND.plusNanos(10));
        Asked another = bench.ask(alone, "another", LONG, true, a);
        assertThat(another.granted()).isPresent();
    }

    @Test
    void permitThatComesBackInTimeIsGrantedAgain() {
        Permit permit = ask("0").permit();
        Asked next = ask("1");
        bench.advance(Duration.ofMillis(400));
        assertThat(permit.fresh()).isTrue();
        permit.giveBack();
        permit.giveBack();
        assertThat(next.granted()).isPresent();
        assertThat(ask("2").waits()).isTrue();
    }

    @Test
    void permitThatComesBackLaterIsForfeited() {
        Account slow = bench.account("slow", 1, 1);
        Scheduler scheduler = bench.scheduler(10, slow);
        Permit permit = bench.ask(scheduler, "0", LONG, false, slow).permit();
        bench.advance(Duration.ofMillis(500));
        assertThat(permit.fresh()).isTrue();
        bench.advance(Duration.ofNanos(1));
        assertThat(permit.fresh()).isFalse();
        permit.giveBack();
        assertThat(bench.ask(scheduler, "1", Duration.ofMinutes(2), false, slow).waits()).isTrue();
    }

    @Test
    void permitThatIsSentDoesNotComeBack() {
        Permit permit = ask("0").permit();
        permit.sent();
        permit.giveBack();
        assertThat(ask("1").waits()).isTrue();
    }

    @Test
    void permitThatComesBackToAnIdleAccountLastsAsLongAsAny() {
        Account slow = bench.account("slow", 1, 1);
        Scheduler scheduler = bench.scheduler(10, slow);
        bench.ask(scheduler, "0", LONG, false, slow).permit().giveBack();
        bench.advance(Duration.ofSeconds(5));
        assertThat(bench.ask(scheduler, "1", LONG, false, slow).granted()).isPresent();
    }

    @Test
    void permitGrantedAgainLastsFromItsFirstGrant() {
        Account two = bench.account("two", 2, 2);
        Scheduler scheduler = bench.scheduler(10, two);
        Permit first = bench.ask(scheduler, "0", LONG, false, two).permit();
        bench.ask(scheduler, "1", LONG, false, two);
        Asked next = bench.ask(scheduler, "2", LONG.multipliedBy(2), false, two);
        bench.advance(Duration.ofMillis(300));
        first.giveBack();
        assertThat(next.permit().fresh()).isTrue();
        bench.advance(Duration.ofMillis(201));
        assertThat(next.permit().fresh()).isFalse();
        next.permit().giveBack();
        assertThat(bench.ask(scheduler, "3", LONG.multipliedBy(2), false, two).waits()).isTrue();
    }

    @Test
    void callWithoutConnectionWaitsAndIsWoken() {
        bench.connections.put(a, 0);
        Asked call = ask("0");
        bench.advance(Duration.ofSeconds(3));
        assertThat(call.waits()).isTrue();
        bench.connections.put(a, 1);
        alone.wake();
        assertThat(call.granted()).isPresent();
        assertThat(bench.connections).containsEntry(a, 0);
    }

    @Test
    void connectionIsGivenBackWhereThereWasNoPermit() {
        bench.connections.put(a, 5);
        ask("0");
        ask("1");
        ask("2");
        assertThat(bench.connections).containsEntry(a, 4);
        bench.advance(SECOND.plusNanos(10));
        assertThat(bench.connections).containsEntry(a, 3);
    }

    @Test
    void callGoesToTheFirstAccountThatHasRoom() {
        assertThat(askFor("0", a, b).permit().account()).isEqualTo(a);
        assertThat(askFor("1", a, b).permit().account()).isEqualTo(b);
        assertThat(askFor("2", a, b).waits()).isTrue();
    }

    @Test
    void callThatWaitsForOneAccountDoesNotHoldUpTheOthers() {
        askFor("0", a);
        Asked forA = askFor("1", a);
        Asked forB = askFor("2", b);
        assertThat(forA.waits()).isTrue();
        assertThat(forB.granted()).isPresent();
        Asked next = askFor("3", b);
        Asked either = askFor("4", a, b);
        assertThat(next.waits()).isTrue();
        bench.advance(SECOND.plusNanos(10));
        assertThat(forA.granted()).isPresent();
        assertThat(next.granted()).isPresent();
        assertThat(either.waits()).isTrue();
    }

    @Test
    void callDoesNotTakeWhatOneBeforeItWaitsFor() {
        askFor("0", a);
        askFor("1", b);
        Asked either = askFor("2", a, b);
        bench.time.advance(SECOND.plusNanos(10));
        Asked forB = askFor("3", b);
        assertThat(forB.waits()).isTrue();
        pool.wake();
        assertThat(either.permit().account()).isEqualTo(a);
        assertThat(forB.granted()).isPresent();
    }

    @Test
    void onlyThoseWhoWaitForTheSameAccountCountForThePrediction() {
        askFor("0", a);
        askFor("1", b);
        for (int i = 0; i < 20; i++) {
            askFor("a" + i, a);
        }
        Asked forB = bench.ask(pool, "b", Duration.ofSeconds(2), false, b);
        assertThat(forB.waits()).isTrue();
        bench.advance(SECOND.plusNanos(10));
        assertThat(forB.granted()).isPresent();
    }

    /** One thing that happens. */
    record Event(Kind kind, long gapMillis, int which) {}

    enum Kind {
        ARRIVE, ARRIVE_IMPATIENT, ARRIVE_RETURNING, ARRIVE_FOR_A, ARRIVE_FOR_B, LEAVE, GIVE_BACK, SEND
    }

    @Provide
    Arbitrary<List<Event>> events() {
        Arbitrary<Long> gaps = Arbitraries.oneOf(Arbitraries.of(0L, 0L, 1L, 999L, 1000L, 1001L),
                Arbitraries.longs().between(0, 3000));
        Arbitrary<Kind> kinds = Arbitraries.of(Kind.ARRIVE, Kind.ARRIVE, Kind.ARRIVE, Kind.ARRIVE_IMPATIENT,
                Kind.ARRIVE_RETURNING,
                Kind.ARRIVE_FOR_A, Kind.ARRIVE_FOR_B, Kind.LEAVE, Kind.GIVE_BACK, Kind.SEND);
        return Combinators.combine(kinds, gaps, Arbitraries.integers().between(0, 1000)).as(Event::new).list()
                .ofMaxSize(120);
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void everyCallHasOneOutcomeInTimeAndInOrder(@ForAll("events") List<Event> events,
            @ForAll @IntRange(min = 1, max = 20) int most) {
        Scheduler scheduler = bench.scheduler(most, a, b);
        List<Asked> calls = new ArrayList<>();
        long begin = bench.time.nanos();
        int returned = 0;
        for (Event event : events) {
            bench.advance(Duration.ofMillis(event.gapMillis()));
            Asked some = calls.isEmpty() ? ask("unrelated") : calls.get(event.which() % calls.size());
            switch (event.kind()) {
                case ARRIVE -> calls.add(bench.ask(scheduler, "all", LONG, false, a, b));
                case ARRIVE_IMPATIENT ->
                    calls.add(bench.ask(scheduler, "all impatient", Duration.ofMillis(1500), false, a, b));
                case ARRIVE_RETURNING -> calls.add(bench.ask(scheduler, "returning", LONG, true, a, b));
                case ARRIVE_FOR_A -> calls.add(bench.ask(scheduler, "a", LONG, false, a));
                case ARRIVE_FOR_B -> calls.add(bench.ask(scheduler, "b", LONG, false, b));
                case LEAVE -> some.leave();
                case SEND -> some.granted().ifPresent(granted -> granted.permit().sent());
                case GIVE_BACK -> {
                    returned += some.granted().isPresent() ? 1 : 0;
                    some.granted().ifPresent(granted -> granted.permit().giveBack());
                }
            }
            assertThat(scheduler.waiting()).isEqualTo((int) calls.stream().filter(Asked::waits).count());
            assertNoneWaitsThatCouldPass(calls);
        }
        long elapsed = bench.time.nanos() - begin;
        long grants = calls.stream().filter(call -> call.granted().isPresent()).count();
        assertThat(grants).isLessThanOrEqualTo(2 * (1 + elapsed / SECOND.toNanos()) + returned);
        bench.advance(LONG.plusSeconds(1));
        assertThat(calls).allSatisfy(call -> assertThat(call.outcomes).as(call.name).hasSize(1));
        assertThat(scheduler.waiting()).isZero();
        assertOrder(calls, "all");
        assertOrder(calls, "a");
        assertOrder(calls, "b");
    }

    /** Alarms ring in time, so a permit that is due has gone to a head that may use it. */
    private void assertNoneWaitsThatCouldPass(List<Asked> calls) {
        for (Account account : List.of(a, b)) {
            if (calls.stream().anyMatch(call -> call.waits() && call.allows(account))) {
                bench.advance(Duration.ofNanos(2));
                assertThat(calls).as("%s has a permit", account.name())
                        .noneMatch(call -> call.waits() && call.allows(account) && hasPermit(account));
            }
        }
    }

    private static boolean hasPermit(Account account) {
        return account.quota().remainingRatios().values().stream().anyMatch(ratio -> ratio.getAsDouble() > 0);
    }

    /** Calls of one kind, in the order in which they came, were granted in the same order. */
    private void assertOrder(List<Asked> calls, String name) {
        List<Long> grantedAt = calls.stream().filter(call -> call.name.equals(name))
                .flatMap(call -> call.granted().stream()
                        .map(granted -> call.deadline + granted.waitNanos()))
                .toList();
        assertThat(grantedAt).isSortedAccordingTo(Comparator.naturalOrder());
    }

    /** Some calls want to be sent, and others give their permits back as late as they may. */
    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void noMinuteSeesMoreThanTheRpmWhateverComesBack(@ForAll("events") List<Event> events,
            @ForAll @IntRange(min = 2, max = 60) int rpm, @ForAll @IntRange(min = 1, max = 30) int burst) {
        Account account = bench.strict(rpm, Math.min(burst, Math.max(1, rpm / 2)));
        Scheduler scheduler = bench.scheduler(10_000, account);
        List<Asked> held = new ArrayList<>();
        List<Long> sent = new ArrayList<>();
        for (Event event : events) {
            bench.advance(Duration.ofMillis(event.gapMillis()));
            switch (event.kind()) {
                case ARRIVE, ARRIVE_IMPATIENT, ARRIVE_RETURNING ->
                    arrive(scheduler, account, held, event.which() % 100);
                case GIVE_BACK, LEAVE -> churn(scheduler, account, held, event.which() % 70);
                default -> sendAll(held, sent);
            }
        }
        sendAll(held, sent);
        assertNoMinuteSeesMore(sent, rpm);
    }

    /** While the upstream cannot be reached permits come and go; then all calls that hold one get through at once. */
    @ParameterizedTest
    @ValueSource(ints = {3, 60, 100, 1000})
    void endOfAnOutageIsNoBurst(int rpm) {
        Account account = bench.strict(rpm, Math.max(1, rpm / 20));
        Scheduler scheduler = bench.scheduler(10_000, account);
        List<Asked> held = new ArrayList<>();
        List<Long> sent = new ArrayList<>();
        arrive(scheduler, account, held, 2 * rpm);
        churn(scheduler, account, held, 60);
        arrive(scheduler, account, held, 3 * rpm);
        for (int i = 0; i < 1300; i++) {
            sendAll(held, sent);
            bench.advance(Duration.ofMillis(100));
        }
        assertNoMinuteSeesMore(sent, rpm);
        assertThat(sent.size()).isGreaterThanOrEqualTo(2 * (rpm - Math.max(1, rpm / 20)));
    }

    private static void assertNoMinuteSeesMore(List<Long> sent, int rpm) {
        for (int last = rpm; last < sent.size(); last++) {
            assertThat(sent.get(last) - sent.get(last - rpm)).isGreaterThanOrEqualTo(Duration.ofMinutes(1).toNanos());
        }
    }

    private void arrive(Scheduler scheduler, Account account, List<Asked> held, int count) {
        for (int i = 0; i < count; i++) {
            held.add(bench.ask(scheduler, "" + i, Duration.ofHours(1), false, account));
        }
    }

    /** For a while all connections fail, just in time for their permits to come back. */
    private void churn(Scheduler scheduler, Account account, List<Asked> held, int times) {
        for (int i = 0; i < times; i++) {
            arrive(scheduler, account, held, 5);
            bench.advance(Duration.ofMillis(900));
            List<Asked> granted = held.stream().filter(call -> call.granted().isPresent()).toList();
            held.removeAll(granted);
            granted.forEach(call -> call.permit().giveBack());
        }
    }

    private void sendAll(List<Asked> held, List<Long> sent) {
        List<Asked> granted = held.stream().filter(call -> call.granted().isPresent()).toList();
        held.removeAll(granted);
        for (Asked call : granted) {
            if (call.granted().map(Granted::permit).filter(Permit::fresh).isPresent()) {
                call.permit().sent();
                sent.add(bench.time.nanos());
            }
        }
    }
}
