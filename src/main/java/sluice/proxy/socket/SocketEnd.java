package sluice.proxy.socket;

import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.isolation.Turnstile;
import sluice.net.CloseCodes;
import sluice.net.SocketWire;
import sluice.net.Timeouts;
import sluice.proxy.body.BodyWork;

/**
 * One of the two WebSockets of a conversation. It receives whole messages, one after the other and none while
 * anything holds it; what it sends goes into a queue, which holds it in turn while the peer does not take it. It ends
 * in bounded time whatever the peer does.
 */
final class SocketEnd {

    /** What arrives at one end. */
    interface Hearer {

        /** A text message. */
        void said(Text text);

        /** A binary message. */
        void sent(Buffer bytes);

        /** The peer accepts no more for now, or accepts more again. */
        void full(boolean full);

        /** The peer sent something that must be answered by closing with this code. */
        void broken(int code, String why);

        /** There is no memory for what the peer should get. */
        void crowded();

        /** The peer no longer accepts anything. */
        void deaf();

        /** The peer has left: with a code, or without a close frame. */
        void left(@Nullable Integer code, String reason);

        /** What arrived could not be handled. */
        void failed(Throwable fault);
    }

    /** Why nothing is read. */
    enum Hold {
        /** The conversation has not begun. */
        START,
        /** A large message is being decoded. */
        DECODING,
        /** A message is waiting to be admitted. */
        VERDICT,
        /** The next message would be too soon. */
        PACE,
        /** This peer does not accept what is sent to it. */
        OWN_QUEUE,
        /** The other peer does not accept what is passed on. */
        OTHER_QUEUE
    }

    /** How long the peer has, after closing, to take what was sent and to close too. */
    private static final long FAREWELL_MILLIS = 5_000;

    /** A fragment of at least this many bytes does not count as a message: the message does. */
    private static final int FRAGMENT_BYTES = 1024;

    private final Vertx vertx;
    private final WebSocket socket;
    private final SocketWire wire;
    private final Bounds bounds;
    private final Hearer hearer;
    private final Fragments fragments;
    private final Outbox outbox;
    private final Set<Hold> holds = EnumSet.of(Hold.START);
    private boolean full;
    private boolean closing;
    private long untaken;
    private long pieces;
    private Timeouts.@Nullable Timeout watch;
    private @Nullable Long paceTimer;
    private @Nullable Runnable parting;

    /**
     * The bounds of one end.
     *
     * @param messageBytes of one message
     * @param held         the memory of messages that are not whole yet
     * @param pace         its message rate; null for no limit
     * @param deaf         how long the peer may take nothing of what waits for it
     * @param lastWords    whether messages that arrived before the end are still delivered, if they are held when the
     *                     end arrives
     * @param waiting      the memory of messages that are not written yet
     * @param turnstile    bounds what is written in one turn
     */
    public record Bounds(int messageBytes, Part held, @Nullable Pace pace, Timeouts deaf, boolean lastWords,
            Part waiting, Turnstile turnstile) {}

    /** Reads nothing yet. */
    SocketEnd(Vertx vertx, WebSocket socket, SocketWire wire, Bounds bounds, BodyWork work, Hearer hearer) {
        this.vertx = vertx;
        this.socket = socket;
        this.wire = wire;
        this.bounds = bounds;
        this.hearer = hearer;
        this.fragments = new Fragments(bounds.messageBytes(), bounds.held(), work, hearer);
        this.outbox = new Outbox(bounds.turnstile(), bounds.waiting(), socket, this::drained);
        socket.pause();
    }

    /** Starts reading. A peer that has closed meanwhile counts as gone. */
    void start() {
        if (socket.isClosed()) {
            ended();
        } else {
            socket.exceptionHandler(this::fault);
            socket.drainHandler(taken -> drained());
            socket.frameHandler(this::frame);
        }
        wire.then(this::ended);
        release(Hold.START);
    }

    /** Reads nothing until this hold and all others are released. */
    void hold(Hold hold) {
        if (holds.add(hold) && holds.size() == 1) {
            socket.pause();
        }
    }

    void release(Hold hold) {
        if (holds.remove(hold) && holds.isEmpty()) {
            socket.resume();
            if (wire.ended()) {
                // What it had still to say may be given in a task of its own.
                vertx.runOnContext(said -> endedUnlessHeld());
            }
        }
    }

    private void endedUnlessHeld() {
        if (holds.isEmpty()) {
            ended();
        }
    }

    /** Sends a text message, if anyone is there to receive it. */
    void say(String message) {
        if (!closing && !socket.isClosed()) {
            sent(outbox.say(message));
        }
    }

    /** Sends a binary message, if anyone is there to receive it. */
    void send(Buffer bytes) {
        if (!closing && !socket.isClosed()) {
            sent(outbox.send(bytes));
        }
    }

    private void sent(boolean given) {
        if (given) {
            lookWhetherFull();
        } else {
            hearer.crowded();
        }
    }

    /** Sends and reads nothing more. A peer that does not close in turn is cut off. */
    void close(int code, String reason) {
        if (closing) {
            return;
        }
        closing = true;
        forget();
        // Its close frame must be read, but still no faster than its pace allows.
        release(Hold.START);
        release(Hold.VERDICT);
        release(Hold.OTHER_QUEUE);
        if (wire.ended()) {
            return;
        }
        parting = () -> socket.close((short) code, CloseCodes.reason(reason));
        part();
        long farewell = vertx.setTimer(FAREWELL_MILLIS, late -> wire.cut());
        wire.then(() -> vertx.cancelTimer(farewell));
    }

    /** Sends the close frame, behind everything else. */
    private void part() {
        Runnable last = parting;
        if (last != null && !socket.isClosed() && !outbox.isWriting()) {
            parting = null;
            last.run();
        }
    }

    /** Closes it without a close frame. */
    void cut() {
        closing = true;
        outbox.clear();
        forget();
        wire.cut();
    }

    private void forget() {
        fragments.forget();
        if (watch != null) {
            watch.cancel();
        }
    }

    private void frame(WebSocketFrame frame) {
        keepPace(frame);
        if (closing) {
            return;
        }
        try {
            switch (frame.type()) {
                case TEXT, BINARY, CONTINUATION -> decoded(fragments.add(frame));
                // A pong has been written.
                case PING -> lookWhetherFull();
                case PONG -> {
                    // Nothing to change.
                }
                case CLOSE -> hearer.left(Short.toUnsignedInt(frame.closeStatusCode()),
                        frame.closeReason() == null ? "" : frame.closeReason());
            }
        } catch (RuntimeException | Error fault) {
            hearer.failed(fault);
        }
    }

    /** Nothing more is read until this message has been decoded. */
    private void decoded(Future<Void> message) {
        if (!message.isComplete()) {
            hold(Hold.DECODING);
            message.onComplete(done -> release(Hold.DECODING), fault -> hearer.failed(fault));
        }
    }

    /** Counts every message, every frame that is not part of one, and fragments so short that many could arrive. */
    private void keepPace(WebSocketFrame frame) {
        Pace pace = bounds.pace();
        boolean longFragment = !frame.isFinal() && frame.binaryData().length() >= FRAGMENT_BYTES;
        if (pace == null || frame.isClose() || longFragment) {
            return;
        }
        long wait = pace.heard();
        if (wait > 0 && !holds.contains(Hold.PACE)) {
            hold(Hold.PACE);
            paceTimer = vertx.setTimer(Math.ceilDiv(wait, TimeUnit.MILLISECONDS.toNanos(1)),
                    due -> release(Hold.PACE));
        }
    }

    /** Answers bytes that are no valid frame with the right close code; {@link #ended} reports a lost connection. */
    private void fault(Throwable fault) {
        if (!closing && fault instanceof CorruptedWebSocketFrameException corrupted) {
            hearer.broken(corrupted.closeStatus().code(), "These are not valid WebSocket frames (RFC 6455).");
        }
    }

    private void ended() {
        outbox.clear();
        if (paceTimer != null) {
            vertx.cancelTimer(paceTimer);
        }
        boolean mute = holds.isEmpty() || holds.contains(Hold.START);
        if (!closing && (mute || !bounds.lastWords())) {
            forget();
            Short code = socket.closeStatusCode();
            hearer.left(code == null ? null : (Integer) Short.toUnsignedInt(code), "");
        }
    }

    private void lookWhetherFull() {
        if (!full && !socket.isClosed() && (outbox.isWriting() || socket.writeQueueFull())) {
            full = true;
            hold(Hold.OWN_QUEUE);
            hearer.full(true);
            untaken = wire.untaken();
            pieces = outbox.pieces();
            watch = bounds.deaf().start(this::lookWhetherDeaf);
        }
    }

    private void drained() {
        outbox.write();
        part();
        if (full && !socket.isClosed() && !outbox.isWriting() && !socket.writeQueueFull()) {
            full = false;
            if (watch != null) {
                watch.cancel();
            }
            release(Hold.OWN_QUEUE);
            hearer.full(false);
        }
    }

    private void lookWhetherDeaf() {
        long now = wire.untaken();
        if (now == untaken && outbox.pieces() == pieces) {
            hearer.deaf();
        } else {
            untaken = now;
            pieces = outbox.pieces();
            watch = bounds.deaf().start(this::lookWhetherDeaf);
        }
    }
}
