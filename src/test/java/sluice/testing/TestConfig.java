package sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;

/**
 * The configuration of a gateway that a test starts by itself. With {@code -Dsluice.plain-edge=off}, Vert.x reads plain
 * calls too in every test that does not say otherwise.
 */
public final class TestConfig {
    private static final String PLAIN_EDGE = System.getProperty("sluice.plain-edge", "");

    private TestConfig() {}

    /** Reads it; {@code variables} gives the value of each, or null. */
    public static GatewayConfig parse(String yaml, Function<String, @Nullable String> variables) throws InvalidConfig {
        return ConfigReader.parse(PLAIN_EDGE.isEmpty() || yaml.contains("plain-edge:") ? yaml : withEdge(yaml),
                variables);
    }

    private static String withEdge(String yaml) {
        String edge = "plain-edge: " + PLAIN_EDGE;
        String braces = yaml.replaceFirst("(?m)^listen: \\{", "listen: { " + edge + ",");
        String lines = braces.replaceFirst("(?m)^listen:$", "listen:\n  " + edge);
        return lines.equals(yaml) ? "listen: { " + edge + " }\n" + yaml : lines;
    }

    /**
     * Reads it; its ledger ends with the tests.
     *
     * @param yaml without a section {@code ledger}
     */
    public static GatewayConfig of(String yaml) throws InvalidConfig {
        Path folder = newFolder();
        return parse("""
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
