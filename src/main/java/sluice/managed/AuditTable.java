package sluice.managed;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import sluice.ledger.Ledger;

/** The audit in the ledger: written with each change in one transaction. Its methods block. */
public final class AuditTable {
    private static final String COLUMNS = "number, at_millis, who, role, address, action, tenant, subject, "
            + "before_change, after_change";
    private static final String WRITE = "INSERT INTO audit (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final Ledger ledger;

    public AuditTable(Ledger ledger) {
        this.ledger = ledger;
    }

    static void write(Ledger.Transaction transaction, AuditEntry entry) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(WRITE)) {
            statement.setLong(1, entry.number());
            statement.setLong(2, entry.at().toEpochMilli());
            statement.setString(3, entry.by().who());
            statement.setString(4, entry.by().role());
            statement.setString(5, entry.by().address());
            statement.setString(6, entry.action());
            statement.setString(7, entry.tenant());
            statement.setString(8, entry.subject());
            statement.setString(9, entry.before());
            statement.setString(10, entry.after());
            statement.executeUpdate();
        }
    }

    /**
     * Entries, newest first.
     *
     * @param tenant those about this one only
     * @param before those with a smaller number only
     * @param most   how many at most
     */
    public List<AuditEntry> read(Optional<String> tenant, OptionalLong before, int most) throws IOException {
        String sql = "SELECT " + COLUMNS + " FROM audit WHERE number < ?"
                + (tenant.isPresent() ? " AND tenant = ?" : "")
                + " ORDER BY number DESC LIMIT ?";
        return ledger.read(List.of(), transaction -> {
            try (PreparedStatement statement = transaction.prepare(sql)) {
                int at = 1;
                statement.setLong(at++, before.orElse(Long.MAX_VALUE));
                if (tenant.isPresent()) {
                    statement.setString(at++, tenant.get());
                }
                statement.setInt(at, most);
                List<AuditEntry> entries = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        entries.add(entry(rows));
                    }
                }
                return entries;
            }
        });
    }

    private static AuditEntry entry(ResultSet rows) throws SQLException {
        return new AuditEntry(rows.getLong(1), Instant.ofEpochMilli(rows.getLong(2)),
                new By(rows.getString(3), rows.getString(4), rows.getString(5)), rows.getString(6), rows.getString(7),
                rows.getString(8), rows.getString(9), rows.getString(10));
    }
}
