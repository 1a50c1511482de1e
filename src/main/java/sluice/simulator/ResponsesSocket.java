package sluice.simulator;

import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import sluice.simulator.answers.CallReader;
import sluice.simulator.answers.Endpoint;
import sluice.simulator.answers.Manner;
import sluice.simulator.answers.ResponseEvents;
import sluice.simulator.objects.Stored;
import sluice.simulator.objects.TextAsk;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;

/** Responses over a WebSocket: each {@code response.create} is a call, answered with the events of its stream. */
record ResponsesSocket(Frames frames, Sockets.Meter meter, Stored stored,
        Manner manner) implements Consumer<JsonObject> {

    @Override
    public void accept(JsonObject event) {
        if (!"response.create".equals(event.getValue("type"))) {
            throw new BadCall(ApiError.invalid("Unknown event type.", "type", "invalid_value"));
        }
        JsonObject body = event.copy();
        body.remove("type");
        TextAsk ask = TextAsk.of(CallReader.read(Endpoint.RESPONSES, null, body), stored, body.size());
        meter.charge(ask);
        frames.send(ResponseEvents.list(ask.answer(manner), manner.chunks()));
    }
}
