package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.yaml.Document;
import sluice.yaml.Findings;
import sluice.yaml.Interpolation;
import sluice.yaml.InvalidConfig;
import sluice.yaml.KeyObserver;

/** config/sluice.schema.json and docs/configuration.md say what the readers accept. */
class ConfigSchemaTest {
    private static final Path FILE = Path.of("config/sluice.schema.json");
    private static final Path REFERENCE = Path.of("docs/configuration.md");

    /** What a schema cannot know: it sees one value at a time, and neither variables nor other files. */
    private static final Set<String> BEYOND = Set.of("account-key-twice", "broken-variable", "burst", "duplicate-key",
            "empty-secret-file", "files", "plan", "redis", "secret-in-the-wrong-place", "shared-objects",
            "second-tier", "second-tier-key", "shared-objects-of-replicas", "syntax",
            "tenant-key-of-account", "tenant-key-of-admin", "tenant-key-twice", "two-documents", "unset-variable",
            "reserved-character", "admin", "proxy-login", "batch-share", "odd-keys", "variable-of-wrong-form",
            "ledger-file");

    private static JsonObject generated() {
        String shipped = Configs.text(Configs.SHIPPED).replaceAll("(?m)^( *)#(?! \\S|$)", "$1");
        RecordedKeys all = new RecordedKeys();
        RecordedKeys every = new RecordedKeys();
        read(shipped, all);
        read(Configs.text(Configs.EVERY_KEY), every);
        return ConfigSchema.of(List.of(all, every), shipped);
    }

    private static void read(String yaml, KeyObserver keys) {
        try {
            ConfigReader.read(Document.of("all", yaml),
                    new Findings(new Interpolation(Configs.environment()), keys));
        } catch (InvalidConfig mistakes) {
            // Files that are not there: what was asked for is known all the same.
        }
    }

    private static Schema schema() throws IOException {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Files.readString(FILE), InputFormat.JSON);
    }

    private static List<Error> mistakes(Path file) throws IOException {
        Object yaml = new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                .loadFromString(Configs.text(file));
        return schema().validate(Json.encode(yaml), InputFormat.JSON);
    }

    /** To write it anew: mvn test -Dtest=ConfigSchemaTest -Dsluice.schema.write=true. */
    @Test
    void isWhatTheReadersAskFor() throws IOException {
        String made = generated().encodePrettily() + "\n";
        if (Boolean.getBoolean("sluice.schema.write")) {
            Files.writeString(FILE, made);
        }
        assertThat(Files.readString(FILE)).isEqualTo(made);
    }

    @Test
    void referenceListsEveryKeyWithItsDescription() throws IOException, InvalidConfig {
        String made = ConfigReference.of(generated(), Configs.text(Configs.SHIPPED));
        if (Boolean.getBoolean("sluice.schema.write")) {
            Files.writeString(REFERENCE, made);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(made);
        assertThat(made.lines().filter(row -> row.endsWith("|  |"))).as("keys without a description").isEmpty();
    }

    static Stream<Path> goodFiles() {
        return Stream.of(Configs.SHIPPED, Configs.EXAMPLE, Configs.EVERY_KEY);
    }

    @ParameterizedTest
    @MethodSource("goodFiles")
    void goodFilePasses(Path file) throws IOException {
        assertThat(mistakes(file)).isEmpty();
    }

    static List<Path> badFiles() throws IOException {
        return BadFilesTest.badFiles().stream()
                .filter(file -> !BEYOND.contains(file.getFileName().toString().replace(".yaml", ""))).toList();
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void badFileIsCaught(Path file) throws IOException {
        assertThat(mistakes(file)).isNotEmpty();
    }

    @Test
    void everyKeyThatIsExplainedHasADescription() throws IOException {
        JsonObject listen = generated().getJsonObject("properties").getJsonObject("listen").getJsonObject("properties");
        assertThat(listen.getJsonObject("port").getString("description")).isEqualTo("0: any free port");
        assertThat(Files.readString(FILE)).contains("may finish", "of a tenant's calls that may be retried");
    }
}
