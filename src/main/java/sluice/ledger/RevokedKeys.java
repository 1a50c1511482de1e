package sluice.ledger;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** The ids of revoked keys in the ledger, which is made on the first write. Its methods block. */
public final class RevokedKeys {
    private static final String READ = "SELECT id FROM revoked_key";
    private static final String REVOKE = "INSERT INTO revoked_key (id) VALUES (?) ON CONFLICT (id) DO NOTHING";
    private static final String RESTORE = "DELETE FROM revoked_key WHERE id = ?";

    private final Ledger ledger;

    /** The ledger need not exist. */
    public RevokedKeys(Ledger ledger) {
        this.ledger = ledger;
    }

    /** All revoked ids. */
    public Set<String> read() throws IOException {
        return ledger.read(Set.of(), transaction -> {
            Set<String> ids = new HashSet<>();
            try (PreparedStatement statement = transaction.prepare(READ); ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
            return ids;
        });
    }

    /** Adds or removes an id. */
    public void write(String id, boolean revoked) throws IOException {
        ledger.write(transaction -> write(transaction, id, revoked));
    }

    /** Likewise, in a transaction with other things. */
    public static int write(Ledger.Transaction transaction, String id, boolean revoked) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(revoked ? REVOKE : RESTORE)) {
            statement.setString(1, id);
            return statement.executeUpdate();
        }
    }
}
