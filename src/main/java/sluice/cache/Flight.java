package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.openai.Served;

/**
 * One call upstream and its answer so far. The call that makes it leads; identical calls that arrive while it is in flight
 * follow: they get what has arrived, then the rest at their own pace. If the leader fails before its answer begins, one
 * follower takes its place; if that one fails too, the others make calls of their own.
 *
 * <p>Leader and followers may run on different event loops. The lock is held only to copy some bytes.
 */
public final class Flight {

    /** How far a follower may lag once the answer is too large to be kept whole, in bytes. */
    static final int MOST_BEHIND = 1024 * 1024;

    /**
     * The head of an answer, as followers get it.
     *
     * @param headers those that describe the body
     * @param length  of the body, if it is known
     * @param events  whether it is a stream of events
     */
    public record Head(List<Map.Entry<String, String>> headers, OptionalLong length, boolean events) {

        public Head {
            headers = List.copyOf(headers);
        }
    }

    /**
     * How long a call may wait for upstream quota.
     *
     * @param batch     whether interactive calls go first
     * @param waitNanos at most
     */
    public record Patience(boolean batch, long waitNanos) {

        /** Whether a call with this patience may wait for the answer of a leader with that one. */
        boolean covers(Patience leader) {
            return waitNanos >= leader.waitNanos && (batch || !leader.batch);
        }
    }

    private enum State {
        AWAITED, BEGUN, WHOLE, CUT
    }

    private final Patience patience;
    private final Flights all;
    private final AtomicInteger followersOfAll;
    private final Object lock = new Object();
    private final List<Follower> followers = new ArrayList<>(0);
    private State state = State.AWAITED;
    private Leader leader;
    private boolean secondTry;
    private @Nullable Head head;
    private int mostKept;
    private Buffer lastWords = Buffer.buffer();
    private Served served = Served.UNTOLD;
    private final Backlog backlog = new Backlog();
    private boolean complete = true;
    private @Nullable PromptKey prompt;
    private List<Repeat> repeats = List.of();
    private List<Claim> claims = List.of();

    /**
     * A flight about to begin.
     *
     * @param all            learns when nobody can join any more, and when its call is over
     * @param followersOfAll counts the followers of all flights
     */
    Flight(Patience patience, Flights all, AtomicInteger followersOfAll) {
        this.patience = patience;
        this.all = all;
        this.followersOfAll = followersOfAll;
        this.leader = new Leader();
    }

    /** The prompt whose calls may join it; null if none may. */
    @Nullable
    PromptKey prompt() {
        synchronized (lock) {
            return prompt;
        }
    }

    /** From now on calls with this prompt may join it. */
    void answers(PromptKey key) {
        synchronized (lock) {
            prompt = key;
        }
    }

    /** The calls whose repeats may join it. */
    List<Repeat> repeats() {
        synchronized (lock) {
            return repeats;
        }
    }

    /** From now on it is known by these too, and keeps these promises; false if its call is over. */
    boolean takeOver(List<Repeat> more, List<Claim> promises) {
        synchronized (lock) {
            if (leader.closed) {
                return false;
            }
            repeats = joined(repeats, more);
            claims = joined(claims, promises);
            return true;
        }
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        List<T> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    private List<Claim> claims() {
        synchronized (lock) {
            return claims;
        }
    }

    private List<Claim> releaseClaims() {
        synchronized (lock) {
            List<Claim> open = claims;
            claims = List.of();
            return open;
        }
    }

    /** Nobody leads it any more, and nobody will. */
    private void over() {
        leader.closed = true;
        all.landed(this);
        all.over(this);
        releaseClaims().forEach(Claim::drop);
    }

    /** Whether its call is over. */
    boolean isOver() {
        synchronized (lock) {
            return leader.closed;
        }
    }

    /** Its first leader. */
    Leader leader() {
        return leader;
    }

    /** Follows it, unless the beginning of its answer is gone or this call may not wait as long as its leader. */
    Optional<Follower> follow(Patience own, Executor loop) {
        return follow(own.covers(patience), loop);
    }

    /** Follows it, however long that takes, unless the beginning of its answer is gone. */
    Optional<Follower> follow(Executor loop) {
        return follow(true, loop);
    }

    private Optional<Follower> follow(boolean mayWait, Executor loop) {
        synchronized (lock) {
            boolean open = state == State.AWAITED ? mayWait : state != State.CUT && complete;
            if (!open || leader.closed) {
                return Optional.empty();
            }
            Follower follower = new Follower(loop);
            followers.add(follower);
            followersOfAll.incrementAndGet();
            if (followers.size() == 1) {
                leader.changed();
            }
            return Optional.of(follower);
        }
    }

    /** Whether nobody else can join. */
    boolean isClosed() {
        synchronized (lock) {
            return leader.closed || !complete || state == State.CUT;
        }
    }

    private void append(Buffer piece) {
        int more = piece.length();
        if (complete && backlog.end() + more > mostKept) {
            complete = false;
            all.landed(this);
            leader.changed();
        }
        if (!complete) {
            leaveBehind(backlog.end() + more - MOST_BEHIND);
            discardRead();
        }
        if ((!complete && followers.isEmpty()) || !backlog.append(piece)) {
            giveUpFollowers();
        } else {
            wakeAll();
        }
    }

    /** Leaves behind the followers that have not read this far. */
    private void leaveBehind(long place) {
        for (Follower follower : List.copyOf(followers)) {
            if (follower.place < place) {
                follower.behind = true;
                remove(follower);
                follower.wake();
                if (followers.isEmpty() && !leader.closed) {
                    leader.changed();
                }
            }
        }
    }

    private boolean remove(Follower follower) {
        boolean was = followers.remove(follower);
        if (was) {
            followersOfAll.decrementAndGet();
        }
        return was;
    }

    private void discardRead() {
        long least = backlog.end();
        for (int i = 0; i < followers.size(); i++) {
            least = Math.min(least, followers.get(i).place);
        }
        backlog.discard(least);
    }

    /** Nothing is kept any more. */
    private void giveUpFollowers() {
        if (complete) {
            complete = false;
            all.landed(this);
        }
        leaveBehind(Long.MAX_VALUE);
        backlog.close();
    }

    private void wakeAll() {
        for (int i = 0; i < followers.size(); i++) {
            followers.get(i).wake();
        }
    }

    /** The call that makes the answer. Used on one event loop, and closed when the call is over. */
    public final class Leader {
        private boolean closed;
        private boolean announced;
        private Executor loop = Runnable::run;
        private Runnable changed = () -> {};

        Flight flight() {
            return Flight.this;
        }

        /** Sets what runs on its event loop when it gets its first follower or loses its last, or can be joined no more. */
        public void onFollowers(Executor loop, Runnable changed) {
            synchronized (lock) {
                this.loop = loop;
                this.changed = changed;
            }
        }

        /** The same, on the same event loop; replaces what was set before. */
        public void onFollowers(Runnable changed) {
            synchronized (lock) {
                this.changed = changed;
            }
        }

        private void changed() {
            if (!announced) {
                announced = true;
                loop.execute(() -> {
                    Runnable task;
                    synchronized (lock) {
                        announced = false;
                        task = changed;
                    }
                    task.run();
                });
            }
        }

        /** Whether anybody follows. */
        public boolean isFollowed() {
            synchronized (lock) {
                return leads() && !followers.isEmpty();
            }
        }

        private boolean leads() {
            return leader == this && !closed;
        }

        /** Whether a repeat of one of its calls could still get the answer. */
        public boolean mayBeRepeated() {
            synchronized (lock) {
                return leads() && !repeats.isEmpty() && complete && state != State.CUT;
            }
        }

        /** Promises the answer to others; kept with {@link #deliver}, or dropped when there will be none. */
        public void promise(Claim claim) {
            synchronized (lock) {
                if (leads()) {
                    claims = joined(claims, List.of(claim));
                    return;
                }
            }
            claim.drop();
        }

        /** Gives the whole answer to all to whom it is promised. */
        public void deliver(WholeAnswer answer) {
            releaseClaims().forEach(claim -> claim.keep(answer));
        }

        /** The answer was found elsewhere: those who follow get it too. */
        public void found(CachedAnswer answer, Part room) {
            synchronized (lock) {
                if (!followers.isEmpty()) {
                    begin(new Head(answer.headers(), OptionalLong.of(answer.body().length()), false), room,
                            Integer.MAX_VALUE);
                    add(answer.body());
                    complete(answer.served());
                }
                close();
            }
        }

        /** Another flight takes over its names and promises; false if that one is over. */
        boolean handOver(Flight to) {
            boolean taken = to.takeOver(repeats(), claims());
            if (taken) {
                synchronized (lock) {
                    claims = List.of();
                }
            }
            return taken;
        }

        /** Another flight takes the place of this one: those who follow look again. */
        void disband() {
            synchronized (lock) {
                secondTry = true;
                fail();
            }
        }

        /**
         * The answer has begun.
         *
         * @param room     memory for what has arrived of it
         * @param mostKept how much of it may be kept, in bytes
         */
        public void begin(Head begun, Part room, int mostKept) {
            synchronized (lock) {
                if (leads() && state == State.AWAITED) {
                    state = State.BEGUN;
                    head = begun;
                    backlog.open(room);
                    Flight.this.mostKept = mostKept;
                    wakeAll();
                }
            }
        }

        /** The next piece of the answer. */
        public void add(Buffer piece) {
            synchronized (lock) {
                if (leads() && state == State.BEGUN && backlog.isOpen()) {
                    append(piece);
                }
            }
        }

        /** Nobody else may join, and the answer will not be cached. */
        public void seal() {
            synchronized (lock) {
                if (leads() && complete) {
                    complete = false;
                    all.landed(Flight.this);
                }
            }
        }

        /** The answer is whole, and reported this about its model call. */
        public void complete(Served told) {
            synchronized (lock) {
                if (leads() && state == State.BEGUN) {
                    state = State.WHOLE;
                    served = told;
                    wakeAll();
                }
            }
        }

        /** All of the answer, if it is whole and was kept. */
        public Optional<byte[]> whole() {
            synchronized (lock) {
                return leads() && state == State.WHOLE && complete && backlog.isOpen()
                        ? Optional.of(backlog.whole())
                        : Optional.empty();
            }
        }

        /** The answer broke off. If nothing of it has arrived, it failed before it began. */
        public void cut(Buffer words) {
            synchronized (lock) {
                if (leads() && state == State.BEGUN && backlog.end() == 0) {
                    state = State.AWAITED;
                    head = null;
                    backlog.close();
                    fail();
                } else if (leads() && state == State.BEGUN) {
                    state = State.CUT;
                    lastWords = words;
                    all.landed(Flight.this);
                    wakeAll();
                }
            }
        }

        /** The call failed before its answer began: one follower takes its place, if there is one and none has before. */
        public void fail() {
            synchronized (lock) {
                if (leads() && state == State.AWAITED) {
                    if (followers.isEmpty() || secondTry) {
                        over();
                        leaveBehind(Long.MAX_VALUE);
                    } else {
                        closed = true;
                        secondTry = true;
                        leader = new Leader();
                        Follower next = followers.getFirst();
                        remove(next);
                        next.lead(leader);
                    }
                }
            }
        }

        /** Its call is over, however it ended. What followers have yet to read stays until they have read it. */
        public void close() {
            cut(Buffer.buffer());
            fail();
            synchronized (lock) {
                if (leads()) {
                    over();
                    if (followers.isEmpty()) {
                        backlog.close();
                    }
                }
            }
        }
    }

    /** A call that gets another's answer. Used on one event loop, and left when the call is over. */
    public final class Follower {
        private final Executor loop;
        private Runnable woken = () -> {};
        private boolean awake;
        private boolean behind;
        private @Nullable Leader promoted;
        private boolean taken;
        private long place;

        private Follower(Executor loop) {
            this.loop = loop;
        }

        /** Sets what runs on its event loop whenever there may be something to do. */
        public void onChange(Runnable task) {
            synchronized (lock) {
                woken = task;
            }
        }

        private void wake() {
            if (!awake) {
                awake = true;
                loop.execute(() -> {
                    Runnable task;
                    synchronized (lock) {
                        awake = false;
                        task = woken;
                    }
                    task.run();
                });
            }
        }

        private void lead(Leader now) {
            promoted = now;
            wake();
        }

        /** What to do, before anything has been read. */
        public Turn turn() {
            synchronized (lock) {
                if (promoted != null) {
                    taken = true;
                    return new Turn.Lead(promoted);
                }
                if (behind) {
                    return new Turn.GoAlone();
                }
                return head != null && (backlog.end() > 0 || state == State.WHOLE)
                        ? new Turn.Read(head)
                        : new Turn.Wait();
            }
        }

        /** The next bytes, at most this many; none if all that has arrived has been read. */
        public Buffer read(int most) {
            synchronized (lock) {
                Buffer next = behind ? Buffer.buffer() : backlog.read(place, most);
                place += next.length();
                return next;
            }
        }

        /** How the answer stands, once everything has been read. */
        public End end() {
            synchronized (lock) {
                if (behind) {
                    return new End.Cut(Buffer.buffer());
                }
                if (place < backlog.end()) {
                    return new End.NotYet();
                }
                return switch (state) {
                    case AWAITED, BEGUN -> new End.NotYet();
                    case WHOLE -> new End.Whole();
                    case CUT -> new End.Cut(lastWords);
                };
            }
        }

        /** What the answer reported about its model call; nothing before it is whole. */
        public Served served() {
            synchronized (lock) {
                return served;
            }
        }

        /** Stops following; does nothing if it leads by now. */
        public void leave() {
            synchronized (lock) {
                if (promoted != null && !taken) {
                    // It should have led, but left: the next one does.
                    secondTry = false;
                    promoted.fail();
                }
                if (remove(this) && followers.isEmpty()) {
                    if (leader.closed) {
                        leader.loop.execute(this::release);
                    } else {
                        leader.changed();
                    }
                }
            }
        }

        /** Runs on the leader's event loop, where the memory was taken. */
        private void release() {
            synchronized (lock) {
                if (followers.isEmpty()) {
                    backlog.close();
                }
            }
        }
    }
}
