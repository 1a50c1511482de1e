package sluice.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.quota.Limit;

/**
 * How replicas reach the store they share.
 *
 * @param addresses   {@code redis://} or {@code rediss://}; one for a single server, more for a cluster or sentinels
 * @param mode        what is behind the addresses
 * @param login       the ACL user and its password, if the server asks
 * @param caFile      PEM certificates trusted instead of the platform's, if any
 * @param prefix      of every key
 * @param timeout     per message
 * @param maxReplicas divides limits until the number of replicas is known
 * @param onLoss      what happens to shared limits while the store cannot be reached
 * @param closed      accounts that then grant nothing, whatever {@code onLoss} says
 * @param exact       tenant limits decided by one message each rather than from slices
 */
public record RedisSettings(List<URI> addresses, Mode mode, Optional<Login> login, Optional<Path> caFile,
        String prefix, Duration timeout, int maxReplicas, StoreLoss onLoss, Set<String> closed, Set<ExactLimit> exact) {

    /** What is behind the addresses; for sentinels, with the name of the master they watch. */
    public sealed interface Mode {
        /** One server. */
        record Single() implements Mode {}

        /** A Redis Cluster. */
        record Cluster() implements Mode {}

        /** Sentinels. */
        record Sentinel(String master) implements Mode {}
    }

    /** A kind of limit, for one tenant or for all. */
    public record ExactLimit(Optional<String> tenant, Limit.Kind kind) {}

    /** An ACL user, empty for the default one, and a password, which is never printed. */
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

    /** Whether every decision on a tenant's limit is one message. */
    boolean exact(String tenant, Limit.Kind kind) {
        return exact.contains(new ExactLimit(Optional.empty(), kind))
                || exact.contains(new ExactLimit(Optional.of(tenant), kind));
    }

    /** The worst that happens to any call while the store cannot be reached. */
    StoreLoss worstLoss() {
        return closed.isEmpty() ? onLoss : StoreLoss.CLOSED;
    }

    /** What happens to an account while the store cannot be reached. */
    StoreLoss onLoss(String account) {
        return closed.contains(account) ? StoreLoss.CLOSED : onLoss;
    }
}
