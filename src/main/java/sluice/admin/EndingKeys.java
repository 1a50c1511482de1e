package sluice.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import sluice.admin.Trouble.What;
import sluice.managed.InForce;
import sluice.managed.KnownKey;
import sluice.managed.ManagedKey;
import sluice.tenancy.Revocations;
import sluice.time.Time;

/** The keys of tenants that expire within a week, the first to expire first. All replicas know the same. */
final class EndingKeys {
    private static final Duration SOON = Duration.ofDays(7);
    private static final int MOST = 10;

    private final InForce inForce;
    private final Revocations revocations;
    private final Time time;

    EndingKeys(InForce inForce, Revocations revocations, Time time) {
        this.inForce = inForce;
        this.revocations = revocations;
        this.time = time;
    }

    /** @param only the tenant to look at; empty for all */
    Stream<Trouble> of(Optional<String> only) {
        Instant now = time.now();
        Stream<KnownKey> keys = only.map(tenant -> inForce.keysOf(tenant).stream())
                .orElseGet(() -> inForce.keysAfter("").values().stream());
        return keys.filter(key -> soon(key, now) && !isReplaced(key) && !revocations.has(key.id()))
                .sorted(Comparator.comparing((KnownKey key) -> key.notAfter().orElse(Instant.MAX))).limit(MOST)
                .map(key -> trouble(key, key.notAfter().orElse(now)));
    }

    private static boolean soon(KnownKey key, Instant now) {
        return key.notAfter().isPresent() && !key.ended(now) && key.notAfter().get().isBefore(now.plus(SOON));
    }

    /** Whoever rotates a key knows that the old one ends. */
    private static boolean isReplaced(KnownKey key) {
        return key.managed().flatMap(ManagedKey::replacedBy).isPresent();
    }

    private static Trouble trouble(KnownKey key, Instant end) {
        return new Trouble(What.KEY_NEAR_EXPIRY, end.minus(SOON),
                "key " + key.id() + " of " + key.tenant() + " expires at " + end + "; issue a new one");
    }
}
