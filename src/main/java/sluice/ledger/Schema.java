package sluice.ledger;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The ledger's tables, which migrations bring from version to version. They only ever add, so that processes of
 * different versions share a database.
 */
record Schema(Database database) {
    /** The migrations are {@code V1__….sql} to this one. */
    static final int NEWEST = 7;

    private static final String HISTORY = "sluice_schema_history";
    private static final Map<String, List<String>> TABLES = new TreeMap<>(Map.ofEntries(
            Map.entry("day_level", List.of("owner", "name", "remaining", "at_millis")),
            Map.entry("revoked_key", List.of("id")),
            Map.entry("last_change", List.of("name", "number")),
            Map.entry("managed_tenant", List.of("name", "settings", "gone", "change_number")),
            Map.entry("managed_key", List.of("id", "digest", "tenant", "gone", "change_number")),
            Map.entry("revocation", List.of("id", "revoked", "change_number")),
            Map.entry("audit", List.of("number", "at_millis", "who", "action")),
            Map.entry("answered_request", List.of("who", "request_key", "answer")),
            Map.entry("call", List.of("at_millis", "id", "tenant", "picodollars")),
            Map.entry("usage",
                    List.of("slice", "period", "tenant", "key_id", "model", "name", "calls", "picodollars")),
            Map.entry("stored_object", List.of("account", "id", "tenant", "kind", "since_millis"))));

    /** What has become of an attempt to bring the tables up to date. */
    enum Outcome {
        CURRENT,
        /** Another process is migrating them. */
        LOCKED
    }

    /** @throws IOException if a table with one of our names belongs to another program */
    void check(Ledger.Transaction transaction) throws SQLException, IOException {
        for (Map.Entry<String, List<String>> table : TABLES.entrySet()) {
            Set<String> columns = columns(transaction, table.getKey());
            if (!columns.isEmpty() && !columns.containsAll(table.getValue())) {
                throw new IOException("the ledger " + database.name() + " cannot be opened: it has a table "
                        + table.getKey() + " with columns " + columns + ", not " + table.getValue()
                        + ", created by another version or program: set another ledger.url, or move the "
                        + (database instanceof SqliteDatabase ? "file" : "table") + " away");
            }
        }
    }

    private Set<String> columns(Ledger.Transaction transaction, String table) throws SQLException {
        Set<String> columns = new LinkedHashSet<>();
        try (PreparedStatement statement = transaction.prepare("SELECT * FROM " + table + " WHERE 1 = 0");
                ResultSet rows = statement.executeQuery()) {
            for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                columns.add(rows.getMetaData().getColumnName(column));
            }
        } catch (SQLException e) {
            if (!database.isMissingTable(e)) {
                throw e;
            }
        }
        return columns;
    }

    /** Whether every migration has been made; later ones may have been too. */
    boolean isCurrent(Ledger.Transaction transaction) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(
                "SELECT version FROM " + HISTORY + " WHERE version = '" + NEWEST + "' AND success");
                ResultSet rows = statement.executeQuery()) {
            return rows.next();
        } catch (SQLException e) {
            if (database.isMissingTable(e)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Makes the migrations that are missing.
     *
     * @param seconds how long to wait for another process's migration
     */
    Outcome migrate(int seconds) throws SQLException, IOException {
        Flyway flyway = Flyway.configure(Schema.class.getClassLoader()).loggers("slf4j")
                .dataSource(database.connectionsForMigrations())
                .locations("classpath:sluice/ledger").table(HISTORY)
                // Older files have tables, but no history.
                .baselineOnMigrate(true).baselineVersion("0")
                .placeholders(Map.of("clustered", database.clustered())).lockRetryCount(seconds).load();
        try {
            return attempt(flyway);
        } catch (FlywayException retried) {
            // Flyway checks for its history table before locking it, and fails if another process creates it in
            // between.
            return lastAttempt(flyway);
        }
    }

    private Outcome lastAttempt(Flyway flyway) throws SQLException, IOException {
        try {
            return attempt(flyway);
        } catch (FlywayException e) {
            throw new IOException("the ledger " + database.name() + " cannot be migrated: "
                    + message(e).lines().findFirst().orElse("")
                    + "; restore it from a backup, or set another ledger.url", e);
        }
    }

    private static Outcome attempt(Flyway flyway) throws SQLException {
        try {
            flyway.migrate();
            return Outcome.CURRENT;
        } catch (FlywayException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException failure) {
                    throw failure;
                }
            }
            if (message(e).contains("advisory lock")) {
                return Outcome.LOCKED;
            }
            throw e;
        }
    }

    private static String message(FlywayException e) {
        return String.valueOf(e.getMessage()).strip();
    }
}
