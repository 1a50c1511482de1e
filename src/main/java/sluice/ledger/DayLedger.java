package sluice.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The levels of daily limits, written regularly so that a restart loses at most what happened since the last write. Its
 * methods block and are never called on an event loop.
 */
public final class DayLedger implements AutoCloseable {

    /**
     * Identifies a limit.
     *
     * @param owner whose limit it is, such as {@code tenant/support-bot}
     * @param limit its name within the owner
     */
    public record Key(String owner, String limit) {}

    /**
     * What was left of a limit at some point in time.
     *
     * @param key       which limit
     * @param remaining what was left
     * @param at        when
     */
    public record Level(Key key, long remaining, Instant at) {

        /** What is left at a later time, for a limit that refills evenly over a day. */
        public long remaining(long limit, Instant now) {
            double days = (double) Math.max(0, Duration.between(at, now).toMillis()) / Duration.ofDays(1).toMillis();
            return (long) Math.min((double) limit, remaining + days * limit);
        }
    }

    private static final LedgerFile.Table TABLE = new LedgerFile.Table("day_level",
            List.of("owner", "name", "remaining", "at_millis"), "owner TEXT NOT NULL, name TEXT NOT NULL, "
                    + "remaining INTEGER NOT NULL, at_millis INTEGER NOT NULL, PRIMARY KEY (owner, name)");

    private final LedgerFile file;
    private final Connection connection;

    private DayLedger(LedgerFile file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * Opens the file, creating it if there is none.
     *
     * @throws IOException unless it can be read and written
     */
    public static DayLedger open(Path path) throws IOException {
        LedgerFile file = new LedgerFile(path);
        Connection connection = file.open(TABLE);
        try {
            connection.setAutoCommit(false);
            return new DayLedger(file, connection);
        } catch (SQLException e) {
            throw file.failure("opened", e);
        }
    }

    /** All levels, as last written. */
    public synchronized Map<Key, Level> read() throws IOException {
        Map<Key, Level> levels = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT owner, name, remaining, at_millis FROM day_level")) {
            while (rows.next()) {
                Key key = new Key(rows.getString(1), rows.getString(2));
                levels.put(key, new Level(key, rows.getLong(3), Instant.ofEpochMilli(rows.getLong(4))));
            }
            connection.commit();
            return levels;
        } catch (SQLException e) {
            throw file.failure("read", e);
        }
    }

    /** Writes all of these levels or none. */
    public synchronized void write(Collection<Level> levels) throws IOException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO day_level VALUES (?, ?, ?, ?) ON CONFLICT (owner, name) "
                        + "DO UPDATE SET remaining = excluded.remaining, at_millis = excluded.at_millis")) {
            for (Level level : levels) {
                statement.setString(1, level.key().owner());
                statement.setString(2, level.key().limit());
                statement.setLong(3, level.remaining());
                statement.setLong(4, level.at().toEpochMilli());
                statement.addBatch();
            }
            statement.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            rollBack();
            throw file.failure("written", e);
        }
    }

    /** Keeps the next commit from writing what failed. */
    private void rollBack() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The original failure is reported.
        }
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw file.failure("closed", e);
        }
    }
}
