package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import sluice.tenancy.KeyDigest;
import sluice.testing.CommandRun;

class NewKeyTest {
    private static final Pattern KEY = Pattern.compile("sk-sluice-[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])");

    private final CommandRun run = new CommandRun(new NewKey());

    @Test
    void keyIsPrintedOnceWithItsIdAndItsLine() {
        assertThat(run.with("support-bot")).isZero();

        Matcher key = KEY.matcher(run.out());
        assertThat(key.find()).isTrue();
        KeyDigest digest = KeyDigest.of(key.group());
        assertThat(run.out()).contains("id:   " + digest.id() + "\n", "- \"sha256:" + digest.hex() + "\"\n");
        assertThat(key.find()).isFalse();
    }

    @Test
    void twoKeysDiffer() {
        CommandRun other = new CommandRun(new NewKey());
        run.with("support-bot");
        other.with("support-bot");

        assertThat(run.out()).isNotEqualTo(other.out());
    }

    @Test
    void nameThatTheConfigurationRefusesIsRefused() {
        assertThat(run.with("Support Bot")).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("TENANT: Support Bot (expected: a name of at most 64");
    }

    @Test
    void reservedNameIsRefused() {
        assertThat(run.with("other")).isEqualTo(2);
        assertThat(run.err()).contains("metrics use this one");
    }
}
