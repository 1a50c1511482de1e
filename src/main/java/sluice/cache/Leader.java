package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import sluice.isolation.Part;
import sluice.openai.Served;

/** The call that makes the answer of a {@link Flight}. Used on one event loop, and closed when the call is over. */
public final class Leader {
    private final Flight flight;
    private boolean closed;
    private boolean announced;
    private boolean waitsForFollower;
    private Executor loop = Runnable::run;
    private Runnable changed = () -> {};

    Leader(Flight flight) {
        this.flight = flight;
    }

    Flight flight() {
        return flight;
    }

    /**
     * Sets what runs on its event loop when it gets its first follower or loses its last, when it can be joined no more,
     * and when {@link #isAwaited} or {@link #isChased} may have changed.
     */
    public void onFollowers(Executor ownLoop, Runnable task) {
        synchronized (flight) {
            loop = ownLoop;
            changed = task;
        }
    }

    /** The same, on the same event loop; replaces what was set before. */
    public void onFollowers(Runnable task) {
        synchronized (flight) {
            changed = task;
        }
    }

    /** Its followers have changed. Called with the lock of its flight. */
    void changed() {
        if (!announced) {
            announced = true;
            loop.execute(() -> {
                Runnable task;
                synchronized (flight) {
                    announced = false;
                    task = changed;
                }
                task.run();
            });
        }
    }

    /** Runs a task on its event loop, where memory was taken. Called with the lock of its flight. */
    void later(Runnable task) {
        loop.execute(task);
    }

    /** Whether its call is over, or another has taken its place. Called with the lock of its flight. */
    boolean isClosed() {
        return closed;
    }

    private boolean leads() {
        return flight.isLedBy(this) && !closed;
    }

    /** Whether anybody follows. */
    public boolean isFollowed() {
        synchronized (flight) {
            return leads() && flight.isFollowed();
        }
    }

    /** Whether a follower has read nearly all that has arrived, so that it waits for more. */
    public boolean isAwaited() {
        synchronized (flight) {
            boolean awaited = leads() && flight.isAwaited();
            waitsForFollower |= !awaited;
            return awaited;
        }
    }

    /** Whether a follower has much to read, and reads it: it needs no more than its turn. */
    public boolean isChased() {
        synchronized (flight) {
            boolean chased = leads() && flight.isChased();
            waitsForFollower |= chased;
            return chased;
        }
    }

    /** A follower has caught up or stalls. Called with the lock of its flight. */
    void followerMoved() {
        if (waitsForFollower) {
            waitsForFollower = false;
            changed();
        }
    }

    /** Whether a repeat of one of its calls could still get the answer. */
    public boolean mayBeRepeated() {
        synchronized (flight) {
            return leads() && !flight.repeats().isEmpty() && flight.isOpen();
        }
    }

    /** Promises the answer to others; kept with {@link #deliver}, or dropped when there will be none. */
    public void promise(Claim claim) {
        synchronized (flight) {
            if (leads()) {
                flight.promise(List.of(claim));
                return;
            }
        }
        claim.drop();
    }

    /** Gives the whole answer to all to whom it is promised. */
    public void deliver(WholeAnswer answer) {
        flight.releaseClaims().forEach(claim -> claim.keep(answer));
    }

    /** The answer was found elsewhere: those who follow get it too. */
    public void found(CachedAnswer answer, Part room) {
        synchronized (flight) {
            if (flight.isFollowed()) {
                begin(new Flight.Head(answer.headers(), OptionalLong.of(answer.body().length()), false), room,
                        Integer.MAX_VALUE);
                add(answer.body());
                complete(answer.served());
            }
            close();
        }
    }

    /** Another flight takes over its names and promises; false if that one is over. */
    boolean handOver(Flight to) {
        boolean taken = to.takeOver(flight.repeats(), flight.claims());
        if (taken) {
            flight.releaseClaims();
        }
        return taken;
    }

    /** Another flight takes the place of this one: those who follow look again. */
    void disband() {
        synchronized (flight) {
            flight.denySecondTry();
            fail();
        }
    }

    /**
     * The answer has begun.
     *
     * @param room     memory for what has arrived of it
     * @param mostKept how much of it may be kept, in bytes
     */
    public void begin(Flight.Head begun, Part room, int mostKept) {
        synchronized (flight) {
            if (leads() && flight.answer().isAwaited()) {
                flight.answer().begin(begun, room, mostKept);
                flight.wakeAll();
            }
        }
    }

    /** The next piece of the answer. */
    public void add(Buffer piece) {
        synchronized (flight) {
            if (leads() && flight.answer().isBegun() && flight.answer().backlog().isOpen()) {
                flight.append(piece);
            }
        }
    }

    /** Nobody else may join, and the answer will not be cached. */
    public void seal() {
        synchronized (flight) {
            if (leads()) {
                flight.seal();
            }
        }
    }

    /** The answer is whole, and reported this about its model call. */
    public void complete(Served told) {
        synchronized (flight) {
            if (leads() && flight.answer().isBegun()) {
                flight.answer().complete(told);
                flight.wakeAll();
            }
        }
    }

    /** All of the answer, if it is whole and was kept. */
    public Optional<byte[]> whole() {
        synchronized (flight) {
            return leads() ? flight.answer().whole() : Optional.empty();
        }
    }

    /** The answer broke off. If nothing of it has arrived, it failed before it began. */
    public void cut(Buffer words) {
        synchronized (flight) {
            if (leads() && flight.answer().isBegun()) {
                if (flight.answer().backlog().end() == 0) {
                    flight.answer().retract();
                    fail();
                } else {
                    flight.cut(words);
                }
            }
        }
    }

    /** The call failed before its answer began: one follower takes its place, if there is one and none has before. */
    public void fail() {
        synchronized (flight) {
            if (leads() && flight.answer().isAwaited()) {
                closed = true;
                flight.failed();
            }
        }
    }

    /** Its call is over, however it ended. What followers have yet to read stays until they have read it. */
    public void close() {
        cut(Buffer.buffer());
        fail();
        synchronized (flight) {
            if (leads()) {
                closed = true;
                flight.over();
            }
        }
    }
}
