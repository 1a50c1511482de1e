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

/**
 * One call upstream and its answer so far. The call that makes it leads; identical calls that arrive while it is in flight
 * follow: they get what has arrived, then the rest at their own pace. If the leader fails before its answer begins, one
 * follower takes its place; if that one fails too, the others make calls of their own.
 *
 * <p>{@link Leader} and {@link Follower}s may run on different event loops. All of them, and what the flight consists of,
 * are guarded by its monitor, which is held only to copy some bytes.
 */
public final class Flight {

    /** How far a follower may lag once the answer is too large to be kept whole, in bytes. */
    static final int MOST_BEHIND = 1024 * 1024;
    /** A follower that has less than this to read has caught up, in bytes: what comes next keeps it busy. */
    private static final int LITTLE = MOST_BEHIND / 4;

    /**
     * The head of an answer, as followers get it.
     *
     * @param headers those that describe the body
     * @param length  the body's length in bytes, if known
     * @param events  whether the body is a stream of events
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
     * @param waitNanos the longest it may wait
     */
    public record Patience(boolean batch, long waitNanos) {

        /** Whether a call with this patience may wait for the answer of a leader with that one. */
        boolean covers(Patience leader) {
            return waitNanos >= leader.waitNanos && (batch || !leader.batch);
        }
    }

    private final Patience patience;
    private final Flights all;
    private final AtomicInteger followersOfAll;
    private final List<Follower> followers = new ArrayList<>(0);
    private final PartialAnswer answer = new PartialAnswer();
    private final Names names = new Names();
    private Leader leader;
    private boolean secondTry;

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
        this.leader = new Leader(this);
    }

    /** The prompt whose calls may join it; null if none may. */
    @Nullable
    synchronized PromptKey prompt() {
        return names.prompt();
    }

    /** From now on calls with this prompt may join it. */
    synchronized void answers(PromptKey key) {
        names.answers(key);
    }

    /** The calls whose repeats may join it. */
    synchronized List<Repeat> repeats() {
        return names.repeats();
    }

    /** The promises still to be kept. */
    synchronized List<Claim> claims() {
        return names.claims();
    }

    /** Promises its answer. */
    synchronized void promise(List<Claim> more) {
        names.promise(more);
    }

    /** Hands over the promises: whoever calls this keeps or drops them. */
    synchronized List<Claim> releaseClaims() {
        return names.releaseClaims();
    }

    /** From now on it is known by these too, and keeps these promises; false if its call is over. */
    synchronized boolean takeOver(List<Repeat> more, List<Claim> promises) {
        if (leader.isClosed()) {
            return false;
        }
        names.add(more);
        names.promise(promises);
        return true;
    }

    /** Whether its call is over. */
    synchronized boolean isOver() {
        return leader.isClosed();
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

    private synchronized Optional<Follower> follow(boolean mayWait, Executor loop) {
        boolean open = answer.isAwaited() ? mayWait : isOpen();
        if (!open || leader.isClosed()) {
            return Optional.empty();
        }
        Follower follower = new Follower(this, loop);
        followers.add(follower);
        followersOfAll.incrementAndGet();
        if (followers.size() == 1) {
            leader.changed();
        }
        return Optional.of(follower);
    }

    /** Whether nobody else can join. */
    synchronized boolean isClosed() {
        return leader.isClosed() || !isOpen();
    }

    // What follows is for its leader and followers, who hold its lock.

    /** Whether its answer is kept from the first byte on and has not broken off. */
    boolean isOpen() {
        return answer.isKept() && !answer.isCut();
    }

    boolean isLedBy(Leader one) {
        return leader == one;
    }

    boolean isFollowed() {
        return !followers.isEmpty();
    }

    PartialAnswer answer() {
        return answer;
    }

    /** The next piece of the answer. */
    void append(Buffer piece) {
        Backlog backlog = answer.backlog();
        if (answer.isKept() && answer.outgrows(piece.length())) {
            seal();
            leader.changed();
        }
        if (!answer.isKept()) {
            leaveBehind(backlog.end() + piece.length() - MOST_BEHIND);
            discardRead();
        }
        if ((!answer.isKept() && followers.isEmpty()) || !backlog.append(piece)) {
            giveUpFollowers();
        } else {
            wakeAll();
        }
    }

    /** Nobody else may join. */
    void seal() {
        if (answer.stopKeeping()) {
            all.landed(this);
        }
    }

    /** The answer broke off. */
    void cut(Buffer lastWords) {
        answer.cut(lastWords);
        all.landed(this);
        wakeAll();
    }

    /** Its leader has failed before the answer began: a follower leads, if there is one and none has before. */
    void failed() {
        if (followers.isEmpty() || secondTry) {
            end();
            leaveBehind(Long.MAX_VALUE);
        } else {
            secondTry = true;
            leader = new Leader(this);
            Follower next = followers.getFirst();
            remove(next);
            next.lead(leader);
        }
    }

    /** After its leader, another follower may lead. */
    void allowSecondTry() {
        secondTry = false;
    }

    /** After its leader, no follower leads. */
    void denySecondTry() {
        secondTry = true;
    }

    /** The call of its leader is over. */
    void over() {
        end();
        release();
    }

    /** Nobody leads it any more, and nobody will. */
    private void end() {
        all.landed(this);
        all.over(this);
        releaseClaims().forEach(Claim::drop);
    }

    /** A follower has left, if it still followed. */
    void left(Follower follower) {
        if (!remove(follower)) {
            return;
        }
        if (!followers.isEmpty()) {
            // The leader may have waited for the one that has left.
            leader.followerMoved();
        } else if (leader.isClosed()) {
            leader.later(this::release);
        } else {
            leader.changed();
        }
    }

    /** A follower has read on, stalls or no longer does: the leader may wait for that. */
    void moved(Follower follower) {
        if (follower.isStalled() || hasCaughtUp(follower)) {
            leader.followerMoved();
        }
    }

    /** Whether a follower has caught up. */
    boolean isAwaited() {
        for (int i = 0; i < followers.size(); i++) {
            if (hasCaughtUp(followers.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a follower is far behind that does not stall, so that it will soon have caught up. */
    boolean isChased() {
        for (int i = 0; i < followers.size(); i++) {
            Follower follower = followers.get(i);
            if (!follower.isStalled() && toRead(follower) > MOST_BEHIND / 2) {
                return true;
            }
        }
        return false;
    }

    private boolean hasCaughtUp(Follower follower) {
        return toRead(follower) < LITTLE;
    }

    private long toRead(Follower follower) {
        return answer.backlog().end() - follower.place();
    }

    void wakeAll() {
        for (int i = 0; i < followers.size(); i++) {
            followers.get(i).wake();
        }
    }

    /** Gives back memory that nobody will read; on the leader's event loop, where it was taken. */
    private synchronized void release() {
        if (followers.isEmpty()) {
            answer.backlog().close();
        }
    }

    /** Leaves behind the followers that have not read this far. */
    private void leaveBehind(long place) {
        for (Follower follower : List.copyOf(followers)) {
            if (follower.place() < place) {
                remove(follower);
                follower.leaveBehind();
                if (followers.isEmpty() && !leader.isClosed()) {
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
        long least = answer.backlog().end();
        for (int i = 0; i < followers.size(); i++) {
            least = Math.min(least, followers.get(i).place());
        }
        answer.backlog().discard(least);
    }

    /** Nothing is kept any more. */
    private void giveUpFollowers() {
        seal();
        leaveBehind(Long.MAX_VALUE);
        answer.backlog().close();
    }
}
