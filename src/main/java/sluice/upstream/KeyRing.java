package sluice.upstream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The keys of one account, used in turn. For a second after an answer says that a key is rejected, the key is used only
 * if there is no other; once a probe has confirmed it, the key is left out for a while, or until a call with it succeeds.
 */
public final class KeyRing {
    /** How long a rejected key is left out. */
    public static final Duration REJECTED = Duration.ofMinutes(5);

    private static final long SUSPECTED_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long BETWEEN_PROBES_NANOS = Duration.ofSeconds(10).toNanos();

    /**
     * A key that is left out.
     *
     * @param id    its {@link ApiKey#id}
     * @param since when it was first rejected, by the clock's {@code nanos()}
     */
    public record Rejected(String id, long since) {}

    /**
     * What is known of a key.
     *
     * @param outSince     when it was first left out; a key rejected again as soon as it is back has been out all along
     * @param outUntil     until when it is left out
     * @param suspectUntil until when another one is preferred
     * @param probing      whether a probe is in progress
     * @param probeFrom    when the next probe may be sent
     */
    private record Standing(long outSince, long outUntil, long suspectUntil, boolean probing, long probeFrom) {

        static Standing good(long now) {
            return new Standing(now, now - REJECTED.toNanos(), now, false, now);
        }

        /** Whether it would be news that it is rejected. */
        boolean wasWell(long now) {
            return outUntil + REJECTED.toNanos() - now <= 0;
        }

        Standing out(long now, long until) {
            return new Standing(wasWell(now) ? now : outSince, until, suspectUntil, probing, probeFrom);
        }

        /** Accepted in a call sent then; the answer to one sent before it was rejected says nothing. */
        Standing accepted(long sentAt, long now) {
            return in(now) || sentAt - outSince <= 0
                    ? this
                    : new Standing(now, now - REJECTED.toNanos(), now, probing, probeFrom);
        }

        Standing suspected(long until) {
            return new Standing(outSince, outUntil, until, probing, probeFrom);
        }

        Standing probing(boolean probed, long next) {
            return new Standing(outSince, outUntil, suspectUntil, probed, next);
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
                held.standing().updateAndGet(was -> was.suspected(now + SUSPECTED_NANOS));
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
                                ? was.probing(true, now + BETWEEN_PROBES_NANOS)
                                : was)
                        .mayProbe(now);
            }
        }
        return false;
    }

    /** A key's probe is over; returns whether it shows that a key is rejected that was not. */
    public boolean probed(ApiKey key, boolean rejected, long now) {
        boolean news = false;
        for (Held held : keys) {
            if (held.key().equals(key)) {
                Standing before = held.standing().getAndUpdate(was -> (rejected
                        ? was.out(now, now + REJECTED.toNanos())
                        : was).probing(false, was.probeFrom()));
                news |= rejected && before.wasWell(now);
            }
        }
        return news;
    }

    /** The upstream accepted the key of a call sent then; returns whether it had been left out and is back. */
    public boolean accepted(ApiKey key, long sentAt, long now) {
        boolean back = false;
        for (Held held : keys) {
            if (!held.standing().get().in(now) && held.key().equals(key)) {
                Standing before = held.standing().getAndUpdate(was -> was.accepted(sentAt, now));
                back |= !before.in(now) && before.accepted(sentAt, now).in(now);
            }
        }
        return back;
    }

    /** Leaves keys out until a moment, because of what another replica has learned. */
    public void outOfService(Predicate<ApiKey> which, long now, long until) {
        for (Held held : keys) {
            if (which.test(held.key())) {
                held.standing().updateAndGet(was -> until - was.outUntil() > 0 ? was.out(now, until) : was);
            }
        }
    }

    /** The keys that are left out. */
    public List<Rejected> rejected(long now) {
        return keys.stream().filter(held -> !held.standing().get().in(now))
                .map(held -> new Rejected(held.key().id(), held.standing().get().outSince())).toList();
    }

    /** How many keys are in service. */
    public int inService(long now) {
        return (int) keys.stream().filter(held -> held.standing().get().in(now)).count();
    }
}
