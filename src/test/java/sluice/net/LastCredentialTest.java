package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastCredentialTest {
    private final LastCredential last = new LastCredential();
    private final List<String> worked = new ArrayList<>();

    private int length(String text) {
        return last.derived(text, Integer.class, fresh -> {
            worked.add(fresh);
            return fresh.length();
        });
    }

    @Test
    void equalTextIsWorkedOnOnce() {
        assertThat(length("secret")).isEqualTo(6);
        assertThat(length(new String("secret".toCharArray()))).isEqualTo(6);
        assertThat(worked).containsExactly("secret");
    }

    @Test
    void onlyTheLastIsKept() {
        length("one");
        length("other");
        length("one");
        length("");
        length("");
        assertThat(worked).containsExactly("one", "other", "one", "");
    }

    @Test
    void whatIsOfAnotherTypeIsWorkedOutAnew() {
        length("secret");
        assertThat(last.derived("secret", String.class, text -> text + "!")).isEqualTo("secret!");
    }

    @Test
    void longOnesAreNotKeptAndReplaceTheLast() {
        length("one");
        String large = "x".repeat(20_000);
        length(large);
        length(large);
        length("one");
        assertThat(worked).containsExactly("one", large, large, "one");
    }
}
