package sluice.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/** The ids of revoked keys in the ledger's file, which is made when the first is written. Its methods block. */
public final class RevokedKeys {
    private final Path file;

    /** In a file that need not be there. */
    public RevokedKeys(Path file) {
        this.file = file;
    }

    /** All that were written. */
    public synchronized Set<String> read() throws IOException {
        Set<String> ids = new HashSet<>();
        if (!Files.exists(file)) {
            return ids;
        }
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM revoked_key")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
            return ids;
        } catch (SQLException e) {
            throw new IOException("the ledger " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes or removes one. */
    public synchronized void write(String id, boolean revoked) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        String change = revoked
                ? "INSERT OR IGNORE INTO revoked_key VALUES (?)"
                : "DELETE FROM revoked_key WHERE id = ?";
        try (Connection connection = open(); PreparedStatement statement = connection.prepareStatement(change)) {
            statement.setString(1, id);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IOException("the ledger " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private Connection open() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA busy_timeout=5000");
            statement.execute("CREATE TABLE IF NOT EXISTS revoked_key (id TEXT PRIMARY KEY)");
        }
        return connection;
    }
}
