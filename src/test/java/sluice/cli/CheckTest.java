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
        assertThat(run.err()).isEqualTo("warning: tenants: none, so every call is refused with 401; "
                + "declare one here, or make one in the console\n");
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
                cache.tttl, line 1: unknown key (did you mean ttl?)
                queue.max-wait, line 2: 30 (expected: a duration such as 30s)
                """);
    }

    @Test
    void fileWhoseSecretsAreElsewhereIsCheckedOffline() throws IOException {
        Path file = Files.writeString(folder.resolve("pod.yaml"), """
                listen: { port: "${PORT}", tls: { certificate: /etc/sluice/tls.crt, key: /etc/sluice/tls.key } }
                admin: { token: "${ADMIN_TOKEN}" }
                upstream:
                  ca-file: /etc/ssl/company.pem
                  accounts:
                    - { name: main, keys: ["${NOT_SET_HERE}", "file:/run/secrets/second"] }
                tenants:
                  - { name: bot, keys: ["${BOT_KEY}", { key: "file:/run/secrets/bot", not-after: 2100-01-01 }] }
                """);
        assertThat(run.with("--config", file.toString())).isEqualTo(2);
        CommandRun offline = new CommandRun(new Check(name -> null));
        assertThat(offline.with("--offline", "--config", file.toString())).as(offline.err()).isZero();
        assertThat(offline.err()).isEmpty();
        assertThat(offline.out()).isEmpty();
    }

    /** Keys that are not at hand are not taken for the same key, wherever they stand. */
    @Test
    void includedFilesAreCheckedOffline() throws IOException {
        Files.createDirectory(folder.resolve("tenants"));
        Files.writeString(folder.resolve("tenants/a.yaml"), "tenants: [{ name: a, keys: ['${A}'] }]");
        Files.writeString(folder.resolve("tenants/b.yaml"), "tenants: [{ name: b, keys: ['${B}'] }]");
        Files.writeString(folder.resolve("tenants/c.yaml"), "tenants: [{ name: c, keys: [{ sha256: '${C}' }] }]");
        Path file = Files.writeString(folder.resolve("pod.yaml"), """
                include: ["tenants/*.yaml", ./tenants/a.yaml]
                upstream: { accounts: [{ name: main, keys: ["${OPENAI}"] }] }
                """);
        assertThat(run.with("--offline", "--config", file.toString())).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @Test
    void formIsCheckedOfflineToo() throws IOException {
        Path file = Files.writeString(folder.resolve("pod.yaml"), """
                upstream: { accounts: [{ name: main, keys: ["${A"], rpm: "1${B}", burts: 3 }] }
                tenants: [{ name: bot, plan: gold, keys: [sha256:12, "${C}"] }]
                """);
        assertThat(run.with("--offline", "--config", file.toString())).isEqualTo(2);
        assertThat(run.err()).contains("upstream.accounts[0] (main) keys[0], line 1: a broken ${…}",
                "upstream.accounts[0] (main) burts, line 1: unknown key (did you mean burst?)",
                "tenants[0] (bot) plan, line 2: gold", "tenants[0] (bot) keys[0], line 2: [redacted]", ": 4 problems");
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
