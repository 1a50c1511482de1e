package sluice.managed;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.ledger.Ledger;
import sluice.ledger.RevokedKeys;

/**
 * What a replica starts with: from the ledger or, while that is away, from its copy on disk.
 *
 * @param revoked  the ids of revoked keys
 * @param fromDisk whether the ledger did not answer
 */
public record Start(Changes known, Set<String> revoked, boolean fromDisk) {
    private static final Logger LOG = LoggerFactory.getLogger(Start.class);

    public Start {
        revoked = Set.copyOf(revoked);
    }

    /**
     * Reads it.
     *
     * @param shared whether anything can be managed; if not, only revocations are read
     * @param file   where a copy is kept, if one is
     * @throws IOException if the ledger does not answer and there is no copy
     */
    public static Start read(Ledger ledger, boolean shared, Optional<DirectoryFile> file) throws IOException {
        try {
            Set<String> revoked = new RevokedKeys(ledger).read();
            return new Start(shared ? ManagedLedger.read(ledger, ManagedLedger.NOTHING_KNOWN) : Changes.NONE, revoked,
                    false);
        } catch (IOException away) {
            Optional<Changes> kept = file.isEmpty() ? Optional.empty() : file.get().read();
            if (kept.isEmpty()) {
                throw away;
            }
            LOG.warn(
                    "{}: starting with the tenants and keys saved at {}, as of change {}; later changes "
                            + "are not in effect, and daily limits start over",
                    away.getMessage(), file.get().file(),
                    kept.get().number());
            return new Start(kept.get(), kept.get().revocations().keySet(), true);
        }
    }

    /** Whether there is any managed tenant. */
    public boolean hasTenants() {
        return !known.tenants().isEmpty();
    }
}
