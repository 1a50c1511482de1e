package sluice.calls;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.util.List;
import sluice.ledger.Ledger;

/**
 * Deletes what the calls of a tenant have left in the ledger: their records, their sums, the levels of daily limits, and
 * the ownership of the objects they made. Records not yet written are missed. It blocks.
 */
public final class TenantData {
    /** A few at a time, so that nothing waits long for them. */
    private static final int AT_ONCE = 5_000;
    private static final String CALLS = "DELETE FROM call WHERE (at_millis, id) IN "
            + "(SELECT at_millis, id FROM call WHERE tenant = ? LIMIT ?)";
    private static final String SUMS = "DELETE FROM usage WHERE (slice, period, tenant, key_id, model, name) IN "
            + "(SELECT slice, period, tenant, key_id, model, name FROM usage WHERE tenant = ? LIMIT ?)";
    private static final String LEVELS = "DELETE FROM day_level WHERE (owner, name) IN "
            + "(SELECT owner, name FROM day_level WHERE owner = ? LIMIT ?)";

    private static final String OBJECTS = "DELETE FROM stored_object WHERE (account, id) IN "
            + "(SELECT account, id FROM stored_object WHERE tenant = ? LIMIT ?)";

    private final Ledger ledger;

    public TenantData(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Deletes it, and returns how many rows there were. */
    public long erase(String tenant) throws IOException {
        long rows = erase(LEVELS, "tenant/" + tenant);
        for (String each : List.of(CALLS, SUMS, OBJECTS)) {
            rows += erase(each, tenant);
        }
        return rows;
    }

    private long erase(String statement, String owner) throws IOException {
        long rows = 0;
        int last = AT_ONCE;
        while (last == AT_ONCE) {
            last = ledger.write(transaction -> {
                try (PreparedStatement delete = transaction.prepare(statement)) {
                    delete.setString(1, owner);
                    delete.setInt(2, AT_ONCE);
                    return delete.executeUpdate();
                }
            });
            rows += last;
        }
        return rows;
    }
}
