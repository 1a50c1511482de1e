package sluice.upstream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;

/** The keys of one account, used in turn; one that the upstream rejects is left out for a while. */
public final class KeyRing {
    /** How long a rejected key is left out. */
    public static final Duration REJECTED = Duration.ofMinutes(5);

    private final List<ApiKey> keys;
    private final AtomicLongArray outUntil;
    private final AtomicInteger turn = new AtomicInteger();

    /** Of at least one key. */
    public KeyRing(List<ApiKey> keys, long now) {
        this.keys = List.copyOf(keys);
        this.outUntil = new AtomicLongArray(keys.size());
        for (int i = 0; i < keys.size(); i++) {
            outUntil.set(i, now);
        }
    }

    /** A ring of other keys, in which those that stay are left out for as long as in this one. */
    public KeyRing with(List<ApiKey> others, long now) {
        KeyRing ring = new KeyRing(others, now);
        for (int i = 0; i < keys.size(); i++) {
            int place = others.indexOf(keys.get(i));
            if (place >= 0) {
                ring.outUntil.set(place, outUntil.get(i));
            }
        }
        return ring;
    }

    /** Whether these are its keys. */
    public boolean holds(List<ApiKey> others) {
        return keys.equals(others);
    }

    /** The next key that is in service; if none is, the one whose turn it is, as a probe. */
    public ApiKey next(long now) {
        int start = Math.floorMod(turn.getAndIncrement(), keys.size());
        for (int i = 0; i < keys.size(); i++) {
            int index = (start + i) % keys.size();
            if (outUntil.get(index) - now <= 0) {
                return keys.get(index);
            }
        }
        return keys.get(start);
    }

    /** The upstream has rejected the key; true if another one is in service. */
    public boolean rejected(ApiKey key, long now) {
        boolean another = false;
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).equals(key)) {
                outUntil.set(i, now + REJECTED.toNanos());
            } else {
                another |= outUntil.get(i) - now <= 0;
            }
        }
        return another;
    }

    /** Keys are left out until a moment, for what somebody else has learned. */
    public void outOfService(Predicate<ApiKey> which, long until) {
        for (int i = 0; i < keys.size(); i++) {
            if (which.test(keys.get(i)) && until - outUntil.get(i) > 0) {
                outUntil.set(i, until);
            }
        }
    }

    /** How many keys are in service. */
    public int inService(long now) {
        int count = 0;
        for (int i = 0; i < keys.size(); i++) {
            count += outUntil.get(i) - now <= 0 ? 1 : 0;
        }
        return count;
    }
}
