package sluice.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import sluice.ledger.LedgerUrl;

/** Empty ledgers of either kind, for the tests of one class, which run one after another. */
public final class TestLedgers implements AfterAllCallback {

    /** The databases that a ledger can be. */
    public enum Kind {
        SQLITE, POSTGRES
    }

    /**
     * A ledger that nobody has opened.
     *
     * @param url  as the gateway knows it
     * @param text as it stands in the configuration
     */
    public record Fresh(LedgerUrl url, String text) {}

    private final List<Path> folders = new ArrayList<>();
    private @Nullable PostgresProcess postgres;

    public Fresh fresh(Kind kind) {
        return switch (kind) {
            case SQLITE -> {
                Path file = newFolder().resolve("ledger.db");
                yield new Fresh(new LedgerUrl.Sqlite(file), "sqlite:" + file);
            }
            case POSTGRES -> {
                LedgerUrl.Postgres url = postgres().newDatabase();
                yield new Fresh(url, postgres().text(url.database()));
            }
        };
    }

    /** The server, which runs from its first use on. */
    public PostgresProcess postgres() {
        if (postgres == null) {
            postgres = PostgresProcess.start();
        }
        return postgres;
    }

    private Path newFolder() {
        try {
            Path folder = Files.createTempDirectory("ledger");
            folders.add(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        if (postgres != null) {
            postgres.close();
        }
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
