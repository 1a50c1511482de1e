package sluice.proxy.socket;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.net.CloseCodes;
import sluice.proxy.body.BodyWork;

/** Reassembles the fragments of each WebSocket message, within bounds; large texts are decoded off the event loop. */
final class Fragments {
    private static final Future<Void> DONE = Future.succeededFuture();

    private final int mostBytes;
    private final Part held;
    private final BodyWork work;
    private final SocketEnd.Hearer hearer;
    private @Nullable Buffer before;
    private boolean text;

    /**
     * Gathers messages of up to this many bytes.
     *
     * @param held   the memory of a message that is not whole yet
     * @param work   decodes large texts
     * @param hearer of whole messages, and of violations
     */
    Fragments(int mostBytes, Part held, BodyWork work, SocketEnd.Hearer hearer) {
        this.mostBytes = mostBytes;
        this.held = held;
        this.work = work;
        this.hearer = hearer;
    }

    /**
     * A frame with a message, or with part of one.
     *
     * @return completes when the next one may be added
     */
    Future<Void> add(WebSocketFrame frame) {
        if (!frame.isContinuation()) {
            text = frame.isText();
        }
        Buffer piece = frame.binaryData();
        Buffer begun = before;
        if ((begun == null ? 0 : begun.length()) + piece.length() > mostBytes) {
            hearer.broken(CloseCodes.TOO_BIG, "A message may have " + mostBytes + " bytes.");
        } else if (frame.isFinal()) {
            before = null;
            return whole(begun == null ? piece : begun.appendBuffer(piece));
        } else if (held.take(piece.length()).given()) {
            before = (begun == null ? Buffer.buffer() : begun).appendBuffer(piece);
        } else {
            hearer.broken(CloseCodes.TRY_LATER, "The gateway is out of memory for messages. Please try again.");
        }
        return DONE;
    }

    /** Drops what has arrived of a message. */
    void forget() {
        held.close();
        before = null;
    }

    private Future<Void> whole(Buffer message) {
        if (!text) {
            held.close();
            hearer.sent(message);
            return DONE;
        }
        return work.on(message.length(), () -> decode(message)).transform(decoded -> {
            held.close();
            if (decoded.succeeded()) {
                hearer.said(new Text(decoded.result(), message.length()));
            } else {
                hearer.broken(CloseCodes.NOT_TEXT, "A text message was not valid UTF-8.");
            }
            return DONE;
        });
    }

    private static String decode(Buffer message) throws CharacterCodingException {
        String characters = message.toString(StandardCharsets.UTF_8);
        // U+FFFD replaces what is not UTF-8, but may also have been sent as such.
        if (characters.indexOf('\uFFFD') >= 0 && !isUtf8(message)) {
            throw new CharacterCodingException();
        }
        return characters;
    }

    private static boolean isUtf8(Buffer bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes()));
            return true;
        } catch (CharacterCodingException broken) {
            return false;
        }
    }
}
