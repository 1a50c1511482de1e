package sluice.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import sluice.quota.Budget.Period;
import sluice.quota.Spending.Answer.Granted;
import sluice.quota.Spending.Answer.Refused;
import sluice.testing.ManualTime;

/** Money of a tenant: reserved, settled, and begun anew with the calendar. */
class SpendingTest {
    private static final ZoneId UTC = ZoneId.of("UTC");

    private final ManualTime time = new ManualTime();
    private final Outstanding outstanding = new Outstanding();
    private final List<String> warned = new ArrayList<>();

    private Spending spending(ToLongFunction<Period> before, Budget... budgets) {
        Spending spending = new Spending("", new Spending.Rules(UTC, 0.8), before, new Spending.Observer() {
            @Override
            public void decided(String budget, boolean granted) {
                // Not looked at here.
            }

            @Override
            public void nearlySpent(String budget) {
                warned.add(budget);
            }
        }, outstanding, time.time(), Optional.empty());
        spending.change(List.of(budgets), false, new Spending.Rules(UTC, 0.8));
        return spending;
    }

    private static Budget day(long amount) {
        return new Budget(Period.DAY, amount);
    }

    private static Spending.Hold granted(Spending spending, long amount) {
        return ((Granted) spending.take(amount).result()).hold();
    }

    private static long spent(Spending spending) {
        return -Objects.requireNonNull(spending.levels().get("usd-per-day")).remaining();
    }

    @Test
    void callReservesWhatItIsExpectedToCostAndIsSettledWithWhatItDid() {
        Spending spending = spending(period -> 0, day(100));
        Spending.Hold hold = granted(spending, 60);
        assertThat(spending.take(41).result()).isInstanceOf(Refused.class);
        hold.close(10);
        hold.close(90);
        Spending.Hold next = granted(spending, 90);
        assertThat(spending.take(1).result()).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.left()).isZero();
            assertThat(refused.budget()).isEqualTo(day(100));
        });
        next.close(0);
        assertThat(outstanding.count()).isZero();
    }

    @Test
    void budgetBeginsAnewAtMidnightAndWithTheMonth() {
        Spending spending = spending(period -> 0, day(100), new Budget(Period.MONTH, 150));
        granted(spending, 100).close(100);
        Refused refused = (Refused) spending.take(1).result();
        assertThat(time.time().now().plus(refused.reset())).isEqualTo("2026-01-02T00:00:00Z");
        time.advance(refused.reset());
        granted(spending, 50).close(50);
        Refused month = (Refused) spending.take(1).result();
        assertThat(month.budget().period()).isEqualTo(Period.MONTH);
        assertThat(time.time().now().plus(month.reset())).isEqualTo("2026-02-01T00:00:00Z");
        time.advance(month.reset());
        granted(spending, 100).close(100);
    }

    @Test
    void midnightIsThatOfTheZone() {
        Instant summer = Instant.parse("2026-03-28T23:30:00Z");
        assertThat(Period.DAY.beginning(summer, ZoneId.of("Europe/Berlin"))).isEqualTo("2026-03-28T23:00:00Z");
        assertThat(Period.DAY.end(summer, ZoneId.of("Europe/Berlin"))).isEqualTo("2026-03-29T22:00:00Z");
        assertThat(Period.MONTH.beginning(summer, ZoneId.of("Europe/Berlin"))).isEqualTo("2026-02-28T23:00:00Z");
    }

    @Test
    void callThatEndsAfterMidnightCountsForTheNewDay() {
        Spending spending = spending(period -> 0, day(100));
        Spending.Hold hold = granted(spending, 60);
        time.advance(Duration.ofDays(1));
        assertThat(spending.take(41).result()).isInstanceOf(Refused.class);
        hold.close(70);
        assertThat(spending.take(31).result()).isInstanceOf(Refused.class);
        granted(spending, 30).close(0);
    }

    @Test
    void whatWasSpentBeforeCounts() {
        Spending spending = spending(period -> period == Period.DAY ? 70 : 0, day(100));
        assertThat(spending.take(31).result()).isInstanceOf(Refused.class);
        assertThat(spent(spending)).isEqualTo(70);
        spending.change(List.of(day(200)), false, new Spending.Rules(UTC, 0.8));
        granted(spending, 130).close(0);
    }

    @Test
    void isWarnedOfOnceInAPeriod() {
        Spending spending = spending(period -> 0, day(100));
        granted(spending, 79).close(79);
        assertThat(warned).isEmpty();
        granted(spending, 1).close(1);
        granted(spending, 1).close(1);
        assertThat(warned).containsExactly("usd-per-day");
        time.advance(Duration.ofDays(1));
        granted(spending, 90).close(90);
        assertThat(warned).hasSize(2);
    }

    @Test
    void shadowCountsAndRefusesNothing() {
        Spending spending = spending(period -> 0, day(100));
        spending.change(List.of(day(100)), true, new Spending.Rules(UTC, 0.8));
        granted(spending, 1000).close(1000);
        granted(spending, 1).close(Long.MAX_VALUE);
        assertThat(spending.remainingRatios().values()).singleElement()
                .satisfies(left -> assertThat(left.getAsDouble()).isZero());
    }

    /** However calls overlap, a budget is never spent beyond by more than calls cost beyond what they reserved. */
    @Property
    void budgetHolds(@ForAll @Size(max = 100) List<@IntRange(min = 0, max = 60) Integer> calls) {
        Spending spending = spending(period -> 0, day(100));
        Deque<Spending.Hold> open = new ArrayDeque<>();
        long spent = 0;
        for (int call : calls) {
            if (call % 3 == 0 && !open.isEmpty()) {
                Spending.Hold hold = open.remove();
                spent += Math.min(hold.reserved(), call);
                hold.close(Math.min(hold.reserved(), call));
            } else if (spending.take(call).result() instanceof Granted(var hold)) {
                open.add(hold);
            }
            assertThat(spent + open.stream().mapToLong(Spending.Hold::reserved).sum()).isLessThanOrEqualTo(100);
            assertThat(spent(spending)).isEqualTo(spent);
        }
    }
}
