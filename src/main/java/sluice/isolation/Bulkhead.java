package sluice.isolation;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that all tenants share, bounded as a whole and per holder: a holder may hold at most as much as is still
 * free. A lone holder gets half, two get a third each, so there is always room for a newcomer, and nobody configures
 * shares. Switches divide their buffers among ports the same way (Choudhury and Hahne, "Dynamic Queue Length Thresholds
 * for Shared-Memory Packet Switches", 1998).
 *
 * <p>A holder of nothing gets one unit as long as any remains, so that a total of 1 is useful too. Safe for any
 * number of threads; taking and giving back need no lock: a holder's amount is raised before the total, so two
 * threads of one holder may refuse each other at the bound, but {@code take} never exceeds it and no other holder is
 * affected.
 */
public final class Bulkhead {

    /** What one holder holds. Once retired it accepts nothing more, and a new one takes its place. */
    private static final class Held extends AtomicLong {
        private static final long serialVersionUID = 1L;
        private static final long RETIRED = Long.MIN_VALUE;

        /** The amount then held, or {@link #RETIRED}. */
        long add(long amount) {
            long before;
            do {
                before = get();
                if (before == RETIRED) {
                    return RETIRED;
                }
            } while (!compareAndSet(before, before + amount));
            return before + amount;
        }

        boolean retire() {
            return compareAndSet(0, RETIRED);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Bulkhead.class);

    /** Idle holders to remember, in addition to the active ones: most return. */
    private static final int REMEMBERED = 256;

    private final Shared shared;
    private final AtomicLong used = new AtomicLong();
    private final AtomicInteger holding = new AtomicInteger();
    private final AtomicBoolean full = new AtomicBoolean();
    private final ConcurrentHashMap<Holder, Held> byHolder = new ConcurrentHashMap<>();
    private volatile long total;
    /** Where the search for a holder of more than an equal part is; guarded by {@code byHolder}. */
    private Iterator<Map.Entry<Holder, Held>> round = Collections.emptyIterator();
    private Holder lastAbove = new Holder.Everyone();

    Bulkhead(Shared shared, long total) {
        this.shared = shared;
        this.total = total;
    }

    /** A bulkhead for something that all event loops share. */
    public static Bulkhead of(String thing, long total) {
        return new Shared(thing).bulkhead(total);
    }

    /** The kind of resource that this bounds. */
    public Shared shared() {
        return shared;
    }

    /** Changes the total; what is held stays held. */
    public void change(long changed) {
        total = changed;
    }

    public long total() {
        return total;
    }

    /** How much all holders hold together. */
    public long used() {
        return used.get();
    }

    /** How many holders hold something. */
    public int holders() {
        return holding.get();
    }

    /** What a holder holds. */
    public long held(Holder holder) {
        Held held = byHolder.get(holder);
        return held == null ? 0 : Math.max(0, held.get());
    }

    /**
     * Who must make room when there is none: the given holder if it has more than an equal part, otherwise another
     * that has, if there is one. Takes a few steps, since the search continues where the last one ended.
     */
    public Holder aboveEqualPart(Holder own) {
        long part = total / Math.max(1, holding.get());
        if (held(own) > part) {
            return own;
        }
        synchronized (byHolder) {
            if (held(lastAbove) > part) {
                return lastAbove;
            }
            for (int left = 2 * byHolder.size(); left > 0; left--) {
                if (!round.hasNext()) {
                    round = byHolder.entrySet().iterator();
                }
                Map.Entry<Holder, Held> next = round.next();
                if (next.getValue().get() > part) {
                    lastAbove = next.getKey();
                    return lastAbove;
                }
            }
        }
        return own;
    }

    /** Takes more for a holder, if the rule allows it. */
    public Room take(Holder holder, long amount) {
        return take(holder, amount, Long.MAX_VALUE);
    }

    /** Takes more for a holder, if the rule allows it and the holder then has no more than {@code most}. */
    public Room take(Holder holder, long amount, long most) {
        if (amount == 0) {
            return Room.GIVEN;
        }
        long mine = raise(holder, amount);
        Room room = mine > most ? Room.OWN_SHARE : use(mine, amount);
        if (!room.given()) {
            lower(holder, amount);
            refused(holder, mine - amount, room);
        }
        return room;
    }

    /** Takes more for a holder admitted earlier, whether there is room or not. */
    public void insist(Holder holder, long amount) {
        if (amount > 0) {
            raise(holder, amount);
            used.addAndGet(amount);
        }
    }

    /** Moves an amount from one holder to another, if the rule allows it. */
    public Room move(Holder from, Holder to, long amount) {
        long mine = raise(to, amount);
        if (mine > total - used.get() && mine > 1) {
            lower(to, amount);
            refused(to, mine - amount, Room.OWN_SHARE);
            return Room.OWN_SHARE;
        }
        lower(from, amount);
        return Room.GIVEN;
    }

    /** Gives back what was taken for a holder. */
    public void giveBack(Holder holder, long amount) {
        if (amount == 0) {
            return;
        }
        long left = used.addAndGet(-amount);
        lower(holder, amount);
        if (full.get() && left <= total / 4) {
            full.set(false);
        }
    }

    /** A part for one thing of this holder, holding nothing yet. */
    public Part part(Holder holder) {
        return new Part(this, holder);
    }

    private long raise(Holder holder, long amount) {
        while (true) {
            Held held = byHolder.get(holder);
            if (held == null) {
                held = byHolder.computeIfAbsent(holder, fresh -> new Held());
                forgetIdle();
            }
            long mine = held.add(amount);
            if (mine != Held.RETIRED) {
                if (mine == amount) {
                    holding.incrementAndGet();
                }
                return mine;
            }
        }
    }

    private void lower(Holder holder, long amount) {
        @Nullable
        Held held = byHolder.get(holder);
        if (held != null && held.add(-amount) == 0) {
            holding.decrementAndGet();
        }
    }

    private Room use(long mine, long amount) {
        long limit = total;
        while (true) {
            long before = used.get();
            long after = before + amount;
            if (after > limit) {
                return Room.NONE;
            }
            if (mine > limit - after && mine > 1) {
                return Room.OWN_SHARE;
            }
            if (used.compareAndSet(before, after)) {
                return Room.GIVEN;
            }
        }
    }

    /** Each pass drops about half of the entries, so the cost per holder is constant. */
    private void forgetIdle() {
        if (byHolder.size() > 2 * holding.get() + REMEMBERED) {
            byHolder.forEach((holder, held) -> {
                if (held.retire()) {
                    byHolder.remove(holder, held);
                }
            });
        }
    }

    /** Logged once, then not again until usage has fallen to a quarter. */
    private void refused(Holder holder, long mine, Room room) {
        shared.refused();
        if (full.compareAndSet(false, true)) {
            LOG.warn("{}: {} holds {} of {} and is refused more: {}", shared.thing(), holder, mine, total,
                    room == Room.NONE ? "none is free" : "the rest is reserved for others");
        }
    }
}
