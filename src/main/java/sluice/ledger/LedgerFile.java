package sluice.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's SQLite file. Failures are reported in one line, with a remedy.
 *
 * @param path where it is, or will be once something is written
 */
record LedgerFile(Path path) {
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int READ_ONLY = 8;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANNOT_OPEN = 14;
    private static final int NO_DATABASE = 26;

    /** A table and its columns, as {@code CREATE TABLE} takes them. */
    record Table(String name, List<String> columns, String definition) {}

    boolean exists() {
        return Files.exists(path);
    }

    /** Opens it with a table, creating either if missing. */
    Connection open(Table table) throws IOException {
        if (Files.isDirectory(path)) {
            throw unusable("is a directory; name a file in it");
        }
        if (exists() && !Files.isRegularFile(path)) {
            throw unusable("is no regular file");
        }
        makeFolder();
        Connection connection = null;
        try {
            connection = DriverManager.getConnection("jdbc:sqlite:" + path);
            prepare(connection, table);
            return connection;
        } catch (SQLException e) {
            closeQuietly(connection);
            throw failure("opened", e);
        } catch (IOException | RuntimeException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    /** The error to report for a failure. */
    IOException failure(String what, SQLException e) {
        String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new IOException("the ledger " + path + " cannot be " + what + ": " + switch (e.getErrorCode()) {
            case BUSY, LOCKED -> "another process has locked it; end that process, or set another ledger.url";
            case READ_ONLY -> "it is read-only; let this user write to the file and its folder";
            case CORRUPT, NO_DATABASE ->
                "it is no SQLite database, or damaged; restore it from a backup, or move it away to begin anew";
            case FULL -> "the disk is full";
            case CANNOT_OPEN -> "this user may not read and write the file and its folder";
            default -> said;
        }, e);
    }

    private IOException unusable(String why) {
        return new IOException("the ledger " + path + " cannot be opened: it " + why);
    }

    private void makeFolder() throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new IOException("the ledger " + path + " cannot be opened: its folder " + folder
                    + " is not there and cannot be made; make it, or set another ledger.url", e);
        }
    }

    private void prepare(Connection connection, Table table) throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout=3000");
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=NORMAL");
            statement.execute("CREATE TABLE IF NOT EXISTS " + table.name() + " (" + table.definition() + ")");
            Set<String> columns = new LinkedHashSet<>();
            try (ResultSet rows = statement.executeQuery("PRAGMA table_info(" + table.name() + ")")) {
                while (rows.next()) {
                    columns.add(rows.getString("name"));
                }
            }
            if (!columns.containsAll(table.columns())) {
                throw unusable("has a table " + table.name() + " with columns " + columns + ", not " + table.columns()
                        + "; another version or program has made it: set another ledger.url, or move the file away");
            }
            // Detects a read-only file now rather than on the first call.
            statement.execute("PRAGMA user_version=" + userVersion(statement));
        }
    }

    private static int userVersion(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // The failure to open is already reported.
            }
        }
    }
}
