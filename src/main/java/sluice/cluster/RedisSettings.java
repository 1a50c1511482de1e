package sluice.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.quota.Limit;

/**
 * How replicas reach what they share.
 *
 * @param addresses   {@code redis://} or {@code rediss://}, one of a single server, more of a cluster or of sentinels
 * @param mode        what stands behind the addresses
 * @param login       the ACL user and its password, if the server asks
 * @param caFile      PEM certificates trusted instead of the platform's, if any
 * @param prefix      before every key
 * @param timeout     of one message
 * @param maxReplicas by which limits are divided where nobody has told yet how many replicas there are
 * @param onLoss      what becomes of shared limits while the store cannot be reached
 * @param closed      accounts that then grant nothing, whatever {@code onLoss} says
 * @param exact       limits of tenants that are decided by one message each and not in slices
 */
public record RedisSettings(List<URI> addresses, Mode mode, Optional<Login> login, Optional<Path> caFile,
        String prefix, Duration timeout, int maxReplicas, StoreLoss onLoss, Set<String> closed, Set<ExactLimit> exact) {

    /** What stands behind the addresses; of sentinels with the name of the master that they watch. */
    public sealed interface Mode {
        /** One server. */
        record Single() implements Mode {}

        /** A Redis Cluster. */
        record Cluster() implements Mode {}

        /** Sentinels. */
        record Sentinel(String master) implements Mode {}
    }

    /** A kind of limit, of one tenant or of all. */
    public record ExactLimit(Optional<String> tenant, Limit.Kind kind) {}

    /** An ACL user, or none for the default one, and a password, which never shows itself. */
    public record Login(Optional<String> user, String password) {

        @Override
        public String toString() {
            return user.orElse("default user") + " [redacted]";
        }
    }

    public RedisSettings {
        addresses = List.copyOf(addresses);
        closed = Set.copyOf(closed);
        exact = Set.copyOf(exact);
    }

    /** Whether every decision of a tenant's limit is one message. */
    boolean exact(String tenant, Limit.Kind kind) {
        return exact.contains(new ExactLimit(Optional.empty(), kind))
                || exact.contains(new ExactLimit(Optional.of(tenant), kind));
    }

    /** What becomes of an account while the store cannot be reached. */
    StoreLoss onLoss(String account) {
        return closed.contains(account) ? StoreLoss.CLOSED : onLoss;
    }
}
