package sluice.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.Ids;

/** Sends events as text frames, in order, one per interval, no faster than the client reads. */
final class Frames {
    private final Vertx vertx;
    private final ServerWebSocket socket;
    private final long intervalMillis;
    private final Deque<JsonObject> waiting = new ArrayDeque<>();
    private boolean sending;

    Frames(Vertx vertx, ServerWebSocket socket, long intervalMillis) {
        this.vertx = vertx;
        this.socket = socket;
        this.intervalMillis = intervalMillis;
    }

    void send(List<JsonObject> events) {
        waiting.addAll(events);
        if (!sending) {
            sending = true;
            next();
        }
    }

    /** Sends these before what still waits. */
    void first(List<JsonObject> events) {
        events.reversed().forEach(waiting::addFirst);
        send(List.of());
    }

    void fail(ApiError error) {
        send(List.of(error(error)));
    }

    static JsonObject error(ApiError error) {
        return new JsonObject().put("type", "error").put("event_id", Ids.fresh("event_"))
                .put("status", error.status()).put("error", error.members());
    }

    /** Whether the end of this response still waits. */
    boolean sends(String response) {
        return waiting.stream().anyMatch(event -> event.getValue("response") instanceof JsonObject about
                && response.equals(about.getString("id")));
    }

    /** Drops everything not sent yet; returns whether there was anything. */
    boolean drop() {
        boolean some = !waiting.isEmpty();
        waiting.clear();
        return some;
    }

    private void next() {
        JsonObject event = waiting.poll();
        if (event == null || socket.isClosed()) {
            sending = false;
            return;
        }
        socket.writeTextMessage(event.encode()).onSuccess(written -> {
            if (intervalMillis == 0) {
                next();
            } else {
                vertx.setTimer(intervalMillis, due -> next());
            }
        });
    }
}
