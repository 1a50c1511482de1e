package sluice.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** A file of SQLite. */
record SqliteDatabase(Path path) implements Database {
    private static final int BUSY_MILLIS = 3_000;
    /** Mask of the primary error code; the higher bits are details. */
    private static final int PRIMARY = 0xff;
    private static final int ERROR = 1;
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int READ_ONLY = 8;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int CANNOT_OPEN = 14;
    private static final int NO_DATABASE = 26;

    SqliteDatabase(LedgerUrl.Sqlite url) {
        this(url.file());
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public boolean exists() {
        return Files.exists(path);
    }

    @Override
    public void prepare() throws IOException {
        if (Files.isDirectory(path)) {
            throw unusable("it is a directory; name a file in it");
        }
        if (exists() && !Files.isRegularFile(path)) {
            throw unusable("it is not a regular file");
        }
        Path folder = path.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw unusable(
                    "its folder " + folder
                            + " does not exist and cannot be created; create it, or set another ledger.url");
        }
    }

    private IOException unusable(String why) {
        return new IOException("the ledger " + path + " cannot be opened: " + why);
    }

    @Override
    public DataSource connections() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        SQLiteDataSource file = new SQLiteDataSource(config);
        file.setUrl("jdbc:sqlite:" + path);
        return file;
    }

    @Override
    public DataSource readers() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_MILLIS);
        config.setReadOnly(true);
        SQLiteDataSource file = new SQLiteDataSource(config);
        file.setUrl("jdbc:sqlite:" + path);
        return file;
    }

    @Override
    public DataSource connectionsForMigrations() {
        return connections();
    }

    @Override
    public String clustered() {
        return " WITHOUT ROWID";
    }

    /** A file has one writer at a time, while others may read; writers wait for each other. */
    @Override
    public int mostConnections() {
        return 3;
    }

    @Override
    public Optional<Connection> listening() {
        return Optional.empty();
    }

    @Override
    public void awaitRing(Connection listening, Duration most) {
        // No other process uses the file.
    }

    @Override
    public void ring(Ledger.Transaction transaction) {
        // No other process uses the file.
    }

    @Override
    public void tryWriting(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version=" + userVersion(statement));
        }
    }

    private static int userVersion(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    @Override
    public boolean mayPass(SQLException failure) {
        return false;
    }

    @Override
    public boolean isMissingTable(SQLException failure) {
        return code(failure) == ERROR && String.valueOf(failure.getMessage()).contains("no such table");
    }

    @Override
    public String explain(SQLException failure) {
        return switch (code(failure)) {
            case BUSY, LOCKED -> "another process has locked it; stop that process, or set another ledger.url";
            case READ_ONLY -> "it is read-only; give this user write access to the file and its folder";
            case CORRUPT, NO_DATABASE ->
                "it is not a SQLite database, or damaged; restore it from a backup, or move it away to start fresh";
            case FULL -> "the disk is full";
            case CANNOT_OPEN -> "this user may not read and write the file and its folder";
            default -> Database.firstLine(failure);
        };
    }

    private static int code(SQLException failure) {
        return failure.getErrorCode() & PRIMARY;
    }
}
