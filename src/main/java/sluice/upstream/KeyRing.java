package sluice.upstream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The keys of one account, used in turn. For a second after an answer says that a key is rejected, the key is used only
 * if there is no other; once a probe has confirmed it, the key is left out for a while.
 */
public final class KeyRing {
    /** How long a rejected key is left out. */
    public static final Duration REJECTED = Duration.ofMinutes(5);

    private static final long SUSPECTED_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_PROBES_NANOS = Duration.ofSeconds(10).toNanos();

    /**
     * What is known of a key.
     *
     * @param outUntil     until when it is left out
     * @param suspectUntil until when another one is preferred
     * @param probing      whether a probe is in progress
     * @param probeFrom    when the next probe may be sent
     */
    private record Standing(long outUntil, long suspectUntil, boolean probing, long probeFrom) {

        static Standing good(long now) {
            return new Standing(now, now, false, now);
        }

        boolean in(long now) {
            return outUntil - now <= 0;
        }

        boolean preferred(long now) {
            return in(now) && suspectUntil - now <= 0;
        }

        boolean mayProbe(long now) {
            return !probing && probeFrom - now <= 0;
        }
    }

    private record Held(ApiKey key, AtomicReference<Standing> standing) {}

    private final List<Held> keys;
    private final AtomicInteger turn = new AtomicInteger();

    /** Takes at least one key. */
    public KeyRing(List<ApiKey> keys, long now) {
        this.keys = keys.stream().map(key -> new Held(key, new AtomicReference<>(Standing.good(now)))).toList();
    }

    /** A ring of other keys; those in both keep their standing. */
    public KeyRing with(List<ApiKey> others, long now) {
        KeyRing ring = new KeyRing(others, now);
        for (Held held : keys) {
            ring.keys.stream().filter(kept -> kept.key().equals(held.key()))
                    .forEach(kept -> kept.standing().set(held.standing().get()));
        }
        return ring;
    }

    /** Whether these are its keys. */
    public boolean holds(List<ApiKey> others) {
        return keys.stream().map(Held::key).toList().equals(others);
    }

    /** The next key in good standing; if there is none, the next in service; else the one whose turn it is. */
    public ApiKey next(long now) {
        int start = Math.floorMod(turn.getAndIncrement(), keys.size());
        Held inService = null;
        for (int i = 0; i < keys.size(); i++) {
            Held held = keys.get((start + i) % keys.size());
            Standing standing = held.standing().get();
            if (standing.preferred(now)) {
                return held.key();
            }
            if (inService == null && standing.in(now)) {
                inService = held;
            }
        }
        return inService == null ? keys.get(start).key() : inService.key();
    }

    /** An answer says that the key is rejected; true if there is another one in good standing. */
    public boolean suspected(ApiKey key, long now) {
        boolean another = false;
        for (Held held : keys) {
            if (held.key().equals(key)) {
                held.standing().updateAndGet(was -> new Standing(was.outUntil(), now + SUSPECTED_NANOS, was.probing(),
                        was.probeFrom()));
            } else {
                another |= held.standing().get().preferred(now);
            }
        }
        return another;
    }

    /** Whether to send a probe of the key now: one at a time, and at most one every ten seconds. */
    public boolean probe(ApiKey key, long now) {
        for (Held held : keys) {
            if (held.key().equals(key)) {
                return held.standing()
                        .getAndUpdate(was -> was.mayProbe(now)
                                ? new Standing(was.outUntil(), was.suspectUntil(), true, now + BETWEEN_PROBES_NANOS)
                                : was)
                        .mayProbe(now);
            }
        }
        return false;
    }

    /** A key's probe is over. */
    public void probed(ApiKey key, boolean rejected, long now) {
        for (Held held : keys) {
            if (held.key().equals(key)) {
                held.standing().updateAndGet(was -> new Standing(rejected ? now + REJECTED.toNanos() : was.outUntil(),
                        was.suspectUntil(), false, was.probeFrom()));
            }
        }
    }

    /** Leaves keys out until a moment, because of what another replica has learned. */
    public void outOfService(Predicate<ApiKey> which, long until) {
        for (Held held : keys) {
            if (which.test(held.key())) {
                held.standing().updateAndGet(was -> until - was.outUntil() > 0
                        ? new Standing(until, was.suspectUntil(), was.probing(), was.probeFrom())
                        : was);
            }
        }
    }

    /** How many keys are in service. */
    public int inService(long now) {
        return (int) keys.stream().filter(held -> held.standing().get().in(now)).count();
    }
}
