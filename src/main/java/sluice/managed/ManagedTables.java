package sluice.managed;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.ledger.Ledger;
import sluice.tenancy.KeyDigest;

/** The tables of managed tenants and keys, within a transaction that its caller begins. */
final class ManagedTables {
    private static final String NUMBER = "SELECT number FROM last_change WHERE name = 'managed'";
    private static final String TENANT = "SELECT name, settings, created_millis, changed_millis, gone FROM managed_tenant";
    private static final String KEY = "SELECT digest, tenant, label, created_by, created_millis, not_after_millis, "
            + "replaced_by, gone FROM managed_key";
    private static final String PUT_TENANT = "INSERT INTO managed_tenant (name, settings, created_millis, "
            + "changed_millis, gone, change_number) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
            + "settings = excluded.settings, created_millis = excluded.created_millis, "
            + "changed_millis = excluded.changed_millis, gone = excluded.gone, change_number = excluded.change_number";
    private static final String PUT_KEY = "INSERT INTO managed_key (id, digest, tenant, label, created_by, "
            + "created_millis, not_after_millis, replaced_by, gone, change_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            + "ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, tenant = excluded.tenant, "
            + "label = excluded.label, created_by = excluded.created_by, created_millis = excluded.created_millis, "
            + "not_after_millis = excluded.not_after_millis, replaced_by = excluded.replaced_by, gone = excluded.gone, "
            + "change_number = excluded.change_number";
    private static final String PUT_REVOCATION = "INSERT INTO revocation (id, revoked, change_number) VALUES (?, ?, ?) "
            + "ON CONFLICT (id) DO UPDATE SET revoked = excluded.revoked, change_number = excluded.change_number";

    private final Ledger.Transaction transaction;

    ManagedTables(Ledger.Transaction transaction) {
        this.transaction = transaction;
    }

    Ledger.Transaction transaction() {
        return transaction;
    }

    /** The number of the last change. */
    long number() throws SQLException {
        try (PreparedStatement statement = transaction.prepare(NUMBER); ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /** Takes the next number. Others wait until this transaction ends. */
    long next() throws SQLException {
        try (PreparedStatement statement = transaction.prepare(
                "UPDATE last_change SET number = number + 1 WHERE name = 'managed'")) {
            statement.executeUpdate();
        }
        return number();
    }

    /** What has changed since then; everything if that is not a number of this ledger. */
    Changes since(long known) throws SQLException {
        long number = number();
        if (number == known) {
            return new Changes(number, false, List.of(), List.of(), List.of(), List.of(), Map.of());
        }
        boolean whole = known < 0 || number < known;
        List<String> gone = new ArrayList<>();
        List<String> goneKeys = new ArrayList<>();
        List<ManagedTenant> tenants = tenants(whole ? 0 : known, gone);
        List<ManagedKey> keys = keys(whole ? 0 : known, goneKeys);
        return new Changes(number, whole, tenants, whole ? List.of() : gone, keys, whole ? List.of() : goneKeys,
                whole ? revoked() : revocations(known));
    }

    private List<ManagedTenant> tenants(long since, List<String> gone) throws SQLException {
        List<ManagedTenant> tenants = new ArrayList<>();
        try (PreparedStatement statement = transaction.prepare(TENANT + " WHERE change_number > ?")) {
            statement.setLong(1, since);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getInt(5) > 0) {
                        gone.add(rows.getString(1));
                    } else {
                        tenants.add(tenant(rows));
                    }
                }
            }
        }
        return tenants;
    }

    private List<ManagedKey> keys(long since, List<String> gone) throws SQLException {
        List<ManagedKey> keys = new ArrayList<>();
        try (PreparedStatement statement = transaction.prepare(KEY + " WHERE change_number > ?")) {
            statement.setLong(1, since);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ManagedKey key = key(rows);
                    if (rows.getInt(8) > 0) {
                        gone.add(key.id());
                    } else {
                        keys.add(key);
                    }
                }
            }
        }
        return keys;
    }

    private Map<String, Boolean> revocations(long since) throws SQLException {
        Map<String, Boolean> all = new HashMap<>();
        try (PreparedStatement statement = transaction.prepare(
                "SELECT id, revoked FROM revocation WHERE change_number > ?")) {
            statement.setLong(1, since);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    all.put(rows.getString(1), rows.getInt(2) > 0);
                }
            }
        }
        return all;
    }

    private Map<String, Boolean> revoked() throws SQLException {
        Map<String, Boolean> all = new HashMap<>();
        try (PreparedStatement statement = transaction.prepare("SELECT id FROM revoked_key");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                all.put(rows.getString(1), true);
            }
        }
        return all;
    }

    Optional<ManagedTenant> tenant(String name) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(TENANT + " WHERE gone = 0 AND name = ?")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(tenant(rows)) : Optional.empty();
            }
        }
    }

    Optional<ManagedKey> key(String id) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(KEY + " WHERE gone = 0 AND id = ?")) {
            statement.setString(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(key(rows)) : Optional.empty();
            }
        }
    }

    void put(ManagedTenant tenant, boolean gone, long number) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(PUT_TENANT)) {
            statement.setString(1, tenant.name());
            statement.setString(2, tenant.settings());
            statement.setLong(3, tenant.created().toEpochMilli());
            statement.setLong(4, tenant.changed().toEpochMilli());
            statement.setInt(5, gone ? 1 : 0);
            statement.setLong(6, number);
            statement.executeUpdate();
        }
    }

    void put(ManagedKey key, boolean gone, long number) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(PUT_KEY)) {
            statement.setString(1, key.id());
            statement.setString(2, key.digest().hex());
            statement.setString(3, key.tenant());
            statement.setString(4, key.label());
            statement.setString(5, key.createdBy());
            statement.setLong(6, key.created().toEpochMilli());
            statement.setLong(7, key.notAfter().map(Instant::toEpochMilli).orElse(0L));
            statement.setString(8, key.replacedBy().orElse(""));
            statement.setInt(9, gone ? 1 : 0);
            statement.setLong(10, number);
            statement.executeUpdate();
        }
    }

    /** Marks all keys of a tenant as gone. */
    void removeKeysOf(String tenant, long number) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(
                "UPDATE managed_key SET gone = 1, change_number = ? WHERE tenant = ? AND gone = 0")) {
            statement.setLong(1, number);
            statement.setString(2, tenant);
            statement.executeUpdate();
        }
    }

    void putRevocation(String id, boolean revoked, long number) throws SQLException {
        try (PreparedStatement statement = transaction.prepare(PUT_REVOCATION)) {
            statement.setString(1, id);
            statement.setInt(2, revoked ? 1 : 0);
            statement.setLong(3, number);
            statement.executeUpdate();
        }
    }

    private static ManagedTenant tenant(ResultSet rows) throws SQLException {
        return new ManagedTenant(rows.getString(1), rows.getString(2), Instant.ofEpochMilli(rows.getLong(3)),
                Instant.ofEpochMilli(rows.getLong(4)));
    }

    private static ManagedKey key(ResultSet rows) throws SQLException {
        long end = rows.getLong(6);
        String replacedBy = rows.getString(7);
        return new ManagedKey(KeyDigest.fromHex(rows.getString(1)), rows.getString(2), rows.getString(3),
                rows.getString(4), Instant.ofEpochMilli(rows.getLong(5)),
                end == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(end)),
                replacedBy.isEmpty() ? Optional.empty() : Optional.of(replacedBy));
    }
}
