package sluice.answers;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import sluice.cluster.RedisSettings;

/**
 * The cache that replicas share behind their own.
 *
 * @param redis         where it is; empty if there is none
 * @param keys          that encrypt answers; the first encrypts, all of them decrypt
 * @param ttl           how long an answer stays there at most; policies may say less
 * @param maxEntryBytes of one answer
 * @param maxWait        how long a call may wait for the answer that another replica is making
 * @param maxInFlight   looks and answers under way at once
 */
public record SecondTier(Optional<RedisSettings> redis, List<SealKey> keys, Duration ttl, int maxEntryBytes,
        Duration maxWait, int maxInFlight) {

    public SecondTier {
        keys = List.copyOf(keys);
    }
}
