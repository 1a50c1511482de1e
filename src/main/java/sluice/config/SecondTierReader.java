package sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.answers.SealKey;
import sluice.answers.SecondTier;
import sluice.cache.AnswerCache;
import sluice.cluster.RedisSettings;
import sluice.cluster.StoreLoss;

/** Reads {@code cache.redis}: the cache that replicas share behind their own, and the keys that encrypt answers there. */
final class SecondTierReader {
    private static final String KEY = "32 bytes in base64, as 'openssl rand -base64 32' prints them";
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final long LARGEST_ENTRY = 16L << 20;

    private SecondTierReader() {}

    /** @param cache the first tier, whose size of an entry is the default */
    static SecondTier read(Section section, AnswerCache.Settings cache) {
        List<URI> addresses = section.optional("url", RedisReader.ADDRESSES).orElse(List.of());
        RedisSettings redis = new RedisSettings(addresses, RedisReader.mode(section),
                RedisReader.login(section, addresses), section.file("ca-file", Values.authorities()),
                section.value("prefix", Values.name(), "sluice-cache"),
                section.value("timeout", Values.duration(Duration.ofMillis(1), Duration.ofSeconds(10)),
                        Duration.ofMillis(25)),
                1, StoreLoss.SHARE, Set.of(), Set.of());
        List<SealKey> keys = keys(section);
        SecondTier tier = new SecondTier(addresses.isEmpty() ? Optional.empty() : Optional.of(redis), keys,
                section.value("ttl", Values.duration(Duration.ofMillis(1), Duration.ofDays(365)), LONGEST),
                section.value("max-entry", Values.size(0, LARGEST_ENTRY),
                        Math.min(LARGEST_ENTRY, (long) cache.maxEntryBytes())).intValue(),
                section.value("max-wait", Values.duration(Duration.ZERO, Duration.ofMinutes(10)),
                        Duration.ofSeconds(2)),
                section.value("max-in-flight", Values.count(1, 1_000_000), 512));
        if (!addresses.isEmpty() && section.items("keys").orElse(List.of()).isEmpty()) {
            section.misses("keys", "at least one key to encrypt answers with: " + KEY);
        }
        if (addresses.isEmpty() && keys.isEmpty()) {
            section.hide();
        }
        return tier;
    }

    /** Offline, secrets that are elsewhere are not known. */
    private static Optional<SealKey> key(Entry item, Secret secret) {
        Optional<SealKey> key = SealKey.of(secret.value());
        if (key.isEmpty() && !item.findings().offline()) {
            item.refuse(Redaction.MARK, KEY);
        }
        return key;
    }

    private static List<SealKey> keys(Section section) {
        List<SealKey> keys = new ArrayList<>();
        for (Entry item : section.items("keys").orElse(List.of())) {
            Secret.required(item, "a key: " + KEY).ifPresent(secret -> key(item, secret).ifPresent(keys::add));
        }
        if (!keys.isEmpty()) {
            section.show("keys", keys.stream().map(key -> Redaction.MARK).toList());
        }
        return keys;
    }
}
