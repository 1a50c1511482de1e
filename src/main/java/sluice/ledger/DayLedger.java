package sluice.ledger;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The levels of daily limits, written regularly so that a restart loses at most what happened since the last write. Its
 * methods block and are never called on an event loop.
 */
public final class DayLedger {

    /**
     * Identifies a limit.
     *
     * @param owner whose limit it is, such as {@code tenant/support-bot}
     * @param limit its name within the owner
     */
    public record Key(String owner, String limit) {

        // By hand: the first of a record's own to be called would delay each start by 10 ms.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && owner.equals(key.owner) && limit.equals(key.limit);
        }

        @Override
        public int hashCode() {
            return 31 * owner.hashCode() + limit.hashCode();
        }
    }

    /**
     * What remained of a limit at some point in time.
     *
     * @param key       which limit
     * @param remaining what was left
     * @param at        when
     */
    public record Level(Key key, long remaining, Instant at) {

        /** What remains at a later time, for a limit that refills evenly over a day. */
        public long remaining(long limit, Instant now) {
            double days = (double) Math.max(0, Duration.between(at, now).toMillis()) / Duration.ofDays(1).toMillis();
            return (long) Math.min((double) limit, remaining + days * limit);
        }
    }

    /**
     * A level that differs from what its row implies by no more than rounding.
     *
     * @param row the row, as this process knows it
     */
    record Correction(Level row, Level level) {}

    private static final String READ = "SELECT owner, name, remaining, at_millis FROM day_level";
    private static final String WRITE = "INSERT INTO day_level (owner, name, remaining, at_millis) VALUES (?, ?, ?, ?) "
            + "ON CONFLICT (owner, name) DO UPDATE SET remaining = excluded.remaining, at_millis = excluded.at_millis";
    private static final String CORRECT = "UPDATE day_level SET remaining = ?, at_millis = ? "
            + "WHERE owner = ? AND name = ? AND remaining = ? AND at_millis = ?";
    /** Replicas write the same rows in the same order, so they cannot deadlock. */
    private static final Comparator<Level> IN_ORDER = Comparator.comparing((Level level) -> level.key().owner())
            .thenComparing(level -> level.key().limit());

    private final Ledger ledger;

    /** The ledger need not exist. */
    public DayLedger(Ledger ledger) {
        this.ledger = ledger;
    }

    /** All levels, as last written. */
    public Map<Key, Level> read() throws IOException {
        return ledger.read(Map.of(), transaction -> {
            Map<Key, Level> levels = new HashMap<>();
            try (PreparedStatement statement = transaction.prepare(READ); ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Key key = new Key(rows.getString(1), rows.getString(2));
                    levels.put(key, new Level(key, rows.getLong(3), Instant.ofEpochMilli(rows.getLong(4))));
                }
            }
            return levels;
        });
    }

    /** Writes all of these levels or none. */
    public void write(Collection<Level> levels) throws IOException {
        ledger.write(transaction -> {
            try (PreparedStatement statement = transaction.prepare(WRITE)) {
                for (Level level : levels.stream().sorted(IN_ORDER).toList()) {
                    statement.setString(1, level.key().owner());
                    statement.setString(2, level.key().limit());
                    statement.setLong(3, level.remaining());
                    statement.setLong(4, level.at().toEpochMilli());
                    statement.addBatch();
                }
                return statement.executeBatch();
            }
        });
    }

    /** Corrects rows, except for those that another process has written since. */
    void correct(Collection<Correction> corrections) throws IOException {
        ledger.write(transaction -> {
            try (PreparedStatement statement = transaction.prepare(CORRECT)) {
                for (Correction each : corrections.stream()
                        .sorted(Comparator.comparing(Correction::row, IN_ORDER)).toList()) {
                    statement.setLong(1, each.level().remaining());
                    statement.setLong(2, each.level().at().toEpochMilli());
                    statement.setString(3, each.row().key().owner());
                    statement.setString(4, each.row().key().limit());
                    statement.setLong(5, each.row().remaining());
                    statement.setLong(6, each.row().at().toEpochMilli());
                    statement.addBatch();
                }
                return statement.executeBatch();
            }
        });
    }
}
