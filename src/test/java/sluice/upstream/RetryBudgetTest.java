package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {

    private static int takeAll(RetryBudget budget) {
        int taken = 0;
        while (taken < 1000 && budget.take("bot")) {
            taken++;
        }
        return taken;
    }

    private static void calls(RetryBudget budget, int times) {
        for (int i = 0; i < times; i++) {
            budget.call("bot");
        }
    }

    @Test
    void someAreGivenInAdvance() {
        assertThat(takeAll(new RetryBudget(0.2))).isEqualTo(10);
    }

    @Test
    void shareOfTheCallsMayBeTriedAgain() {
        RetryBudget budget = new RetryBudget(0.2);
        takeAll(budget);
        calls(budget, 4);
        assertThat(budget.take("bot")).isFalse();
        calls(budget, 1);
        assertThat(takeAll(budget)).isEqualTo(1);
        calls(budget, 40);
        assertThat(takeAll(budget)).isEqualTo(8);
    }

    @Test
    void noMoreThanTenAreSavedUp() {
        RetryBudget budget = new RetryBudget(1);
        calls(budget, 1000);
        assertThat(takeAll(budget)).isEqualTo(10);
    }

    @Test
    void shareOfNothingIsNothing() {
        RetryBudget budget = new RetryBudget(0);
        calls(budget, 1000);
        assertThat(budget.take("bot")).isFalse();
    }

    @Test
    void oneTenantsFailuresLeaveTheOthersTheirs() {
        RetryBudget budget = new RetryBudget(0.2);
        takeAll(budget);
        assertThat(budget.take("other")).isTrue();
        for (int i = 0; i < 20_000; i++) {
            budget.take("tenant " + i);
        }
        assertThat(budget.take("tenant 19999")).isTrue();
    }
}
