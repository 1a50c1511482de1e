import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where and until when an attack runs, and the ways in which it goes about it. Every loop is bounded in rate and ends
 * with the scene.
 *
 * @param tenant the number of the attacking tenant, whose limits nobody else has used
 */
record Scene(int port, int admin, int tenant, long until) {
    static final int ADDRESSES = 8;
    private static final long AFTER_FAILURE_MILLIS = 100;

    interface Deed {
        /** Does it; fails if the connection does. */
        void run(Wire wire, int worker) throws IOException;
    }

    interface Opener {
        Wire open(int worker) throws IOException;
    }

    String key() {
        return Lab.key("attacker-" + tenant);
    }

    static String wrong() {
        return "sk-sluice-nobody-has-this-key";
    }

    /** One of several addresses of loopback. */
    static String address(int worker) {
        return "127.0.0." + (2 + worker % ADDRESSES);
    }

    boolean over() {
        return System.nanoTime() >= until;
    }

    Opener plain() {
        return worker -> Wire.plain(port, address(worker));
    }

    Opener http(boolean h2) {
        return worker -> Wire.open(h2, port, address(worker));
    }

    /** Opens so many connections, so many a second, does something on each, and holds all of them to the end. */
    void hold(int count, int perSecond, Opener opener, Deed deed) {
        Pace pace = new Pace(perSecond);
        List<Thread> threads = new ArrayList<>();
        int openers = Math.min(16, count);
        for (int each = 0; each < openers; each++) {
            int first = each;
            threads.add(Thread.ofVirtual().start(() -> {
                List<Wire> held = new ArrayList<>();
                for (int i = first; i < count && pace.next(this); i += openers) {
                    Wire wire = opened(opener, i);
                    if (wire != null) {
                        held.add(wire);
                        attempt(deed, wire, i);
                    }
                }
                rest();
                held.forEach(Wire::close);
            }));
        }
        join(threads);
    }

    /** Some connections, on each of which something is done over and over; one that breaks is opened anew. */
    void flood(int connections, int perSecond, Opener opener, Deed first, Deed again) {
        Pace pace = new Pace(perSecond);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            int worker = i;
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                while (!over()) {
                    Wire wire = opened(opener, worker);
                    if (wire == null) {
                        continue;
                    }
                    if (attempt(first, wire, worker)) {
                        while (pace.next(this) && attempt(again, wire, worker)) {
                            // Again.
                        }
                    }
                    wire.close();
                    if (!over()) {
                        Lab.nap(AFTER_FAILURE_MILLIS);
                    }
                }
            }));
        }
        join(threads);
    }

    /** A connection for each time it is done; each is held for a while, then closed. */
    void each(int perSecond, int holdMillis, Opener opener, Deed deed) {
        Pace pace = new Pace(perSecond);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; pace.next(this); i++) {
            int worker = i;
            threads.add(Thread.ofVirtual().start(() -> {
                Wire wire = opened(opener, worker);
                if (wire != null) {
                    attempt(deed, wire, worker);
                    Lab.nap(Math.max(0, Math.min(holdMillis, (until - System.nanoTime()) / 1_000_000)));
                    wire.close();
                }
            }));
        }
        join(threads);
    }

    private static Wire opened(Opener opener, int worker) {
        try {
            return opener.open(worker);
        } catch (IOException refused) {
            Lab.nap(AFTER_FAILURE_MILLIS);
            return null;
        }
    }

    private static boolean attempt(Deed deed, Wire wire, int worker) {
        try {
            deed.run(wire, worker);
            return true;
        } catch (IOException broken) {
            return false;
        }
    }

    private void rest() {
        Lab.nap(Math.max(0, (until - System.nanoTime()) / 1_000_000));
    }

    /** Writers may hang at a gateway that does not read: they are left alone once the scene is over. */
    private void join(List<Thread> threads) {
        for (Thread thread : threads) {
            try {
                thread.join(java.time.Duration.ofNanos(Math.max(1, until - System.nanoTime() + 300_000_000L)));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Lets so many pass a second, of all threads together. */
    static final class Pace {
        private final AtomicLong next = new AtomicLong(System.nanoTime());
        private final long step;

        Pace(int perSecond) {
            step = 1_000_000_000L / perSecond;
        }

        /** False once the scene is over. */
        boolean next(Scene scene) {
            long due = next.getAndAdd(step);
            long now = System.nanoTime();
            if (due < now - 1_000_000_000L) {
                next.compareAndSet(due + step, now);
            }
            if (due >= scene.until()) {
                return false;
            }
            Lab.nap(Math.max(0, (due - now) / 1_000_000));
            return !scene.over();
        }
    }
}
