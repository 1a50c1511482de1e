package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import sluice.openai.Served;

/** A call that gets another's answer. Used on one event loop, and left when the call is over. */
public final class Follower implements Source {
    private final Flight flight;
    private final Executor loop;
    private Runnable woken = () -> {};
    private boolean awake;
    private boolean behind;
    private boolean stalled;
    private @Nullable Leader promoted;
    private boolean taken;
    private long place;

    Follower(Flight flight, Executor loop) {
        this.flight = flight;
        this.loop = loop;
    }

    @Override
    public void onChange(Runnable task) {
        synchronized (flight) {
            woken = task;
        }
    }

    /** There may be something to do. Called with the lock of its flight. */
    void wake() {
        if (!awake) {
            awake = true;
            loop.execute(() -> {
                Runnable task;
                synchronized (flight) {
                    awake = false;
                    task = woken;
                }
                task.run();
            });
        }
    }

    /** It takes the place of the leader. Called with the lock of its flight. */
    void lead(Leader now) {
        promoted = now;
        wake();
    }

    /** The flight goes on without it. Called with the lock of its flight. */
    void leaveBehind() {
        behind = true;
        wake();
    }

    /** Up to which byte it has read. Called with the lock of its flight. */
    long place() {
        return place;
    }

    /** What to do, before anything has been read. */
    public Turn turn() {
        synchronized (flight) {
            if (promoted != null) {
                taken = true;
                return new Turn.Lead(promoted);
            }
            if (behind) {
                return new Turn.GoAlone();
            }
            Flight.Head head = flight.answer().readable();
            return head == null ? new Turn.Wait() : new Turn.Read(head);
        }
    }

    @Override
    public Buffer read(int most) {
        synchronized (flight) {
            Buffer next = behind ? Buffer.buffer() : flight.answer().backlog().read(place, most);
            place += next.length();
            flight.moved(this);
            return next;
        }
    }

    @Override
    public void stalls(boolean now) {
        synchronized (flight) {
            stalled = now;
            flight.moved(this);
        }
    }

    /** Whether its caller takes no more for now. Called with the lock of its flight. */
    boolean isStalled() {
        return stalled;
    }

    @Override
    public End end() {
        synchronized (flight) {
            return behind ? new End.LeftBehind() : flight.answer().end(place);
        }
    }

    /** What the answer reported about its model call; nothing before it is whole. */
    public Served served() {
        synchronized (flight) {
            return flight.answer().served();
        }
    }

    /** Stops following; does nothing if it leads by now. */
    public void leave() {
        synchronized (flight) {
            if (promoted != null && !taken) {
                // It should have led, but left: the next one does.
                flight.allowSecondTry();
                promoted.fail();
            }
            flight.left(this);
        }
    }
}
