package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.tenancy.Tenant;
import sluice.yaml.InvalidConfig;

/** A file may include others that hold tenants. */
class IncludeTest {
    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void makeFolder() throws IOException {
        Files.createDirectory(folder.resolve("tenants"));
    }

    private Path main(String more) throws IOException {
        return Files.writeString(folder.resolve("sluice.yaml"), """
                upstream: { accounts: [{ name: main, keys: ["${OPENAI_API_KEY}"] }] }
                plans: { gold: { rpm: 7 } }
                """ + more);
    }

    private void tenants(String file, String yaml) throws IOException {
        Files.writeString(folder.resolve("tenants").resolve(file), yaml);
    }

    private static String problems(Path file) {
        return String.valueOf(catchThrowableOfType(InvalidConfig.class,
                () -> ConfigReader.read(file, Configs.environment())).getMessage());
    }

    @Test
    void tenantsOfAllFilesAreOneList() throws Exception {
        tenants("b.yaml", "tenants: [{ name: b, plan: gold, keys: ['${SEARCH_KEY}'] }]");
        tenants("a.yaml", "tenants: [{ name: a, keys: ['${SUPPORT_BOT_KEY}'] }]");
        tenants("notes.txt", "not: yaml: at all");
        List<Path> read = new ArrayList<>();
        GatewayConfig config = ConfigReader.read(main("""
                include: tenants/*.yaml
                tenants: [{ name: first, keys: ["sha256:%s"] }]
                """.formatted("ab".repeat(32))), Configs.environment(), read::add);
        assertThat(config.tenants()).extracting(Tenant::name).containsExactly("first", "a", "b");
        assertThat(config.tenants().getLast().limits().overall().getFirst().amount()).isEqualTo(7);
        assertThat(read).contains(folder.resolve("sluice.yaml"), folder.resolve("tenants"),
                folder.resolve("tenants/a.yaml"), folder.resolve("tenants/b.yaml"));
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void includedFilesTogetherAreNoLongerThanOneFileMayBe() throws IOException {
        tenants("a.yaml", "#" + "x".repeat(9 << 20));
        tenants("b.yaml", "#" + "x".repeat(9 << 20));
        assertThat(problems(main("include: tenants/*.yaml\n"))).contains("include, line 3: more than ",
                "(expected: at most 16MiB)");
    }

    @Test
    void mistakesSayInWhichFileTheyAre() throws IOException {
        tenants("a.yaml", """
                tenants:
                  - name: a
                    plan: silver
                    keys: ["${SUPPORT_BOT_KEY}"]
                listen: { port: 1 }
                """);
        tenants("b.yaml", "tenants: [{ name: a, keys: ['${SUPPORT_BOT_KEY}'] }]");
        assertThat(problems(main("include: [tenants/a.yaml, tenants/b.yaml]\nqueue: { max-wait: 1 }\n"))).contains(
                ": 5 problems\nqueue.max-wait, line 4: 1 (expected:",
                "\ntenants/a.yaml: tenants[0] (a) plan, line 3: silver (expected:",
                "\ntenants/a.yaml: listen, line 5: unknown key (",
                "\ntenants/b.yaml: tenants[0] (a) name, line 1: a (expected: a name no other tenant has)",
                "\ntenants/b.yaml: tenants[0] (a) keys[0], line 1: key ");
    }

    @Test
    void whatIsNotThereIsAMistake() throws IOException {
        assertThat(problems(main("include: tenants/*.yaml\n"))).contains(
                "include, line 3: tenants/*.yaml matches 0 (expected: at least one file");
        assertThat(problems(main("include: teams/*.yaml\n"))).contains(
                "include, line 3: teams/*.yaml is not in an existing folder (expected: a pattern relative to this file");
        assertThat(problems(main("include: 'tenants/[.yaml'\n"))).contains("include, line 3: tenants/[.yaml");
        assertThat(catchThrowableOfType(InvalidConfig.class, () -> Configs.minimal("include: tenants/*.yaml\n")))
                .hasMessageContaining("include, line 6: tenants/*.yaml (expected: a pattern relative to this file");
    }
}
