package sluice.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The ids of revoked keys in the ledger's file, which is created on the first write. Its methods block. */
public final class RevokedKeys {
    private static final LedgerFile.Table TABLE = new LedgerFile.Table("revoked_key", List.of("id"),
            "id TEXT PRIMARY KEY");

    private final LedgerFile file;

    /** The file need not exist. */
    public RevokedKeys(Path file) {
        this.file = new LedgerFile(file);
    }

    /** All revoked ids. */
    public synchronized Set<String> read() throws IOException {
        Set<String> ids = new HashSet<>();
        if (!file.exists()) {
            return ids;
        }
        try (Connection connection = file.open(TABLE);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM revoked_key")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
            return ids;
        } catch (SQLException e) {
            throw file.failure("read", e);
        }
    }

    /** Adds or removes an id. */
    public synchronized void write(String id, boolean revoked) throws IOException {
        String change = revoked
                ? "INSERT OR IGNORE INTO revoked_key VALUES (?)"
                : "DELETE FROM revoked_key WHERE id = ?";
        try (Connection connection = file.open(TABLE);
                PreparedStatement statement = connection.prepareStatement(change)) {
            statement.setString(1, id);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw file.failure("written", e);
        }
    }
}
