package sluice.config;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Tenant;
import sluice.time.Time;
import sluice.yaml.Entry;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.Values;

/** Reads the keys of tenants and checks that no key is used twice. */
final class TenantKeys {
    private static final int SHORTEST = 20;
    /** How long before a key expires its tenant should already have a new one. */
    private static final Duration SOON = Duration.ofDays(14);
    private static final String AT_LEAST_ONE = "at least one key, or a rule under identity that names this tenant";
    private static final String EXPECTED = "a key, or sha256: and its digest";

    private final AccountReader accounts;
    private final Set<KeyDigest> adminTokens;
    private final Map<KeyDigest, String> owners = new HashMap<>();
    private final Map<String, Section> keyless = new LinkedHashMap<>();

    TenantKeys(AccountReader accounts, Set<KeyDigest> adminTokens) {
        this.accounts = accounts;
        this.adminTokens = adminTokens;
    }

    List<Tenant.Key> read(Section tenant, String name) {
        Optional<List<Entry>> items = tenant.filledItems("keys", AT_LEAST_ONE);
        if (items.isEmpty()) {
            keyless.put(name, tenant);
        }
        List<Tenant.Key> keys = items.orElse(List.of()).stream()
                .flatMap(item -> key(item).filter(key -> isOnlyHere(item, key, name)).stream()).toList();
        tenant.show("keys", keys.stream().map(TenantKeys::shown).toList());
        return keys;
    }

    /** Refuses tenants without a key, unless their callers authenticate otherwise. */
    void refuseUnreachable(Set<String> identified) {
        keyless.forEach((name, tenant) -> {
            if (!identified.contains(name)) {
                tenant.misses("keys", AT_LEAST_ONE);
            }
        });
    }

    private static Object shown(Tenant.Key key) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("sha256", key.digest().hex());
        key.notAfter().ifPresent(end -> shown.put("not-after", end.toString()));
        return shown.size() > 1 ? shown : "sha256:" + key.digest().hex();
    }

    private static Optional<Tenant.Key> key(Entry item) {
        if (!item.isMapping()) {
            return digest(item).map(digest -> new Tenant.Key(digest, Optional.empty()));
        }
        Section section = item.section();
        Optional<Entry> sha256 = section.entry("sha256");
        Optional<Entry> key = section.entry("key");
        Optional<Instant> notAfter = section.value("not-after", Values.endOf());
        notAfter.ifPresent(end -> warnOfEnd(section, end));
        if (sha256.isPresent() == key.isPresent()) {
            section.refuse(key.isPresent() ? "both sha256 and key" : "neither sha256 nor key", "one of them");
            return Optional.empty();
        }
        return sha256.flatMap(Digests::bare).or(() -> key.flatMap(TenantKeys::digest))
                .map(digest -> new Tenant.Key(digest, notAfter));
    }

    private static void warnOfEnd(Section key, Instant end) {
        Instant now = Time.system().now();
        if (!end.isAfter(now)) {
            key.warn("not-after", "the key has expired and is refused; remove it");
        } else if (end.isBefore(now.plus(SOON))) {
            key.warn("not-after", "the key expires at " + end + "; issue a new one");
        }
    }

    private static Optional<KeyDigest> digest(Entry entry) {
        return Secret.required(entry, EXPECTED).flatMap(secret -> Digests.of(entry, secret, SHORTEST));
    }

    private boolean isOnlyHere(Entry item, Tenant.Key key, String tenant) {
        Optional<String> account = accounts.accountOf(key.digest());
        if (account.isPresent()) {
            item.refuse("the key of account " + account.get(), "a key made for this tenant");
            return false;
        }
        if (adminTokens.contains(key.digest())) {
            item.refuse("an admin token", "a key made for this tenant");
            return false;
        }
        String owner = owners.putIfAbsent(key.digest(), tenant);
        if (owner != null) {
            item.refuse("key " + key.digest().id() + " of " + tenant,
                    "a key listed only once; " + owner + " has it too");
        }
        return owner == null;
    }
}
