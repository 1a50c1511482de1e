package sluice.simulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import sluice.simulator.wire.EventSequence;

/**
 * Writes a stream, one event per interval, no faster than the client reads. Stops when the client disconnects. Runs on
 * the event loop of its exchange.
 */
final class EventWriter {
    /** HTTP/2's INTERNAL_ERROR; over HTTP/1.1, a reset closes the connection whatever the code. */
    private static final int INTERNAL_ERROR = 2;

    /** After this many events without a pause, other streams get their turn. */
    private static final int EVENTS_PER_TURN = 64;

    /**
     * How a stream ends: complete, or after some events, with a broken connection or with a clean end but no end mark.
     */
    enum Ending {
        WHOLE, BROKEN, WITHOUT_END_MARK
    }

    private final Vertx vertx;
    private final Exchange exchange;
    private final HttpServerResponse response;
    private final EventSequence events;
    private final long intervalMillis;
    private final Ending ending;
    private final int last;
    private int next;
    private Future<Void> written = Future.succeededFuture();

    EventWriter(Vertx vertx, Exchange exchange, EventSequence events, long intervalMillis, Ending ending,
            int cutAfter) {
        this.vertx = vertx;
        this.exchange = exchange;
        this.response = exchange.response();
        this.events = events;
        this.intervalMillis = intervalMillis;
        this.ending = ending;
        this.last = ending == Ending.WHOLE ? events.size() : Math.min(cutAfter, events.size() - 1);
    }

    /** Writes the head and the first event now, and the other events when they are due. */
    void start() {
        written = response.writeHead();
        write();
    }

    private void write() {
        for (int turn = 0; !exchange.isOver(); turn++) {
            if (next == last) {
                end();
                return;
            }
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> resume());
                return;
            }
            if (turn == EVENTS_PER_TURN) {
                vertx.runOnContext(others -> write());
                return;
            }
            written = response.write(events.at(next++));
            if (intervalMillis > 0 && next < last) {
                exchange.after(intervalMillis, vertx, this::write);
                return;
            }
        }
    }

    private void resume() {
        response.drainHandler(null);
        write();
    }

    private void end() {
        exchange.over();
        switch (ending) {
            case WHOLE, WITHOUT_END_MARK -> response.end();
            case BROKEN -> written.onComplete(done -> response.reset(INTERNAL_ERROR));
        }
    }
}
