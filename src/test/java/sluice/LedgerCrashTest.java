package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.DayLedger;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.testing.Await;
import sluice.testing.GatewayProcess;
import sluice.testing.TestLedgers;

/** A gateway that is killed under load, its database with it: what it had not written in its last second is lost. */
@Timeout(180)
class LedgerCrashTest {
    private static final DayLedger.Key BOT = new DayLedger.Key("tenant/bot", "rpd");
    private static final int LIMIT = 20_000;
    /** Levels are written every second; the rest is for a machine that has much else to do. */
    private static final Duration LAST_SECOND = Duration.ofSeconds(1 + 5);

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private static DayLedger.@Nullable Level row(LedgerUrl url) {
        try (Ledger ledger = new Ledger(url, () -> {
            // It may be locked at this moment.
        })) {
            Map<DayLedger.Key, DayLedger.Level> levels = new DayLedger(ledger).read();
            return levels.get(BOT);
        } catch (IOException busy) {
            return null;
        }
    }

    private static long remaining(GatewayProcess gateway) {
        return gateway.ask().headers().firstValueAsLong("x-ratelimit-remaining-requests").orElse(-1);
    }

    @ParameterizedTest
    @EnumSource
    void killedUnderLoad(TestLedgers.Kind kind) throws Exception {
        TestLedgers.Fresh ledger = LEDGERS.fresh(kind);
        try (GatewayProcess gateway = GatewayProcess.launched(folder, "url: \"" + ledger.text() + "\"",
                "rpm: 1000000, rpd: " + LIMIT)) {
            gateway.load();
            Await.until("some levels", () -> {
                DayLedger.Level level = row(ledger.url());
                return level != null && level.remaining() < LIMIT - 200;
            });

            gateway.kill();
            if (kind == TestLedgers.Kind.POSTGRES) {
                LEDGERS.postgres().kill();
                LEDGERS.postgres().restart();
            }
            DayLedger.Level level = row(ledger.url());
            assertThat(level).isNotNull();
            long cameBack = 1 + LIMIT * Duration.ofMinutes(3).toSeconds() / Duration.ofDays(1).toSeconds();
            assertThat(Duration.between(level.at(), gateway.lastAnswer())).isLessThan(LAST_SECOND);
            assertThat(level.remaining()).isLessThanOrEqualTo(LIMIT - gateway.answeredBefore(level.at()) + cameBack);

            gateway.launch();
            assertThat(remaining(gateway)).isLessThanOrEqualTo(level.remaining() + cameBack);
        }
    }
}
