package sluice.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sluice.quota.Limit;
import sluice.quota.Limit.Kind;
import sluice.schedule.Bench.Account;
import sluice.schedule.Bench.Asked;
import sluice.schedule.Bench.Wish;

/** Calls that share a prompt are drawn to one account, and nobody waits for it. */
class AffinityTest {
    private static final Limit RPM_600 = new Limit(Kind.RPM, 600);
    private static final int PROMPTS = 300;

    private final Bench bench = new Bench();
    private final Account a = bench.account("a", 100, RPM_600);
    private final Account b = bench.account("b", 100, RPM_600);
    private final Account c = bench.account("c", 100, RPM_600);

    private Capacity granted(Scheduler scheduler, Wish wish) {
        Asked asked = bench.ask(scheduler, wish);
        assertThat(asked.isGranted()).isTrue();
        Capacity account = asked.permit().account();
        asked.permit().giveBack();
        return account;
    }

    private List<Capacity> granted(int times, Scheduler scheduler, Wish wish) {
        return IntStream.range(0, times).mapToObj(i -> bench.ask(scheduler, wish).permit().account()).toList();
    }

    private Map<String, Capacity> homes(Scheduler scheduler) {
        return IntStream.range(0, PROMPTS).mapToObj(i -> "prompt " + i).collect(Collectors.toMap(prompt -> prompt,
                prompt -> granted(scheduler, Wish.of("x").sharing(prompt))));
    }

    @Test
    void promptsSpreadOverAccountsAndStayWhereTheyAre() {
        Map<String, Capacity> three = homes(bench.scheduler(10, a, b, c));
        assertThat(homes(bench.scheduler(10, c, a, b))).as("in whatever order accounts are listed").isEqualTo(three);
        for (Account account : List.of(a, b, c)) {
            assertThat(three.values().stream().filter(account::equals).count()).isBetween(PROMPTS / 4L,
                    PROMPTS * 5L / 12);
        }
        Map<String, Capacity> two = homes(bench.scheduler(10, a, b));
        three.forEach((prompt, home) -> {
            if (!home.equals(c)) {
                assertThat(two.get(prompt)).as(prompt).isEqualTo(home);
            }
        });
    }

    @Test
    void tenantsAreDrawnApart() {
        Scheduler scheduler = bench.scheduler(10, a, b, c);
        long same = IntStream.range(0, PROMPTS).filter(i -> granted(scheduler, Wish.of("x").sharing("p" + i))
                .equals(granted(scheduler, Wish.of("y").sharing("p" + i)))).count();
        assertThat(same).isBetween(PROMPTS / 4L, PROMPTS * 5L / 12);
    }

    @Test
    void accountThatRunsOutYieldsBeforeItIsEmpty() {
        Scheduler scheduler = bench.scheduler(10, a, b);
        Wish wish = Wish.of("x").sharing("p");
        Account home = (Account) granted(scheduler, wish);
        Account other = home.equals(a) ? b : a;
        assertThat(granted(20, scheduler, wish)).containsOnly(home);
        List<Capacity> later = granted(60, scheduler, wish);
        assertThat(later).contains(other);
        assertThat(granted(20, scheduler, Wish.of("y").only(home))).as("room for those without a choice").hasSize(20);
    }

    @Test
    void pausedAccountIsPassedByAndFoundAgain() {
        Scheduler scheduler = bench.scheduler(10, a, b);
        Wish wish = Wish.of("x").sharing("p");
        Account home = (Account) granted(scheduler, wish);
        home.paused = true;
        assertThat(granted(scheduler, wish)).isNotEqualTo(home);
        home.paused = false;
        bench.connections.put(home, 0);
        assertThat(granted(scheduler, wish)).as("no connection is free").isNotEqualTo(home);
        bench.connections.remove(home);
        assertThat(granted(scheduler, wish)).isEqualTo(home);
    }

    @Test
    void isSwitchedOff() {
        Scheduler scheduler = bench.scheduler(10, false, a, b);
        assertThat(granted(20, scheduler, Wish.of("x").sharing("p"))).contains(a, b);
    }

    /** At a rate above what both accounts refill: whoever waits does so since neither could take it. */
    @Test
    void nobodyWaitsWhileAnAccountHasRoom() {
        Account one = bench.account("one", 10, new Limit(Kind.RPM, 60));
        Account other = bench.account("other", 10, new Limit(Kind.RPM, 60));
        Scheduler scheduler = bench.scheduler(1000, one, other);
        Random random = new Random(7);
        List<Asked> calls = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            Wish wish = Wish.of("t" + random.nextInt(3)).sharing("p" + random.nextInt(2));
            boolean first = scheduler.waiting() == 0;
            boolean room = one.quote(wish.need(), Set.of()).now() || other.quote(wish.need(), Set.of()).now();
            Asked asked = bench.ask(scheduler, wish);
            assertThat(asked.isGranted() || !first || !room).isTrue();
            calls.add(asked);
            bench.advance(Duration.ofMillis(random.nextInt(900)));
        }
        assertThat(calls).anyMatch(Asked::waits);
        bench.advance(Duration.ofMinutes(10));
        assertThat(calls).allMatch(Asked::isGranted);
    }
}
