package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.testing.Await;
import sluice.testing.GatewayProcess;
import sluice.testing.PostgresProcess;
import sluice.testing.TestLedgers;

/** A gateway that is killed under load while its database is away: the next one writes what the spool holds, once. */
@Timeout(180)
class SpoolCrashTest {
    /** Records are on disk each second; the rest is for a machine that has much else to do. */
    private static final Duration LAST_SECOND = Duration.ofSeconds(1 + 5);

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private final PostgresProcess postgres = LEDGERS.postgres();
    private final String database = postgres.newDatabase().database();

    private long sql(String query) {
        return postgres.number(database, query);
    }

    private long spooled() {
        try (Stream<Path> files = Files.list(folder.resolve("spool"))) {
            long lines = 0;
            for (Path file : files.filter(each -> each.toString().endsWith(".calls")).toList()) {
                try (Stream<String> all = Files.lines(file)) {
                    lines += all.count();
                }
            }
            return lines;
        } catch (IOException notYet) {
            return 0;
        }
    }

    @Test
    void killedWhileTheDatabaseIsAway() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.launched(folder, "url: \"%s\", spool: { dir: \"%s\" }"
                .formatted(postgres.text(database), folder.resolve("spool")), "rpm: 1000000")) {
            Await.until("a record", () -> sql("SELECT COUNT(*) FROM call") >= 1);
            postgres.kill();
            gateway.load();
            Await.until("records on disk", () -> spooled() > 200);
            gateway.kill();
            long certain = gateway.answeredBefore(gateway.lastAnswer().minus(LAST_SECOND));
            long onDisk = spooled();

            postgres.restart();
            gateway.launch();
            Await.until("what the spool held", () -> sql("SELECT COUNT(*) FROM call") >= onDisk - 1);
            Await.until("an empty spool", this::spooled, 0);
            Await.until("the last call", () -> sql("SELECT COUNT(*) FROM call") >= certain);
            assertThat(sql("SELECT COUNT(*) FROM call")).isLessThanOrEqualTo(gateway.asked());
            // One query sees one moment: the last records may be written just now.
            assertThat(sql("SELECT (SELECT SUM(calls) FROM usage WHERE slice = 'day') - COUNT(*) FROM call")).isZero();
            assertThat(sql("SELECT COUNT(*) - COUNT(DISTINCT id) FROM call")).isZero();
        }
    }
}
