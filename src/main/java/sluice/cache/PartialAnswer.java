package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.openai.Served;

/** An answer as far as it has arrived. Guarded by the lock of its {@link Flight}. */
final class PartialAnswer {

    private enum State {
        AWAITED, BEGUN, WHOLE, CUT
    }

    private final Backlog backlog = new Backlog();
    private State state = State.AWAITED;
    private Flight.@Nullable Head head;
    private int mostKept;
    private boolean kept = true;
    private Buffer lastWords = Buffer.buffer();
    private Served served = Served.UNTOLD;

    boolean isAwaited() {
        return state == State.AWAITED;
    }

    boolean isBegun() {
        return state == State.BEGUN;
    }

    boolean isCut() {
        return state == State.CUT;
    }

    /** Whether it is kept from its first byte on, so that others may join. */
    boolean isKept() {
        return kept;
    }

    /** It is no longer kept from its first byte on. Returns whether it was. */
    boolean stopKeeping() {
        boolean was = kept;
        kept = false;
        return was;
    }

    /** Whether it may not be kept with so many bytes more. */
    boolean outgrows(int more) {
        return backlog.end() + more > mostKept;
    }

    /** The part of it that is still wanted. */
    Backlog backlog() {
        return backlog;
    }

    void begin(Flight.Head begun, Part room, int most) {
        state = State.BEGUN;
        head = begun;
        mostKept = most;
        backlog.open(room);
    }

    /** It broke off before any of its body arrived, and may begin again. */
    void retract() {
        state = State.AWAITED;
        head = null;
        backlog.close();
    }

    void complete(Served told) {
        state = State.WHOLE;
        served = told;
    }

    void cut(Buffer words) {
        state = State.CUT;
        lastWords = words;
    }

    /** All of it, if it is whole and was kept. */
    Optional<byte[]> whole() {
        return state == State.WHOLE && kept && backlog.isOpen() ? Optional.of(backlog.whole()) : Optional.empty();
    }

    /** Its head, once there is something to read after it or nothing will follow. */
    Flight.@Nullable Head readable() {
        return backlog.end() > 0 || state == State.WHOLE ? head : null;
    }

    /** How it stands for a follower that has read up to this place. */
    End end(long place) {
        if (place < backlog.end()) {
            return new End.NotYet();
        }
        return switch (state) {
            case AWAITED, BEGUN -> new End.NotYet();
            case WHOLE -> new End.Whole();
            case CUT -> new End.Cut(lastWords);
        };
    }

    /** What it reported about its model call; nothing before it is whole. */
    Served served() {
        return served;
    }
}
