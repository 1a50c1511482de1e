package sluice.owners;

import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.ledger.Ledger;

/** The owners of stored objects in the ledger. Its methods block. */
public final class OwnerTable {
    /** The most ids of one statement. */
    private static final int AT_ONCE = 500;
    private static final String INSERT = "INSERT INTO stored_object (account, id, tenant, kind, since_millis) "
            + "VALUES (?, ?, ?, ?, ?) ON CONFLICT (account, id) DO ";
    private static final String FIRST_WINS = INSERT + "NOTHING";
    private static final String ASSIGN = INSERT + "UPDATE SET tenant = excluded.tenant, kind = excluded.kind, "
            + "since_millis = excluded.since_millis";
    private static final String DELETE = "DELETE FROM stored_object WHERE account = ? AND id = ?";
    private static final String ANY = "SELECT 1 FROM stored_object WHERE tenant = ? AND account = ? AND kind = ? LIMIT 1";
    /** The API keeps these for a month, as the index of the same kinds knows. */
    private static final String FORGET = "DELETE FROM stored_object WHERE (account, id) IN (SELECT account, id FROM "
            + "stored_object WHERE kind IN ('responses', 'chat/completions') AND since_millis < ? LIMIT ?)";
    private static final String COLUMNS = "account, id, tenant, kind, since_millis";

    /**
     * Which objects to list; an empty value matches all.
     *
     * @param after the account and id of the last object of the page before
     * @param limit how many at most
     */
    public record Query(Optional<String> tenant, Optional<String> account, Optional<String> kind, Optional<String> id,
            Optional<Cursor> after, int limit) {}

    /** The place of an object in the order of accounts and ids. */
    public record Cursor(String account, String id) {}

    private final Ledger ledger;

    public OwnerTable(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The known owners of these objects, by id. */
    Map<String, String> owners(String account, Collection<String> ids) throws IOException {
        List<String> all = List.copyOf(ids);
        return ledger.read(Map.of(), transaction -> {
            Map<String, String> owners = new HashMap<>();
            for (int from = 0; from < all.size(); from += AT_ONCE) {
                read(transaction, account, all.subList(from, Math.min(all.size(), from + AT_ONCE)), owners);
            }
            return owners;
        });
    }

    private static void read(Ledger.Transaction transaction, String account, List<String> ids,
            Map<String, String> owners) throws SQLException {
        try (PreparedStatement statement = transaction.prepare("SELECT id, tenant FROM stored_object WHERE account = ? "
                + "AND id IN (" + String.join(", ", Collections.nCopies(ids.size(), "?")) + ")")) {
            statement.setString(1, account);
            for (int i = 0; i < ids.size(); i++) {
                statement.setString(i + 2, ids.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    owners.put(rows.getString(1), rows.getString(2));
                }
            }
        }
    }

    /** Whether a tenant owns any object of a kind. */
    boolean ownsAny(String account, String tenant, String kind) throws IOException {
        return ledger.read(false, transaction -> {
            try (PreparedStatement statement = transaction.prepare(ANY)) {
                statement.setString(1, tenant);
                statement.setString(2, account);
                statement.setString(3, kind);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next();
                }
            }
        });
    }

    /** Writes changes: sets an owner, unless there is one already, or removes it. */
    void write(Collection<Change> changes) throws IOException {
        ledger.write(transaction -> {
            try (PreparedStatement insert = transaction.prepare(FIRST_WINS);
                    PreparedStatement delete = transaction.prepare(DELETE)) {
                for (Change each : changes) {
                    switch (each) {
                        case Change.Made(StoredObject object) -> add(insert, object);
                        case Change.Gone(StoredObject.Key key) -> {
                            delete.setString(1, key.account());
                            delete.setString(2, key.id());
                            delete.addBatch();
                        }
                    }
                }
                insert.executeBatch();
                delete.executeBatch();
                return true;
            }
        });
    }

    /** Removes up to this many answers made before then, and returns how many it removed. */
    int forget(long beforeMillis, int most) throws IOException {
        return ledger.write(transaction -> {
            try (PreparedStatement delete = transaction.prepare(FORGET)) {
                delete.setLong(1, beforeMillis);
                delete.setInt(2, most);
                return delete.executeUpdate();
            }
        });
    }

    /** Assigns objects to a tenant, whoever owned them. */
    public void assign(Collection<StoredObject> objects) throws IOException {
        ledger.write(transaction -> {
            try (PreparedStatement insert = transaction.prepare(ASSIGN)) {
                for (StoredObject each : objects) {
                    add(insert, each);
                }
                insert.executeBatch();
                return true;
            }
        });
    }

    private static void add(PreparedStatement insert, StoredObject object) throws SQLException {
        insert.setString(1, object.account());
        insert.setString(2, object.id());
        insert.setString(3, object.tenant());
        insert.setString(4, object.kind());
        insert.setLong(5, object.sinceMillis());
        insert.addBatch();
    }

    /** The objects that a query asks for, in the order of accounts and ids. */
    public List<StoredObject> read(Query query) throws IOException {
        List<Object> values = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT " + COLUMNS + " FROM stored_object WHERE 1 = 1");
        where(sql, values, "tenant", query.tenant());
        where(sql, values, "account", query.account());
        where(sql, values, "kind", query.kind());
        where(sql, values, "id", query.id());
        query.after().ifPresent(after -> {
            sql.append(" AND (account, id) > (?, ?)");
            values.addAll(List.of(after.account(), after.id()));
        });
        sql.append(" ORDER BY account, id LIMIT ?");
        values.add(query.limit());
        return ledger.read(List.of(), transaction -> {
            try (PreparedStatement statement = transaction.prepare(sql.toString())) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setObject(i + 1, values.get(i));
                }
                List<StoredObject> found = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.add(new StoredObject(rows.getString(1), rows.getString(2), rows.getString(3),
                                rows.getString(4), rows.getLong(5)));
                    }
                }
                return found;
            }
        });
    }

    private static void where(StringBuilder sql, List<Object> values, String column, Optional<String> value) {
        value.ifPresent(wanted -> {
            sql.append(" AND ").append(column).append(" = ?");
            values.add(wanted);
        });
    }
}
