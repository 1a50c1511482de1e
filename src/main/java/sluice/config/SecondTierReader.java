package sluice.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.answers.SealKey;
import sluice.answers.SecondTier;
import sluice.cache.AnswerCache;
import sluice.cluster.RedisSettings;
import sluice.cluster.StoreLoss;
import sluice.yaml.Entry;
import sluice.yaml.Redaction;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.Values;

/** Reads {@code cache.redis}: the cache that replicas share behind their own, and the keys that encrypt answers there. */
final class SecondTierReader {
    private static final String KEY = "32 bytes in base64, as 'openssl rand -base64 32' prints them";
    private static final long LARGEST_ENTRY = 16L << 20;

    private SecondTierReader() {}

    /** @param cache the first tier, whose size of an entry is the default */
    static SecondTier read(Section section, AnswerCache.Settings cache) {
        List<URI> addresses = section.optional("url", RedisReader.ADDRESSES).orElse(List.of());
        RedisSettings redis = new RedisSettings(addresses, RedisReader.mode(section),
                RedisReader.login(section, addresses), section.file("ca-file", Values.authorities()),
                section.value("prefix", Values.name(), "sluice-cache"),
                section.duration("timeout", Duration.ofMillis(1), Duration.ofSeconds(10), Duration.ofMillis(25)), 1,
                StoreLoss.SHARE, Set.of(), Set.of());
        List<SealKey> keys = keys(section);
        SecondTier tier = new SecondTier(addresses.isEmpty() ? Optional.empty() : Optional.of(redis), keys,
                section.duration("ttl", Duration.ofMillis(1), Duration.ofDays(365), Duration.ofDays(1)),
                (int) section.size("max-entry", 0, LARGEST_ENTRY, Math.min(LARGEST_ENTRY, cache.maxEntryBytes())),
                section.duration("max-wait", Duration.ZERO, Duration.ofMinutes(10), Duration.ofSeconds(2)),
                section.count("max-in-flight", 1, 1_000_000, 512));
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
        if (key.isEmpty() && !item.offline()) {
            item.refuseSecret(KEY);
        }
        return key;
    }

    private static List<SealKey> keys(Section section) {
        List<SealKey> keys = section.items("keys").orElse(List.of()).stream()
                .flatMap(item -> Secret.required(item, "a key: " + KEY).flatMap(secret -> key(item, secret)).stream())
                .toList();
        if (!keys.isEmpty()) {
            section.show("keys", keys.stream().map(key -> Redaction.MARK).toList());
        }
        return keys;
    }
}
