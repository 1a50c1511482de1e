package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedAccountTest {
    @Test
    void readsKeysAndEveryOption() {
        SimulatedAccount account = SimulatedAccount.parse("team-a=sk-1,sk-2:rpm=1,tpm=2,rpd=3,tpd=4,organization=org-x,"
                + "shared=false,start-empty=true");
        assertThat(account.name()).isEqualTo("team-a");
        assertThat(account.keys()).containsExactly("sk-1", "sk-2");
        assertThat(account.rpm()).isEqualTo(OptionalLong.of(1));
        assertThat(account.tpm()).isEqualTo(OptionalLong.of(2));
        assertThat(account.rpd()).isEqualTo(OptionalLong.of(3));
        assertThat(account.tpd()).isEqualTo(OptionalLong.of(4));
        assertThat(account.organization()).isEqualTo("org-x");
        assertThat(account.shared()).isFalse();
        assertThat(account.startEmpty()).isTrue();
    }

    @Test
    void defaultsToNoLimitsSharedAndFull() {
        assertThat(SimulatedAccount.parse("a=sk-1")).isEqualTo(SimulatedAccount.unlimited("a", "sk-1"));
        assertThat(SimulatedAccount.unlimited("a", "sk-1").shared()).isTrue();
        assertThat(SimulatedAccount.unlimited("a", "sk-1").startEmpty()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a=", "=sk-secret", "a=sk-secret:", "a=sk-secret:rpm", "a=sk-secret:rpm=0",
            "a=sk-secret:rpm=x", "a=sk-secret:rpm=99999999999", "a=sk-secret:rps=1", "a=sk-secret:shared=maybe",
            "a=sk-secret,", "a=sk secret", "a=sk-secret:rpm=1,", "a b=sk-secret"})
    void refusesWhatItDoesNotUnderstandWithoutShowingAKey(String text) {
        assertThatThrownBy(() -> SimulatedAccount.parse(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("account").message().doesNotContain("secret");
    }

    @Test
    void keysAreShownById() {
        SimulatedAccount account = SimulatedAccount.parse("a=sk-secret:rpm=5,tpm=7,shared=false");
        assertThat(account.describe()).isEqualTo("a: 5 requests/min, 7 tokens/min for each model; key "
                + KeyId.of("sk-secret"));
        assertThat(account.toString()).doesNotContain("sk-secret");
    }

    @Test
    void builtInKeyIsShownAsItIs() {
        assertThat(Simulator.Settings.defaults().accounts()).singleElement()
                .extracting(SimulatedAccount::describe).isEqualTo("main: 1000 requests/min; key sk-simulator");
    }
}
