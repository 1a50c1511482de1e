package sluice.managed;

import java.io.IOException;
import java.sql.SQLException;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.ledger.Bell;
import sluice.ledger.Ledger;
import sluice.ledger.RevokedKeys;
import sluice.tenancy.Revocations;
import sluice.time.Time;

/**
 * What is managed, according to the ledger. Every change is one transaction: it takes the next number, validates
 * against the current state, writes rows and audit, and rings for the other replicas. What has changed, here or
 * elsewhere, is then read back and put into effect. Its methods block and are never called on an event loop.
 */
public final class ManagedLedger {
    private static final Logger LOG = LoggerFactory.getLogger(ManagedLedger.class);

    /** What a change does within its transaction. */
    interface Step {

        /** Makes it, or throws {@link Refused}. */
        AuditEntry.Draft run(ManagedTables tables, long number) throws SQLException;
    }

    /**
     * A change that is in effect here.
     *
     * @param subject  the tenant's name or the key's id
     * @param replayed whether an earlier request has made it
     */
    public record Made(String subject, boolean replayed) {}

    /** All of it is written each time, which may be some megabytes. */
    private static final long KEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Since then everything is new. */
    static final long NOTHING_KNOWN = -1;

    private final Ledger ledger;
    private final boolean shared;
    private final Bell bell;
    private final InForce inForce;
    private final Revocations revocations;
    private final Optional<DirectoryFile> file;
    private final DirectoryWatch.Catching prepare;
    private final Time time;
    /** What was read is applied before anything later is read. */
    private final ReentrantLock following = new ReentrantLock();
    private long written;
    private long writtenAt;
    private boolean tellsOfFile = true;

    /**
     * Starts from what the replica was started with.
     *
     * @param shared  whether the ledger is that of all replicas; if not, nothing can be managed
     * @param prepare opens what tenants need before they take effect
     */
    public ManagedLedger(Ledger ledger, boolean shared, InForce inForce, Revocations revocations,
            Optional<DirectoryFile> file, Start start, DirectoryWatch.Catching prepare, Time time) {
        this.ledger = ledger;
        this.shared = shared;
        this.bell = new Bell(ledger);
        this.inForce = inForce;
        this.revocations = revocations;
        this.file = file;
        this.prepare = prepare;
        this.time = time;
        this.written = start.fromDisk() ? start.known().number() : 0;
    }

    /** What is managed according to the ledger, if newer than that. */
    static Changes read(Ledger ledger, long since) throws IOException {
        return ledger.read(Changes.NONE, transaction -> new ManagedTables(transaction).since(since));
    }

    /** Whether anything can be managed. */
    public boolean isShared() {
        return shared;
    }

    /** What wakes this replica when another one has made a change. */
    Bell bell() {
        return bell;
    }

    /** Puts into effect what has changed since this was last called, at any replica. */
    public void follow() throws IOException {
        following.lock();
        try {
            Changes changes = read(ledger, inForce.number());
            if (changes.number() != inForce.number()) {
                if (!changes.tenants().isEmpty()) {
                    prepare.up();
                }
                inForce.apply(changes);
                follow(changes);
            }
        } finally {
            following.unlock();
        }
    }

    private void follow(Changes changes) {
        if (changes.whole()) {
            changes.revocations().keySet().forEach(revocations::revoke);
            return;
        }
        changes.revocations().forEach((id, revoked) -> {
            if (revoked) {
                revocations.revoke(id);
            } else {
                revocations.restore(id);
            }
        });
    }

    /** Makes a change, once, and puts it into effect here. */
    Made change(By by, Optional<Once> once, Step step) throws IOException {
        if (!shared) {
            throw new Refused(Refused.Why.NOT_SHARED, null,
                    "Tenants cannot be managed here: with redis.url, ledger.url must "
                            + "be a PostgreSQL database, which all replicas share.");
        }
        Made made = ledger.write(transaction -> {
            ManagedTables tables = new ManagedTables(transaction);
            long number = tables.next();
            if (once.isPresent()) {
                Optional<String> before = once.get().answered(transaction, time.now());
                if (before.isPresent()) {
                    return new Made(before.get(), true);
                }
            }
            AuditEntry.Draft draft = step.run(tables, number);
            AuditTable.write(transaction, draft.at(number, time.now(), by));
            if (once.isPresent()) {
                once.get().answer(transaction, time.now(), draft.subject());
            }
            bell.ring(transaction);
            return new Made(draft.subject(), false);
        });
        try {
            follow();
        } catch (IOException reported) {
            // It is written; this replica learns of it like the others, when the ledger answers again.
        }
        return made;
    }

    /** Records that a key was revoked or restored. */
    public void revoke(By by, String tenant, String id, boolean revoked) throws IOException {
        if (!shared) {
            new RevokedKeys(ledger).write(id, revoked);
            return;
        }
        change(by, Optional.empty(), (tables, number) -> {
            RevokedKeys.write(tables.transaction(), id, revoked);
            tables.putRevocation(id, revoked, number);
            return new AuditEntry.Draft(revoked ? "key.revoke" : "key.restore", tenant, id, "", "");
        });
    }

    /** Records an action that changes nothing managed. */
    public void note(By by, String action, String tenant, String subject, String told) throws IOException {
        change(by, Optional.empty(), (tables, number) -> new AuditEntry.Draft(action, tenant, subject, "", told));
    }

    /**
     * Saves changes to disk now and then. A disk failure is logged once.
     *
     * @param last whether this is the last chance
     */
    void keep(boolean last) {
        Changes all;
        following.lock();
        try {
            boolean soon = written != 0 && time.nanos() - writtenAt < KEEP_EVERY_NANOS && !last;
            if (file.isEmpty() || inForce.number() == written || soon) {
                return;
            }
            writtenAt = time.nanos();
            all = inForce.managed(revocations.all().stream().collect(Collectors.toMap(id -> id, id -> true)));
        } finally {
            following.unlock();
        }
        try {
            file.get().write(all);
            written = all.number();
            tellsOfFile = true;
        } catch (IOException e) {
            if (tellsOfFile) {
                LOG.warn(
                        "the copy of the managed tenants cannot be written to {}: {}; without it this replica cannot start "
                                + "while the database is away",
                        file.get().file(), e.toString());
                tellsOfFile = false;
            }
        }
    }

}
