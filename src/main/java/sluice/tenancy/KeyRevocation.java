package sluice.tenancy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cluster.Notices;

/**
 * Revokes and restores keys: here at once, in the ledger, and on the other replicas. A revocation holds once either
 * store has it; what the ledger cannot accept is written later. A restoration is complete only when both have it,
 * since either would refuse the key again.
 */
public final class KeyRevocation {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRevocation.class);
    private static final String REVOKED = "revoked/";
    private static final String RESTORED = "restored/";
    private static final int MOST_UNWRITTEN = 10_000;
    /** Changes of one key are written one after another, those of different keys hardly ever wait for each other. */
    private static final int TURNS = 64;

    /** Writes one change to the ledger. It blocks. */
    @FunctionalInterface
    public interface Written {
        void write() throws IOException;
    }

    /** Writes any change to the ledger. It blocks. */
    @FunctionalInterface
    public interface Writer {
        void write(String id, boolean revoked) throws IOException;
    }

    private final Vertx vertx;
    private final Writer followed;
    private final boolean ledgerShared;
    private final Revocations revocations;
    private final Optional<Notices> notices;
    private final Map<String, Written> unwritten = new LinkedHashMap<>();
    private final Lock[] turns = new Lock[TURNS];

    /**
     * Starts with the keys that were revoked earlier.
     *
     * @param followed     records what other replicas have done
     * @param ledgerShared whether the ledger is that of all replicas
     * @param notices      of the store that replicas share, if there is one
     */
    public KeyRevocation(Vertx vertx, Set<String> revoked, Writer followed, boolean ledgerShared,
            Optional<Notices> notices) {
        this.vertx = vertx;
        this.followed = followed;
        this.ledgerShared = ledgerShared;
        this.revocations = new Revocations(revoked);
        this.notices = notices;
        Arrays.setAll(turns, turn -> new ReentrantLock());
        notices.ifPresent(shared -> {
            shared.read(this::learn);
            shared.lost(() -> revocations.all().forEach(id -> shared.remind(REVOKED + id)));
        });
    }

    public Revocations revocations() {
        return revocations;
    }

    /**
     * Completes once the change is effective at every replica; neither store waits for the other.
     *
     * @param written writes this change to the ledger
     */
    public Future<Void> change(String id, boolean revoked, Written written) {
        apply(id, revoked);
        Future<Void> inLedger = write(id, written);
        if (notices.isEmpty()) {
            return inLedger;
        }
        Future<Void> told = tell(notices.get(), id, revoked);
        return revoked && ledgerShared
                ? Future.any(inLedger, told).mapEmpty()
                : Future.all(inLedger, told).mapEmpty();
    }

    private void apply(String id, boolean revoked) {
        if (revoked) {
            revocations.revoke(id);
        } else {
            revocations.restore(id);
        }
        LOG.info("key {} is {}", id, revoked ? "revoked" : "restored");
    }

    private Future<Void> write(String id, Written written) {
        remember(id, written);
        return vertx.executeBlocking(() -> {
            writeLatest(id, written);
            return true;
        }, false).mapEmpty();
    }

    /** Writes a change unless it is written already or a later one of the same key has replaced it. */
    private void writeLatest(String id, Written written) throws IOException {
        Lock turn = turns[Math.floorMod(id.hashCode(), TURNS)];
        turn.lock();
        try {
            if (isUnwritten(id, written)) {
                written.write();
                forget(id, written);
            }
        } finally {
            turn.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // The very change, not one that does the same.
    private synchronized boolean isUnwritten(String id, Written written) {
        return unwritten.get(id) == written;
    }

    private synchronized void remember(String id, Written written) {
        unwritten.remove(id);
        unwritten.put(id, written);
        while (unwritten.size() > MOST_UNWRITTEN) {
            unwritten.remove(unwritten.keySet().iterator().next());
        }
    }

    private synchronized void forget(String id, Written written) {
        unwritten.remove(id, written);
    }

    /**
     * Writes what the ledger has not taken so far. Blocks.
     *
     * @throws IOException if it does not take it now either
     */
    public void writeAgain() throws IOException {
        Map<String, Written> left;
        synchronized (this) {
            left = new LinkedHashMap<>(unwritten);
        }
        for (Map.Entry<String, Written> each : left.entrySet()) {
            writeLatest(each.getKey(), each.getValue());
        }
    }

    private static Future<Void> tell(Notices shared, String id, boolean revoked) {
        return revoked
                ? shared.tellForEver(List.of(REVOKED + id), RESTORED + id)
                : shared.tellForEver(List.of(RESTORED + id), REVOKED + id);
    }

    /**
     * A revocation that the store does not know was made while the store was away, or the store has lost it: remind the
     * store. A key restored since then stays restored, whatever other replicas remind the store of.
     */
    private void learn(Map<String, Duration> told) {
        for (String name : told.keySet()) {
            String id = name.startsWith(REVOKED) ? name.substring(REVOKED.length()) : "";
            if (!id.isEmpty() && !told.containsKey(RESTORED + id) && !revocations.has(id)) {
                follow(id, true);
            }
        }
        for (String id : revocations.all()) {
            if (told.containsKey(RESTORED + id)) {
                follow(id, false);
            } else if (!told.containsKey(REVOKED + id)) {
                notices.ifPresent(shared -> shared.remind(REVOKED + id));
            }
        }
    }

    private void follow(String id, boolean revoked) {
        apply(id, revoked);
        write(id, () -> followed.write(id, revoked))
                .onFailure(failure -> LOG.error("failed to write a revocation: {}", failure.getMessage()));
    }
}
