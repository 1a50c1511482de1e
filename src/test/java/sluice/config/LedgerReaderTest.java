package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.ledger.LedgerUrl;
import sluice.yaml.InvalidConfig;
import sluice.yaml.Problem;

/** The address of the ledger, which may hold a password. */
class LedgerReaderTest {
    private static final String WHOLE = "postgresql://sl%40uice:p%40ss%2Fw+rd@db1.internal:5433,[fd00::1]/the%20ledger"
            + "?sslmode=verify-full&sslrootcert=/etc/ca.pem";

    @TempDir
    private Path folder = Path.of("");

    private static GatewayConfig config(String url) throws InvalidConfig {
        return ConfigReader.parse("""
                upstream: { accounts: [{ name: main, keys: ["${OPENAI_API_KEY}"] }] }
                tenants: [{ name: bot, keys: ["${SUPPORT_BOT_KEY}"] }]
                ledger: { url: "%s" }
                """.formatted(url), name -> name.equals("LEDGER") ? WHOLE : Configs.environment().apply(name));
    }

    @Test
    void everyPartOfAServersAddress() throws InvalidConfig {
        assertThat(config(WHOLE).ledger()).isEqualTo(new LedgerUrl.Postgres(
                List.of(new LedgerUrl.Host("db1.internal", 5433), new LedgerUrl.Host("fd00::1", 5432)), "the ledger",
                Optional.of(new LedgerUrl.Login("sl@uice", Optional.of("p@ss/w+rd"))),
                Map.of("sslmode", "verify-full", "sslrootcert", "/etc/ca.pem")));
    }

    @Test
    void leastOfAServersAddress() throws InvalidConfig {
        assertThat(config("postgres://db/sluice").ledger()).isEqualTo(new LedgerUrl.Postgres(
                List.of(new LedgerUrl.Host("db", 5432)), "sluice", Optional.empty(), Map.of()));
    }

    @Test
    void isAFileByDefault() throws InvalidConfig {
        assertThat(config("").ledger()).isEqualTo(new LedgerUrl.Sqlite(Path.of("data/sluice.db")));
        assertThat(config("").warnings()).isEmpty();
        assertThat(config("sqlite:/var/lib/a b.db").ledger())
                .isEqualTo(new LedgerUrl.Sqlite(Path.of("/var/lib/a b.db")));
    }

    @Test
    void mayComeFromAVariableOrAFileAndIsAWarningInPlainText() throws InvalidConfig, IOException {
        Path file = Files.writeString(folder.resolve("url"), WHOLE + "\n");
        GatewayConfig plain = config(WHOLE);

        assertThat(config("${LEDGER}").ledger()).isEqualTo(plain.ledger());
        assertThat(config("file:" + file).ledger()).isEqualTo(plain.ledger());
        assertThat(plain.warnings()).singleElement().asString()
                .startsWith("ledger.url, line 3: a secret in plain text");
        assertThat(config("${LEDGER}").warnings()).isEmpty();
        assertThat(config("file:" + file).warnings()).isEmpty();
        assertThat(config("postgresql://sluice@db/sluice").warnings()).isEmpty();
    }

    @Test
    void offlineAFileIsNotRead() throws InvalidConfig, IOException {
        Path config = Files.writeString(folder.resolve("sluice.yaml"), """
                upstream: { accounts: [{ name: main, keys: ["${OPENAI_API_KEY}"] }] }
                tenants: [{ name: bot, keys: ["${SUPPORT_BOT_KEY}"] }]
                ledger: { url: "file:/nowhere/url" }
                """);
        assertThat(ConfigReader.readOffline(config).warnings()).isEmpty();
    }

    @Test
    void isPrintedWithoutItsPasswordAndCanBeReadAgain() throws InvalidConfig {
        GatewayConfig config = config(WHOLE);
        String printed = config.effective().yaml();

        assertThat(printed).contains("postgresql://sl%40uice:[redacted]@db1.internal:5433,[fd00::1]:5432/the%20ledger"
                + "?sslmode=verify-full&sslrootcert=/etc/ca.pem").doesNotContain("ss/w", "p%40ss");
        assertThat(config.toString()).doesNotContain("ss/w", "p%40ss");
        GatewayConfig again = ConfigReader.parse(printed, name -> null);
        assertThat(again.effective().yaml()).isEqualTo(printed);
        assertThat(again.warnings()).anyMatch(warning -> warning.startsWith("ledger.url")
                && warning.contains("put the secret itself"));
    }

    @Test
    void anotherPasswordNeedsARestart() throws InvalidConfig {
        assertThat(new ConfigChange(config(WHOLE), config(WHOLE.replace("w+rd", "word"))).needRestart())
                .extracting(Problem::toString).singleElement().asString()
                .isEqualTo("ledger: a secret in it has changed (needs a restart)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql://", "postgresql://db", "postgresql://db/", "postgresql:///db",
            "postgresql://hush:pa@hush@db/x", "postgresql://hush:hush@db:hush/x", "postgresql://u:hush@db:0/x",
            "postgresql://u:hush@db:65536/x", "postgresql://u:%zz@db/x", "postgresql://u:hush@db/x#hush",
            "postgresql://u:hush@db,/x", "postgresql://db/x?password=hush", "postgresql://db/x?user=hush",
            "postgresql://db/x?hush", "jdbc:postgresql://u:hush@db/x", "PostgreSQL://u:hush@db/x"})
    void whatIsNoAddressIsRefusedWithoutShowingIt(String url) {
        InvalidConfig refused = catchThrowableOfType(InvalidConfig.class, () -> config(url));

        assertThat(refused.problems()).singleElement().asString().startsWith("ledger.url, line 3: ");
        assertThat(refused.getMessage()).doesNotContain("hush");
    }
}
