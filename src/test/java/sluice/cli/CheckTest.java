package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.CommandRun;

class CheckTest {
    @TempDir
    private Path folder = Path.of("");

    private final CommandRun run = new CommandRun(new Check(Map.of("OPENAI_API_KEY", "sk-upstream-secret")::get));

    @Test
    void goodFileIsPrintedWithItsDefaults() throws IOException {
        Path file = Files.writeString(folder.resolve("good.yaml"), """
                upstream:
                  accounts:
                    - name: main
                      keys: ["${OPENAI_API_KEY}"]
                """);

        assertThat(run.with("--config", file.toString())).isZero();
        assertThat(run.out()).contains("port: 8080", "max-wait: 30s", "name: main", "rpm: 100")
                .doesNotContain("sk-upstream-secret");
        assertThat(run.err()).isEqualTo("warning: tenants: none, so every call is refused with 401\n");
    }

    @Test
    void shippedFileIsTheDefault() {
        assertThat(run.with()).isZero();
        assertThat(run.out()).contains("rpm: 1000");
    }

    @Test
    void problemsAreListedUnderTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.yaml"), """
                cache: { tttl: 10m }
                queue: { max-wait: 30 }
                """);

        assertThat(run.with("--config", file.toString())).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo(file + """
                : 3 problems
                upstream.accounts: missing (expected: at least one account with its keys)
                cache.tttl: unknown key (did you mean ttl?)
                queue.max-wait: 30 (expected: a duration such as 30s)
                """);
    }

    @Test
    void missingFileNamesTheRemedy() {
        assertThat(run.with("--config", "nowhere.yaml")).isEqualTo(2);
        assertThat(run.err()).isEqualTo(
                """
                        nowhere.yaml: 1 problem
                        nowhere.yaml: missing (expected: a configuration file; name it with --config, start from config/example.yaml)
                        """);
    }
}
