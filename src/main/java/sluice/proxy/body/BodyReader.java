package sluice.proxy.body;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import sluice.inbound.InboundRequest;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.net.Departure;
import sluice.openai.MalformedBody;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/** Reads request bodies into memory, whole or just the beginning, within the bounds of one body and of all. */
public final class BodyReader {
    private static final int FIRST_CAPACITY = 4096;
    /**
     * A body that announces no more bytes than this gets memory for all of them at once, when its first piece
     * arrives.
     */
    private static final int TRUSTED_LENGTH = 64 * 1024;

    private final long maxBytes;
    private final BodyWatch.Bounds pace;
    private final Bulkhead held;

    /**
     * Reads within bounds that all event loops share.
     *
     * @param pace how slowly a body may arrive
     * @param held the memory of all bodies
     */
    public BodyReader(long maxBytes, BodyWatch.Bounds pace, Bulkhead held) {
        this.maxBytes = maxBytes;
        this.pace = pace;
        this.held = held;
    }

    /** A part of the memory that holds nothing yet. */
    public Part nothing(Holder holder) {
        return held.part(holder);
    }

    /** Reads the body of a paused request; fails if it is too large, stops arriving, or its sender leaves. */
    public Future<byte[]> read(InboundRequest request, Departure departure, Part share) {
        String declared = request.header(HttpHeaders.CONTENT_LENGTH);
        long length = declared == null ? 0 : Long.parseLong(declared);
        if (length > maxBytes) {
            return Refusal.of(new Reason.BodyTooLarge(maxBytes));
        }
        Gathering bytes = new Gathering(share, (int) length);
        return new Reading(request, departure, bytes).start().map(read -> bytes.whole());
    }

    /** Reads the beginning of a form, until its model is known or as much is kept back as allowed. */
    public Future<Void> begin(InboundRequest request, Departure departure, Form form, Part share) {
        return new Reading(request, departure, new Sink() {
            @Override
            public boolean accept(Buffer piece) throws MalformedBody {
                take(share, piece.length());
                return form.keepBack(piece);
            }

            @Override
            public void end() {
                form.keptWhole();
            }
        }).start();
    }

    private static void take(Part share, long bytes) {
        Room room = share.take(bytes);
        if (!room.given()) {
            throw new Refusal(new Reason.Overloaded(Reason.Overloaded.BODIES, room));
        }
    }

    /** Where the pieces of a body go. */
    private interface Sink {

        /** Takes a piece; true if no more is wanted now. */
        boolean accept(Buffer piece) throws MalformedBody;

        /** The body is complete. */
        void end();
    }

    /** A whole body, in an array that grows with what arrives: an announced length alone takes no memory. */
    private final class Gathering implements Sink {
        private final Part share;
        private final int declared;
        private byte[] bytes = new byte[0];
        private int length;

        /** @param declared the length that was announced, 0 if none was */
        Gathering(Part share, int declared) {
            this.share = share;
            this.declared = declared;
        }

        @Override
        public boolean accept(Buffer piece) {
            int needed = length + piece.length();
            if (needed > maxBytes) {
                throw new Refusal(new Reason.BodyTooLarge(maxBytes));
            }
            if (needed > bytes.length) {
                int capacity = capacity(needed);
                take(share, capacity - bytes.length);
                bytes = Arrays.copyOf(bytes, capacity);
            }
            piece.getBytes(bytes, length);
            length = needed;
            return false;
        }

        /** As announced, if that is close; otherwise at most twice what has arrived. */
        private int capacity(int needed) {
            long doubled = Math.max(needed, Math.max(FIRST_CAPACITY, bytes.length * 2L));
            boolean near = declared >= needed && declared <= Math.max(TRUSTED_LENGTH, doubled);
            return (int) (near ? declared : Math.min(maxBytes, doubled));
        }

        @Override
        public void end() {
            share.giveBack(bytes.length - length);
        }

        byte[] whole() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }

    /** One body on its way in. */
    private final class Reading {
        private final InboundRequest request;
        private final Departure departure;
        private final Sink sink;
        private final Promise<Void> promise = Promise.promise();
        private final BodyWatch watch;

        Reading(InboundRequest request, Departure departure, Sink sink) {
            this.request = request;
            this.departure = departure;
            this.sink = sink;
            this.watch = new BodyWatch(pace, () -> fail(new Reason.BodyTimeout()));
        }

        Future<Void> start() {
            departure.onLeave(() -> fail(new Reason.ClientGone(Ending.NOT_SENT)));
            request.read(this::piece, () -> {
                sink.end();
                done();
            }, broken -> fail(BrokenRequest.reason(broken)));
            if (request.waitsToBeAsked()) {
                request.askForBody();
            }
            request.resume();
            return promise.future();
        }

        private void piece(Buffer piece) {
            watch.heard(piece.length());
            try {
                if (sink.accept(piece)) {
                    request.pause();
                    done();
                }
            } catch (MalformedBody fault) {
                fail(new Reason.BadBody(fault));
            } catch (Refusal refusal) {
                fail(Refusal.reasonOf(refusal));
            }
        }

        private void done() {
            watch.stop();
            departure.ignore();
            promise.tryComplete();
        }

        /** The refusal discards what has not arrived yet. */
        private void fail(Reason reason) {
            watch.stop();
            departure.ignore();
            request.abandon();
            promise.tryFail(new Refusal(reason));
        }
    }
}
