package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import sluice.simulator.wire.ApiError;
import sluice.testing.ManualTime;

class QuotasTest {
    private final ManualTime time = new ManualTime();

    private Quotas quotas(String options) {
        return new Quotas(SimulatedAccount.parse("a=sk-a:" + options));
    }

    private Quotas.Decision decide(Quotas quotas, String model, long tokens) {
        return quotas.decide(model, tokens, time.nanos());
    }

    @Test
    void refusalSaysTheLimitItsUseAndTheWait() {
        Quotas quotas = quotas("tpm=10000");
        decide(quotas, "gpt-4o", 8554);
        assertThat(decide(quotas, "gpt-4o", 3082)).isInstanceOfSatisfying(Quotas.Refused.class, refused -> {
            ApiError answer = RateLimitAnswer.of(refused, "gpt-4o", "org-a");
            assertThat(answer.message()).startsWith("Rate limit reached for gpt-4o in organization org-a on tokens "
                    + "per min (TPM): Limit 10000, Used 8554, Requested 3082. Please try again in 9.816s.");
            assertThat(answer.type()).isEqualTo("tokens");
            assertThat(answer.headers()).containsEntry("retry-after", "10").containsEntry("retry-after-ms", "9816");
        });
    }

    @Test
    void refusedCallIsChargedToNoLimit() {
        Quotas quotas = quotas("rpm=3,tpm=100");
        decide(quotas, "m", 100);
        Quotas.Decision refused = decide(quotas, "m", 50);
        assertThat(refused).isInstanceOf(Quotas.Refused.class);
        assertThat(refused.levels()).extracting(Quotas.Level::remaining).containsExactly(2L, 0L);
    }

    @Test
    void refusalNamesTheLimitThatTakesLongest() {
        Quotas quotas = quotas("rpm=1,rpd=1");
        decide(quotas, "m", 1);
        assertThat(decide(quotas, "m", 1)).isInstanceOfSatisfying(Quotas.Refused.class, refused -> {
            assertThat(refused.kind()).isEqualTo(Quotas.Kind.RPD);
            assertThat(refused.waitNanos()).isEqualTo(Duration.ofDays(1).toNanos());
        });
    }

    @Test
    void callThatNeverFitsIsTooLarge() {
        Quotas.Decision decision = decide(quotas("tpm=100"), "m", 101);
        assertThat(decision).isInstanceOfSatisfying(Quotas.TooLarge.class, large -> {
            ApiError answer = RateLimitAnswer.of(large, "m", "org-a");
            assertThat(answer.message()).startsWith("Request too large for m in organization org-a on tokens per min "
                    + "(TPM): Limit 100, Requested 101.");
            assertThat(answer.headers()).containsEntry("x-should-retry", "false").doesNotContainKey("retry-after");
        });
    }

    @Test
    void sharedLimitHoldsForAllModelsTogether() {
        Quotas quotas = quotas("rpm=1");
        assertThat(decide(quotas, "one", 1)).isInstanceOf(Quotas.Granted.class);
        assertThat(decide(quotas, "two", 1)).isInstanceOf(Quotas.Refused.class);
    }

    @Test
    void unsharedLimitHoldsForEachModel() {
        Quotas quotas = quotas("rpm=1,shared=false");
        assertThat(decide(quotas, "one", 1)).isInstanceOf(Quotas.Granted.class);
        assertThat(decide(quotas, "two", 1)).isInstanceOf(Quotas.Granted.class);
        assertThat(decide(quotas, "two", 1)).isInstanceOf(Quotas.Refused.class);
    }

    @Test
    void emptyStartAdmitsOneCallPerRefill() {
        Quotas quotas = quotas("rpm=60,start-empty=true");
        time.advance(Duration.ofMinutes(1));
        assertThat(decide(quotas, "m", 1)).isInstanceOf(Quotas.Refused.class);
        time.advance(Duration.ofSeconds(1));
        assertThat(decide(quotas, "m", 1)).isInstanceOf(Quotas.Granted.class);
        assertThat(decide(quotas, "m", 1)).isInstanceOf(Quotas.Refused.class);
    }

    @Test
    void accountWithoutLimitsAdmitsEverything() {
        Quotas quotas = new Quotas(SimulatedAccount.unlimited("a", "sk-a"));
        Quotas.Decision decision = decide(quotas, "m", Long.MAX_VALUE);
        assertThat(decision).isInstanceOf(Quotas.Granted.class);
        assertThat(decision.levels()).isEmpty();
    }
}
