package sluice.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.testing.Certificate;
import sluice.yaml.InvalidConfig;

/** Configurations for tests. */
final class Configs {
    static final String OPENAI_KEY = "sk-upstream-0123456789";
    static final String BOT_KEY = "sk-sluice-0123456789012345678901234567890123456789012";
    static final String ADMIN_TOKEN = "hush-hush-admin-token";
    static final Path EVERY_KEY = Path.of("src/test/resources/config/every-key.yaml");
    static final Path SHIPPED = Path.of("config/sluice.yaml");
    static final Path EXAMPLE = Path.of("config/example.yaml");

    /** What {@link #EVERY_KEY} names as the listener's certificate, and as those of authorities. */
    static final Certificate SERVER = server();

    private static final Map<String, String> VARIABLES = Map.of("OPENAI_API_KEY", OPENAI_KEY, "SUPPORT_BOT_KEY",
            BOT_KEY, "SEARCH_KEY", "sk-sluice-search-search-search", "EMPTY", "", "SHORT", "tiny-secret", "ADMIN_TOKEN",
            ADMIN_TOKEN, "SPACED", "hush hush hush hush hush", "SERVER_CERTIFICATE", SERVER.pem().toString(),
            "SERVER_KEY", SERVER.key().toString());

    private Configs() {}

    private static Certificate server() {
        try {
            Path folder = Files.createTempDirectory("sluice");
            Certificate made = Certificate.selfSigned(folder, "127.0.0.1");
            Stream.of(folder, folder.resolve("store.p12"), made.pem(), made.key())
                    .forEach(file -> file.toFile().deleteOnExit());
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Function<String, @Nullable String> environment() {
        return VARIABLES::get;
    }

    /** The least that can be started, with more lines after it. */
    static GatewayConfig minimal(String more) throws InvalidConfig {
        return ConfigReader.parse("""
                upstream:
                  accounts:
                    - name: main
                      tier: paid
                      keys: ["${OPENAI_API_KEY}"]
                """ + more, environment());
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
