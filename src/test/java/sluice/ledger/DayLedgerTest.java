package sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.ledger.DayLedger.Level;

class DayLedgerTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final DayLedger.Key BOT = new DayLedger.Key("tenant/bot", "rpd");
    private static final DayLedger.Key MODEL = new DayLedger.Key("tenant/bot", "tpd gpt-4o*");
    private static final DayLedger.Key MAIN = new DayLedger.Key("account/main", "rpd");

    @TempDir
    private Path folder = Path.of("");

    private static Level level(DayLedger.Key key, long remaining) {
        return new Level(key, remaining, NOON);
    }

    private Map<DayLedger.Key, Level> read(Path file) throws IOException {
        try (DayLedger ledger = DayLedger.open(file)) {
            return ledger.read();
        }
    }

    @Test
    void newFileIsMadeWithItsFoldersAndIsEmpty() throws IOException {
        Path file = folder.resolve("a/b/sluice.db");
        assertThat(read(file)).isEmpty();
        assertThat(file).exists();
    }

    @Test
    void whatIsWrittenIsReadByTheNextProcess() throws IOException {
        Path file = folder.resolve("sluice.db");
        try (DayLedger ledger = DayLedger.open(file)) {
            ledger.write(List.of(level(BOT, 5), level(MODEL, -7), level(MAIN, 1_000_000_000)));
            ledger.write(List.of(new Level(BOT, 4, NOON.plusMillis(1))));
            ledger.write(List.of());
        }
        assertThat(read(file)).containsOnly(Map.entry(BOT, new Level(BOT, 4, NOON.plusMillis(1))),
                Map.entry(MODEL, level(MODEL, -7)), Map.entry(MAIN, level(MAIN, 1_000_000_000)));
    }

    @Test
    void whatIsWrittenIsThereWithoutAnEndInGoodOrder() throws IOException {
        Path file = folder.resolve("sluice.db");
        DayLedger ledger = DayLedger.open(file);
        ledger.write(List.of(level(BOT, 5)));
        assertThat(read(file)).containsEntry(BOT, level(BOT, 5));
        ledger.close();
    }

    @Test
    void namesMayHoldAnything() throws IOException {
        Path file = folder.resolve("it's a \"ledger\".db");
        DayLedger.Key odd = new DayLedger.Key("tenant/'; DROP TABLE day_level; --", "ключ %_?");
        try (DayLedger ledger = DayLedger.open(file)) {
            ledger.write(List.of(level(odd, 1)));
        }
        assertThat(read(file)).containsOnlyKeys(odd);
    }

    /** Of a limit of 1000 a day. */
    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0, 12, 500", "0, 24, 1000", "400, 6, 650", "900, 12, 1000", "400, 1000, 1000",
            "-500, 12, 0", "-500, 6, -250", "400, -5, 400", "5000, 0, 1000"})
    void limitComesBackEvenlyOverADayWhileTheProcessIsDown(long remaining, long hours, long expected) {
        assertThat(level(BOT, remaining).remaining(1000, NOON.plus(Duration.ofHours(hours)))).isEqualTo(expected);
    }

    @Test
    void fileThatIsNoDatabaseIsToldByItsName() throws IOException {
        Path file = Files.writeString(folder.resolve("text.db"),
                "This is not a database, but long enough. ".repeat(50));
        assertThatThrownBy(() -> DayLedger.open(file)).isInstanceOf(IOException.class)
                .hasMessageContaining("text.db");
    }

    @Test
    void placeThatIsNoFolderIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> DayLedger.open(file.resolve("sluice.db"))).isInstanceOf(IOException.class);
    }
}
