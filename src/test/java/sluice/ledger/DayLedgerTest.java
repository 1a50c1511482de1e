package sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.DayLedger.Level;
import sluice.testing.TestLedgers;

/** Levels and revocations in a database of either kind. */
class DayLedgerTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final DayLedger.Key BOT = new DayLedger.Key("tenant/bot", "rpd");
    private static final DayLedger.Key MODEL = new DayLedger.Key("tenant/bot", "tpd gpt-4o*");
    private static final DayLedger.Key MAIN = new DayLedger.Key("account/main", "rpd");

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private static Level level(DayLedger.Key key, long remaining) {
        return new Level(key, remaining, NOON);
    }

    private static Ledger open(LedgerUrl url) {
        return new Ledger(url, Assertions::fail);
    }

    private static Map<DayLedger.Key, Level> read(LedgerUrl url) throws IOException {
        try (Ledger ledger = open(url)) {
            return new DayLedger(ledger).read();
        }
    }

    @Test
    void newFileIsMadeWithItsFoldersAndIsEmpty() throws IOException {
        Path file = folder.resolve("a/b/sluice.db");
        try (Ledger ledger = open(new LedgerUrl.Sqlite(file))) {
            ledger.open();
        }
        assertThat(file).exists();
        assertThat(read(new LedgerUrl.Sqlite(file))).isEmpty();
    }

    @Test
    void fileThatIsNotThereIsEmptyAndIsNotMadeByReading() throws IOException {
        Path file = folder.resolve("none.db");
        try (Ledger ledger = open(new LedgerUrl.Sqlite(file))) {
            assertThat(new DayLedger(ledger).read()).isEmpty();
            assertThat(new RevokedKeys(ledger).read()).isEmpty();
        }
        assertThat(file).doesNotExist();
    }

    /** So it does where the disk is full, and JDBC goes on as if nothing had happened. */
    @Test
    void transactionThatSqliteEndsByItselfHarmsNoLaterOne() throws IOException {
        LedgerUrl url = new LedgerUrl.Sqlite(folder.resolve("sluice.db"));
        AtomicInteger failures = new AtomicInteger();
        try (Ledger ledger = new Ledger(url, failures::incrementAndGet)) {
            DayLedger levels = new DayLedger(ledger);
            levels.write(List.of(level(BOT, 5)));
            assertThatThrownBy(() -> ledger.write(transaction -> {
                try (Statement statement = transaction.connection().createStatement()) {
                    statement.execute("INSERT INTO revoked_key VALUES ('k')");
                    statement.execute("ROLLBACK");
                }
                throw new SQLException("[SQLITE_FULL] database or disk is full");
            })).isInstanceOf(IOException.class);
            levels.write(List.of(level(BOT, 4)));
            assertThat(levels.read()).containsOnly(Map.entry(BOT, level(BOT, 4)));
        }
        assertThat(failures).hasValue(1);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadByTheNextProcess(TestLedgers.Kind kind) throws IOException {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        try (Ledger ledger = open(url)) {
            DayLedger levels = new DayLedger(ledger);
            levels.write(List.of(level(BOT, 5), level(MODEL, -7), level(MAIN, Long.MAX_VALUE)));
            levels.write(List.of(new Level(BOT, 4, NOON.plusMillis(1))));
            levels.write(List.of());
        }
        assertThat(read(url)).containsOnly(Map.entry(BOT, new Level(BOT, 4, NOON.plusMillis(1))),
                Map.entry(MODEL, level(MODEL, -7)), Map.entry(MAIN, level(MAIN, Long.MAX_VALUE)));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsThereWithoutAnEndInGoodOrder(TestLedgers.Kind kind) throws IOException {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        Ledger ledger = open(url);
        new DayLedger(ledger).write(List.of(level(BOT, 5)));
        assertThat(read(url)).containsEntry(BOT, level(BOT, 5));
        ledger.close();
    }

    @ParameterizedTest
    @EnumSource
    void namesMayHoldAnything(TestLedgers.Kind kind) throws IOException {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        DayLedger.Key odd = new DayLedger.Key("tenant/'; DROP TABLE day_level; --", "ключ %_?");
        try (Ledger ledger = open(url)) {
            new DayLedger(ledger).write(List.of(level(odd, 1)));
        }
        assertThat(read(url)).containsOnlyKeys(odd);
    }

    @Test
    void nameOfAFileMayHoldQuotes() throws IOException {
        LedgerUrl url = new LedgerUrl.Sqlite(folder.resolve("it's a \"ledger\".db"));
        try (Ledger ledger = open(url)) {
            new DayLedger(ledger).write(List.of(level(BOT, 1)));
        }
        assertThat(read(url)).containsOnlyKeys(BOT);
    }

    @ParameterizedTest
    @EnumSource
    void rowThatAnotherHasWrittenSinceIsNotCorrected(TestLedgers.Kind kind) throws IOException {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        try (Ledger here = open(url); Ledger there = open(url)) {
            Level row = level(BOT, 5);
            new DayLedger(here).write(List.of(row, level(MAIN, 5)));
            new DayLedger(there).write(List.of(level(MAIN, 2)));
            new DayLedger(here).correct(List.of(new DayLedger.Correction(row, level(BOT, 6)),
                    new DayLedger.Correction(level(MAIN, 5), level(MAIN, 6)),
                    new DayLedger.Correction(level(MODEL, 5), level(MODEL, 6))));
        }
        assertThat(read(url)).containsOnly(Map.entry(BOT, level(BOT, 6)), Map.entry(MAIN, level(MAIN, 2)));
    }

    @ParameterizedTest
    @EnumSource
    void revocationsAreKeptUntilTheyAreRestored(TestLedgers.Kind kind) throws IOException {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        try (Ledger ledger = open(url)) {
            RevokedKeys keys = new RevokedKeys(ledger);
            keys.write("one", true);
            keys.write("two", true);
            keys.write("two", true);
            keys.write("one", false);
            keys.write("three", false);
        }
        try (Ledger ledger = open(url)) {
            assertThat(new RevokedKeys(ledger).read()).containsExactly("two");
        }
    }

    /** For a limit of 1000 a day. */
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
        try (Ledger ledger = open(new LedgerUrl.Sqlite(file))) {
            assertThatThrownBy(ledger::open).isInstanceOf(IOException.class).hasMessageContaining("text.db");
        }
    }

    @Test
    void placeThatIsNoFolderIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        try (Ledger ledger = open(new LedgerUrl.Sqlite(file.resolve("sluice.db")))) {
            assertThatThrownBy(ledger::open).isInstanceOf(IOException.class);
        }
    }
}
