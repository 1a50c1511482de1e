package sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.DayLedger.Level;
import sluice.testing.Await;
import sluice.testing.CapturedLog;
import sluice.testing.TestLedgers;

/** Processes of several versions on one database, and the tables that an earlier one has left. */
@Timeout(60)
class SharedLedgerTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final DayLedger.Key BOT = new DayLedger.Key("tenant/bot", "rpd");
    private static final DayLedger.Key OLD = new DayLedger.Key("tenant/old", "rpd");
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** As versions without a history made and used it. */
    private static final String OLD_LEVELS = "CREATE TABLE IF NOT EXISTS day_level (owner TEXT NOT NULL, "
            + "name TEXT NOT NULL, remaining INTEGER NOT NULL, at_millis INTEGER NOT NULL, PRIMARY KEY (owner, name))";
    private static final String OLD_KEYS = "CREATE TABLE IF NOT EXISTS revoked_key (id TEXT PRIMARY KEY)";
    private static final String OLD_WRITE = "INSERT INTO day_level VALUES (?, ?, ?, ?) ON CONFLICT (owner, name) "
            + "DO UPDATE SET remaining = excluded.remaining, at_millis = excluded.at_millis";

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private final AtomicInteger errors = new AtomicInteger();

    private static Connection connect(LedgerUrl url) throws SQLException {
        return switch (url) {
            case LedgerUrl.Sqlite file -> DriverManager.getConnection("jdbc:sqlite:" + file.file());
            case LedgerUrl.Postgres server -> LEDGERS.postgres().connect(server.database());
        };
    }

    private static void execute(LedgerUrl url, String... statements) throws SQLException {
        try (Connection connection = connect(url); Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static void writeAsBefore(LedgerUrl url, Level level) throws SQLException {
        try (Connection connection = connect(url);
                PreparedStatement statement = connection.prepareStatement(OLD_WRITE)) {
            statement.setString(1, level.key().owner());
            statement.setString(2, level.key().limit());
            statement.setLong(3, level.remaining());
            statement.setLong(4, level.at().toEpochMilli());
            statement.addBatch();
            statement.executeBatch();
        }
    }

    private static List<String> versions(LedgerUrl url) throws SQLException {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT version FROM sluice_schema_history WHERE success ORDER BY installed_rank")) {
            List<String> versions = new ArrayList<>();
            while (rows.next()) {
                versions.add(rows.getString(1));
            }
            return versions;
        }
    }

    private static Ledger ledger(LedgerUrl url) {
        return new Ledger(url, Assertions::fail);
    }

    /** Another process, with other migrations, which it looks for in a folder. */
    private static Flyway flyway(LedgerUrl.Postgres url, Path migrations) {
        return Flyway.configure().dataSource(Database.of(url).connectionsForMigrations())
                .placeholders(Map.of("clustered", "")).locations("filesystem:" + migrations)
                .table("sluice_schema_history").load();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void fileOfBeforeIsTakenOver(boolean levels, boolean keys) throws Exception {
        LedgerUrl url = LEDGERS.fresh(TestLedgers.Kind.SQLITE).url();
        if (levels) {
            execute(url, OLD_LEVELS);
            writeAsBefore(url, new Level(OLD, 5, NOON));
        }
        if (keys) {
            execute(url, OLD_KEYS, "INSERT OR IGNORE INTO revoked_key VALUES ('0123456789ab')");
        }
        for (int start = 0; start < 2; start++) {
            try (Ledger ledger = ledger(url)) {
                ledger.open();
                assertThat(new DayLedger(ledger).read())
                        .isEqualTo(levels ? Map.of(OLD, new Level(OLD, 5, NOON)) : Map.of());
                assertThat(new RevokedKeys(ledger).read()).hasSize(keys ? 1 : 0);
            }
            assertThat(versions(url)).startsWith("0").endsWith(latest()).hasSize(1 + migrations().size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void olderProcessWritesTheSameRowsByItsOwnStatements(TestLedgers.Kind kind) throws Exception {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        try (Ledger ledger = ledger(url)) {
            ledger.open();
            execute(url, OLD_LEVELS, OLD_KEYS);
            new DayLedger(ledger).write(List.of(new Level(BOT, 9, NOON)));
            writeAsBefore(url, new Level(BOT, 8, NOON.plusMillis(1)));
            writeAsBefore(url, new Level(OLD, 5, NOON));
            assertThat(new DayLedger(ledger).read()).containsOnly(Map.entry(BOT, new Level(BOT, 8, NOON.plusMillis(1))),
                    Map.entry(OLD, new Level(OLD, 5, NOON)));
            new DayLedger(ledger).write(List.of(new Level(OLD, 4, NOON.plusMillis(2))));
        }
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT remaining FROM day_level ORDER BY owner")) {
            rows.next();
            assertThat(rows.getLong(1)).isEqualTo(8);
            rows.next();
            assertThat(rows.getLong(1)).isEqualTo(4);
        }
    }

    @Test
    void newerProcessMayHaveExpandedTheTables() throws Exception {
        LedgerUrl.Postgres url = LEDGERS.postgres().newDatabase();
        try (Ledger before = ledger(url)) {
            new DayLedger(before).write(List.of(new Level(BOT, 9, NOON)));
            copyMigrations();
            Files.writeString(folder.resolve("V1000__more.sql"), "ALTER TABLE day_level ADD COLUMN more TEXT; "
                    + "ALTER TABLE call ADD COLUMN more TEXT; CREATE TABLE later (id TEXT PRIMARY KEY);");
            flyway(url, folder).migrate();
            new DayLedger(before).write(List.of(new Level(BOT, 8, NOON)));
        }
        try (Ledger after = ledger(url)) {
            assertThat(new DayLedger(after).read()).containsValue(new Level(BOT, 8, NOON));
        }
        assertThat(versions(url)).endsWith(latest(), "1000").hasSize(migrations().size() + 1);
    }

    @RepeatedTest(5)
    void manyThatStartAtOnceMigrateOnce() throws Exception {
        LedgerUrl.Postgres url = LEDGERS.postgres().newDatabase();
        List<Thread> starting = new ArrayList<>();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int process = 0; process < 6; process++) {
            starting.add(Thread.ofPlatform().start(() -> {
                try (Ledger ledger = ledger(url)) {
                    ledger.open();
                } catch (Throwable failure) {
                    failures.add(failure);
                }
            }));
        }
        for (Thread each : starting) {
            each.join();
        }
        assertThat(failures).isEmpty();
        assertThat(versions(url)).containsExactlyInAnyOrderElementsOf(migrations());
    }

    @Test
    void migrationsOfAnotherThatTakeTooLongAreNotWaitedFor() throws Exception {
        LedgerUrl.Postgres url = LEDGERS.postgres().newDatabase();
        copyMigrations();
        Path first = folder.resolve("V1__day_levels_and_revocations.sql");
        Files.writeString(first, "SELECT pg_advisory_lock(42);" + Files.readString(first));
        try (CapturedLog log = CapturedLog.open();
                Connection gate = connect(url);
                Statement statement = gate.createStatement();
                Ledger ledger = new Ledger(url, PATIENCE, errors::incrementAndGet)) {
            statement.execute("SELECT pg_advisory_lock(42)");
            Thread other = Thread.ofPlatform().start(() -> flyway(url, folder).migrate());
            Await.until("the other's migration", () -> waiting(url));

            ledger.open();
            assertThat(new DayLedger(ledger).read()).isEmpty();
            assertThat(new RevokedKeys(ledger).read()).isEmpty();
            assertThat(errors).hasValue(1);
            assertThat(log.lines()).filteredOn(line -> line.contains("the ledger")).singleElement().asString()
                    .contains("has been under migration by another process for more than 1 s");

            assertThat(failsToWrite(ledger)).isTrue();
            statement.execute("SELECT pg_advisory_unlock(42)");
            other.join();
            new DayLedger(ledger).write(List.of(new Level(BOT, 9, NOON)));
            assertThat(log.lines()).filteredOn(line -> line.contains("is back")).hasSize(1);
            assertThat(new DayLedger(ledger).read()).containsOnlyKeys(BOT);
        }
    }

    /** As this process has them. */
    private void copyMigrations() throws IOException {
        try (Stream<Path> migrations = Files.list(Path.of("src/main/resources/sluice/ledger"))) {
            for (Path each : migrations.toList()) {
                Files.copy(each, folder.resolve(each.getFileName()));
            }
        }
    }

    /** The versions of all migrations, first to last. */
    private static List<String> migrations() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/sluice/ledger"))) {
            return files.map(file -> file.getFileName().toString())
                    .map(name -> name.substring(1, name.indexOf("__")).replace('_', '.'))
                    .sorted(Comparator.comparingDouble(Double::parseDouble)).toList();
        }
    }

    private static String latest() throws IOException {
        return migrations().getLast();
    }

    private static boolean waiting(LedgerUrl url) {
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' "
                        + "AND objid = 42 AND NOT granted")) {
            return rows.next();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean failsToWrite(Ledger ledger) {
        try {
            new DayLedger(ledger).write(List.of(new Level(BOT, 9, NOON)));
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
