package sluice.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.identity.Identity;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Revocations;

/**
 * What identifies a caller: its key, a token, a client certificate, or several of these.
 *
 * @param id      of its key or, if it has none, of its subject
 * @param subject named by its token or certificate; empty if it presented only a key
 * @param ids     under any of which it can be revoked
 */
public record Credential(String id, String subject, List<String> ids) {

    public Credential {
        ids = List.copyOf(ids);
    }

    /** The key with this id. */
    public static Credential key(String id) {
        return new Credential(id, "", List.of(id));
    }

    /** A key, or at least one identity, or both. */
    public static Credential of(Optional<KeyDigest> key, List<Identity> identities) {
        if (identities.isEmpty()) {
            return key(key.orElseThrow().id());
        }
        if (key.isEmpty() && identities.size() == 1) {
            Identity only = identities.getFirst();
            return new Credential(only.id(), only.subject(), List.of(only.id()));
        }
        List<String> ids = new ArrayList<>();
        key.ifPresent(digest -> ids.add(digest.id()));
        identities.forEach(identity -> ids.add(identity.id()));
        return new Credential(ids.getFirst(), identities.getFirst().subject(), ids);
    }

    /** Whether it is revoked, as a whole or in part. */
    public boolean isRevoked(Revocations revocations) {
        for (String each : ids) {
            if (revocations.has(each)) {
                return true;
            }
        }
        return false;
    }

    /** Whether revoking this id revokes it. */
    public boolean has(String revoked) {
        return ids.contains(revoked);
    }
}
