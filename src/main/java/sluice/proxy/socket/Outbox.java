package sluice.proxy.socket;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.util.ArrayDeque;
import java.util.Deque;
import sluice.isolation.Part;
import sluice.isolation.Turnstile;

/**
 * Writes messages to a WebSocket in order. A large one leaves in fragments (RFC 6455, section 5.4), one in each turn of the
 * event loop and none while the peer takes nothing: masking and encrypting 16 MiB at once would hold the loop for 100 ms.
 */
final class Outbox {
    /** The longest message that leaves in one frame, in characters of a text or bytes. */
    private static final int LARGEST_AT_ONCE = 256 * 1024;
    /** What is written of a longer one in one turn: a record of TLS. */
    private static final int PIECE = 16 * 1024;

    private final Turnstile turnstile;
    private final Part held;
    private final WebSocket socket;
    private final Runnable emptied;
    private final Deque<Message> waiting = new ArrayDeque<>();
    private boolean due;
    private long pieces;

    /** A message of which part is still to be written. */
    private abstract static class Message {
        private final int length;
        private int written;

        Message(int length) {
            this.length = length;
        }

        WebSocketFrame next() {
            int from = written;
            written = length - from <= PIECE ? length : end(from + PIECE);
            return from == 0
                    ? first(written, isWritten())
                    : WebSocketFrame.continuationFrame(bytes(from, written),
                            isWritten());
        }

        boolean isWritten() {
            return written == length;
        }

        /** Where a piece may end that would end here. */
        abstract int end(int wanted);

        abstract WebSocketFrame first(int to, boolean last);

        abstract Buffer bytes(int from, int to);
    }

    private static final class TextMessage extends Message {
        private final String text;

        TextMessage(String text) {
            super(text.length());
            this.text = text;
        }

        /** Half a surrogate pair cannot be encoded. */
        @Override
        int end(int wanted) {
            return Character.isHighSurrogate(text.charAt(wanted - 1)) ? wanted - 1 : wanted;
        }

        @Override
        WebSocketFrame first(int to, boolean last) {
            return WebSocketFrame.textFrame(text.substring(0, to), last);
        }

        @Override
        Buffer bytes(int from, int to) {
            return Buffer.buffer(text.substring(from, to));
        }
    }

    private static final class BinaryMessage extends Message {
        private final Buffer all;

        BinaryMessage(Buffer all) {
            super(all.length());
            this.all = all;
        }

        @Override
        int end(int wanted) {
            return wanted;
        }

        @Override
        WebSocketFrame first(int to, boolean last) {
            return WebSocketFrame.binaryFrame(all.slice(0, to), last);
        }

        @Override
        Buffer bytes(int from, int to) {
            return all.slice(from, to);
        }
    }

    /**
     * Of one end of a conversation.
     *
     * @param held    the memory of messages that wait; its holder takes turns with others
     * @param emptied runs when all that had to wait has been written
     */
    Outbox(Turnstile turnstile, Part held, WebSocket socket, Runnable emptied) {
        this.turnstile = turnstile;
        this.held = held;
        this.socket = socket;
        this.emptied = emptied;
    }

    /** Writes a text message, now or behind those that wait; false if there is no memory for it to wait. */
    boolean say(String text) {
        if (waiting.isEmpty() && text.length() <= LARGEST_AT_ONCE) {
            socket.writeTextMessage(text);
            return true;
        }
        return add(new TextMessage(text));
    }

    /** Writes a binary message, likewise. */
    boolean send(Buffer bytes) {
        if (waiting.isEmpty() && bytes.length() <= LARGEST_AT_ONCE) {
            socket.writeBinaryMessage(bytes);
            return true;
        }
        return add(new BinaryMessage(bytes));
    }

    /** Whether part of a message has yet to be written. */
    boolean isWriting() {
        return !waiting.isEmpty();
    }

    /** How many pieces have been written: whoever takes some of them is not deaf. */
    long pieces() {
        return pieces;
    }

    /** Drops what has not been written. */
    void clear() {
        waiting.clear();
        held.close();
    }

    private boolean add(Message message) {
        if (!held.take(message.length).given()) {
            return false;
        }
        waiting.add(message);
        write();
        return true;
    }

    /** Writes the next piece, unless it has its turn coming or the peer must take something first. */
    void write() {
        Message first = waiting.peek();
        if (first == null || due) {
            return;
        }
        if (socket.isClosed()) {
            clear();
            return;
        }
        if (socket.writeQueueFull()) {
            return;
        }
        var _ = socket.writeFrame(first.next());
        pieces++;
        if (first.isWritten()) {
            waiting.remove();
            held.giveBack(first.length);
        }
        due = true;
        turnstile.enterLater(held.holder(), () -> {
            due = false;
            if (waiting.isEmpty()) {
                emptied.run();
            } else {
                write();
            }
        });
    }
}
