package sluice.managed;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.KeyText;
import sluice.time.Time;

/**
 * Issues, rotates, changes and deletes keys of declared and managed tenants. A key's text is handed out once and kept
 * nowhere. Its methods block, and fail with {@link Refused}.
 */
public final class KeyChanges {
    private static final int MOST = 1_000_000;
    private static final int MOST_OF_TENANT = 1_000;

    /**
     * A key that has been issued.
     *
     * @param text to be shown this once; empty if it was shown earlier, or if its owner has made it
     */
    public record Issued(ManagedLedger.Made made, Optional<KeyText> text) {}

    /**
     * What is asked for.
     *
     * @param digest of a key that its owner has made; empty for a new one
     */
    public record Wish(String label, Optional<Instant> notAfter, Optional<KeyDigest> digest) {}

    private final ManagedLedger ledger;
    private final InForce inForce;
    private final Time time;

    public KeyChanges(ManagedLedger ledger, InForce inForce, Time time) {
        this.ledger = ledger;
        this.inForce = inForce;
        this.time = time;
    }

    /** Issues a key to a tenant. */
    public Issued issue(By by, Optional<Once> once, String tenant, Wish wish) throws IOException {
        Optional<KeyText> text = wish.digest().isPresent() ? Optional.empty() : Optional.of(KeyText.random());
        KeyDigest digest = wish.digest().or(() -> text.map(KeyText::digest)).orElseThrow();
        ManagedLedger.Made made = ledger.change(by, once, (tables, number) -> {
            if (inForce.declarations().place(tenant).isEmpty() && tables.tenant(tenant).isEmpty()) {
                throw TenantChanges.absent(tenant);
            }
            refuseKnown(tables, digest);
            refuseTooMany(tenant);
            ManagedKey key = new ManagedKey(digest, tenant, wish.label(), by.who(), time.now(), wish.notAfter(),
                    Optional.empty());
            tables.put(key, false, number);
            return draft("key.issue", null, key);
        });
        return new Issued(made, made.replayed() ? Optional.empty() : text);
    }

    /**
     * Issues a key in the place of another, which ends after a while.
     *
     * @param grace how long both are valid
     */
    public Issued rotate(By by, Optional<Once> once, String id, Duration grace) throws IOException {
        KeyText text = KeyText.random();
        ManagedLedger.Made made = ledger.change(by, once, (tables, number) -> {
            ManagedKey old = managed(tables, id);
            refuseTooMany(old.tenant());
            Instant end = time.now().plus(grace);
            ManagedKey fresh = new ManagedKey(text.digest(), old.tenant(), old.label(), by.who(), time.now(),
                    Optional.empty(), Optional.empty());
            tables.put(fresh, false, number);
            tables.put(old.ending(Optional.of(old.notAfter().filter(end::isAfter).orElse(end)))
                    .replacedBy(fresh.id()), false, number);
            return new AuditEntry.Draft("key.rotate", old.tenant(), fresh.id(), told(old).encode(),
                    told(fresh).encode());
        });
        return new Issued(made, made.replayed() ? Optional.empty() : Optional.of(text));
    }

    /** Changes the label or the end of a key. */
    public ManagedLedger.Made change(By by, String id, UnaryOperator<ManagedKey> edit) throws IOException {
        return ledger.change(by, Optional.empty(), (tables, number) -> {
            ManagedKey before = managed(tables, id);
            ManagedKey after = edit.apply(before);
            tables.put(after, false, number);
            return draft("key.change", before, after);
        });
    }

    /** Deletes a key; it is unknown from now on. */
    public ManagedLedger.Made delete(By by, String id) throws IOException {
        return ledger.change(by, Optional.empty(), (tables, number) -> {
            ManagedKey before = managed(tables, id);
            tables.put(before, true, number);
            return draft("key.delete", before, null);
        });
    }

    /** The key, fresh from the ledger; refused if there is none, or if the configuration declares it. */
    private ManagedKey managed(ManagedTables tables, String id) throws SQLException {
        Optional<ManagedKey> key = tables.key(id);
        if (key.isPresent()) {
            return key.get();
        }
        Optional<KnownKey> declared = inForce.key(id).filter(known -> known.managed().isEmpty());
        if (declared.isEmpty()) {
            throw new Refused(Refused.Why.NO_KEY, "id", "There is no key " + id + ".");
        }
        String tenant = declared.get().tenant();
        throw new Refused(Refused.Why.DECLARED, "id", "The key " + id + " is declared in the configuration at "
                + inForce.declarations().place(tenant).orElse(tenant)
                + ". Change it there, issue a new one here, or revoke this one.");
    }

    private void refuseKnown(ManagedTables tables, KeyDigest digest) throws SQLException {
        if (inForce.key(digest.id()).isPresent() || tables.key(digest.id()).isPresent()) {
            throw new Refused(Refused.Why.EXISTS, "sha256",
                    "There is a key " + digest.id() + " already. Keys are unique.");
        }
    }

    private void refuseTooMany(String tenant) {
        if (inForce.keyCount(tenant) >= MOST_OF_TENANT || inForce.managedKeys() >= MOST) {
            throw new Refused(Refused.Why.TOO_MANY, null, "A tenant may have " + MOST_OF_TENANT + " keys, in total "
                    + MOST + ". Delete expired ones.");
        }
    }

    private static AuditEntry.Draft draft(String action, @Nullable ManagedKey before, @Nullable ManagedKey after) {
        ManagedKey either = after == null ? before : after;
        if (either == null) {
            throw new IllegalArgumentException("a change");
        }
        return new AuditEntry.Draft(action, either.tenant(), either.id(), before == null ? "" : told(before).encode(),
                after == null ? "" : told(after).encode());
    }

    /** What the audit records about a key. */
    private static JsonObject told(ManagedKey key) {
        return new JsonObject().put("id", key.id()).put("tenant", key.tenant()).put("label", key.label())
                .put("not_after", key.notAfter().map(Instant::toString).orElse(null))
                .put("replaced_by", key.replacedBy().orElse(null));
    }
}
