package sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;

/** The configuration of a gateway that a test starts by itself. Its ledger ends with the tests. */
public final class TestConfig {
    private TestConfig() {}

    /**
     * Reads it.
     *
     * @param yaml without a section {@code ledger}
     */
    public static GatewayConfig of(String yaml) throws InvalidConfig {
        Path folder = newFolder();
        return ConfigReader.parse("""
                ledger: { url: "sqlite:%s", spool: { dir: "%s" } }
                """.formatted(folder.resolve("ledger.db"), folder.resolve("spool")) + yaml, name -> null);
    }

    private static Path newFolder() {
        try {
            Path folder = Files.createTempDirectory("ledger");
            Stream.of("", "ledger.db", "ledger.db-wal", "ledger.db-shm", "spool")
                    .forEach(name -> folder.resolve(name).toFile().deleteOnExit());
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
