package sluice.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import sluice.simulator.answers.CallReader;
import sluice.simulator.answers.Endpoint;
import sluice.simulator.answers.Generated;
import sluice.simulator.answers.Manner;
import sluice.simulator.answers.ResponseEvents;
import sluice.simulator.objects.Stored;
import sluice.simulator.objects.TextAsk;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;

/**
 * Responses over a WebSocket: each {@code response.create} is a call, answered with the events of its stream. Calls of
 * one lane are answered in order, lanes side by side. After an hour the server ends it.
 */
final class ResponsesSocket implements Consumer<JsonObject> {
    private static final int MOST_LANES = 256;
    private static final long LIFE_MILLIS = TimeUnit.MINUTES.toMillis(60);
    private static final String LANE = "stream_id";
    private static final String NO_LANE = "";

    private final Vertx vertx;
    private final ServerWebSocket socket;
    private final long intervalMillis;
    private final Sockets.Meter meter;
    private final Stored stored;
    private final Supplier<Manner> manner;
    private final Map<String, Frames> lanes = new HashMap<>();

    ResponsesSocket(Vertx vertx, ServerWebSocket socket, long intervalMillis, Sockets.Meter meter, Stored stored,
            Supplier<Manner> manner) {
        this.vertx = vertx;
        this.socket = socket;
        this.intervalMillis = intervalMillis;
        this.meter = meter;
        this.stored = stored;
        this.manner = manner;
        long end = vertx.setTimer(LIFE_MILLIS, over -> expire());
        socket.endHandler(ended -> vertx.cancelTimer(end));
    }

    @Override
    public void accept(JsonObject event) {
        switch (String.valueOf(event.getValue("type"))) {
            case "response.create" -> create(event);
            case "response.inject" -> inject(event);
            default -> throw new BadCall(ApiError.invalid("Unknown event type.", "type", "invalid_value"));
        }
    }

    private void create(JsonObject event) {
        String lane = event.getString(LANE, NO_LANE);
        Frames frames = frames(lane);
        JsonObject body = event.copy();
        body.remove("type");
        body.remove(LANE);
        try {
            TextAsk ask = TextAsk.of(CallReader.read(Endpoint.RESPONSES, null, body), stored, body.size());
            meter.charge(ask);
            Manner now = manner.get();
            Generated answer = ask.answer(now);
            frames.send(inLane(lane, ResponseEvents.list(answer, now.chunks())).toList());
        } catch (BadCall refused) {
            frames.send(inLane(lane, List.of(Frames.error(refused.answer()))).toList());
        }
    }

    private Frames frames(String lane) {
        if (!lanes.containsKey(lane) && lanes.size() >= MOST_LANES) {
            throw new BadCall(ApiError.invalid("Too many lanes on this connection.", LANE, "too_many_streams"));
        }
        return lanes.computeIfAbsent(lane, fresh -> new Frames(vertx, socket, intervalMillis));
    }

    private static Stream<JsonObject> inLane(String lane, List<JsonObject> events) {
        return events.stream().map(each -> lane.equals(NO_LANE) ? each : each.put(LANE, lane));
    }

    /** Gives input to an answer in progress, or says why it cannot. */
    private void inject(JsonObject event) {
        String response = event.getString("response_id", "");
        String lane = lanes.entrySet().stream().filter(each -> each.getValue().sends(response)).map(Map.Entry::getKey)
                .findFirst().orElse(null);
        JsonObject told = new JsonObject().put("response_id", response).put("sequence_number", 0);
        if (lane != null) {
            frames(lane).first(inLane(lane, List.of(told.put("type", "response.inject.created"))).toList());
            return;
        }
        boolean known = stored.hasResponse(response);
        frames(NO_LANE).send(List.of(told.put("type", "response.inject.failed")
                .put("input", event.getValue("input", new JsonArray()))
                .put("error", new JsonObject()
                        .put("code", known ? "response_already_completed" : "response_not_found")
                        .put("message", known ? "The response is over." : "No response has this id."))));
    }

    private void expire() {
        socket.writeTextMessage(Frames.error(ApiError.invalid(
                "Responses websocket connection limit reached (60 minutes). Create a new websocket connection to continue.",
                null, "websocket_connection_limit_reached")).encode());
        socket.close();
    }
}
