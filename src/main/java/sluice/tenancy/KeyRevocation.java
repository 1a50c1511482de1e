package sluice.tenancy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cluster.Notices;
import sluice.ledger.RevokedKeys;

/** Revokes and restores keys: here at once, in the ledger for the next start, and on the other replicas. */
public final class KeyRevocation {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRevocation.class);
    private static final String REVOKED = "revoked/";
    private static final String RESTORED = "restored/";

    private final Vertx vertx;
    private final RevokedKeys written;
    private final Revocations revocations;
    private final Optional<Notices> notices;

    /** @throws IOException if the ledger exists but cannot be read */
    public KeyRevocation(Vertx vertx, RevokedKeys written, Optional<Notices> notices) throws IOException {
        this.vertx = vertx;
        this.written = written;
        this.revocations = new Revocations(written.read());
        this.notices = notices;
        notices.ifPresent(shared -> {
            shared.read(this::learn);
            shared.lost(() -> revocations.all().forEach(id -> shared.remind(REVOKED + id)));
        });
    }

    public Revocations revocations() {
        return revocations;
    }

    /** Completes once the change is in the ledger and, if there is a store, in the store; neither waits for the other. */
    public Future<Void> change(String id, boolean revoked) {
        apply(id, revoked);
        Future<Void> told = notices.map(shared -> tell(shared, id, revoked)).orElse(Future.succeededFuture());
        return Future.all(write(id, revoked), told).mapEmpty();
    }

    private void apply(String id, boolean revoked) {
        if (revoked) {
            revocations.revoke(id);
        } else {
            revocations.restore(id);
        }
        LOG.info("key {} is {}", id, revoked ? "revoked" : "restored");
    }

    private Future<Void> write(String id, boolean revoked) {
        return vertx.executeBlocking(() -> {
            written.write(id, revoked);
            return true;
        }).mapEmpty();
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
        write(id, revoked)
                .onFailure(failure -> LOG.error("a revocation could not be written: {}", failure.getMessage()));
    }
}
