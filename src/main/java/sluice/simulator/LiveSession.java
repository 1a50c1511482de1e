package sluice.simulator;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import sluice.simulator.answers.Cost;
import sluice.simulator.answers.Parameters;
import sluice.simulator.answers.RealtimeAnswer;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Ids;

/**
 * A live session: its model listens from {@code session.start} to {@code session.close}, and is counted in seconds. What
 * it is asked by {@code response.create}, it delegates to another model.
 */
final class LiveSession implements Consumer<JsonObject> {
    private static final long LIFE_SECONDS = 3600;
    private static final String DELEGATE = "gpt-5.6";
    /** The model of sessions that were started elsewhere. */
    private static final String STORED = "gpt-live-1";

    /** The start of a session. */
    private record Start(String model) implements Cost {

        @Override
        public long tokensCharged() {
            return 1;
        }
    }

    private final Frames frames;
    private final Sockets.Meter meter;
    private final int chunks;
    private final LongSupplier nowSeconds;
    private final StringBuilder heard = new StringBuilder();
    private @Nullable JsonObject session;
    private @Nullable String inherited;
    private long begun;

    LiveSession(Frames frames, Sockets.Meter meter, int chunks, LongSupplier nowSeconds) {
        this.frames = frames;
        this.meter = meter;
        this.chunks = chunks;
        this.nowSeconds = nowSeconds;
    }

    /** Listens to a session that has been started elsewhere. */
    void attach(String id) {
        begun = nowSeconds.getAsLong();
        session = new JsonObject().put("id", id).put("status", "active").put("model", STORED)
                .put("expires_at", begun + LIFE_SECONDS);
    }

    /** Has the model of the session that it goes on from. */
    void inherit() {
        inherited = STORED;
    }

    @Override
    public void accept(JsonObject event) {
        String type = String.valueOf(event.getValue("type"));
        if (type.equals("session.start")) {
            start(event);
            return;
        }
        JsonObject running = Optional.ofNullable(session).orElseThrow(() -> new BadCall(
                ApiError.invalid("The session has not been started.", null, "session_not_started")));
        switch (type) {
            case "session.update" -> send(event("session.updated", event)
                    .put("session", running.mergeIn(event.getJsonObject("session", new JsonObject()))));
            case "session.input_audio.append" -> heard.append("sound");
            case "session.instructions.append", "session.thinking.append", "session.commentary.append" -> {
                heard.append(event.getValue("content"));
                send(event(type + "ed", event));
            }
            case "response.item.create" -> heard.append(event.getValue("item"));
            case "response.create" -> delegate(running);
            case "session.close" -> send(event("session.closed", event).put("reason", "close_requested")
                    .put("session", running).put("usage", usage()));
            default -> throw new BadCall(ApiError.invalid("Invalid value: '" + type + "'.", "type", "invalid_value"));
        }
    }

    private void start(JsonObject event) {
        JsonObject asked = event.getJsonObject("session", new JsonObject());
        String model = inherited == null ? Parameters.model(asked.getValue("model")) : inherited;
        meter.charge(new Start(model));
        begun = nowSeconds.getAsLong();
        session = asked.copy().put("id", Ids.fresh("live_")).put("status", "active").put("model", model)
                .put("expires_at", begun + LIFE_SECONDS);
        send(event("session.started", event).put("session", session));
    }

    private void delegate(JsonObject running) {
        String model = running.getValue("delegation") instanceof JsonObject delegation
                && delegation.getValue("responses") instanceof JsonObject responses
                        ? responses.getString("model", DELEGATE)
                        : DELEGATE;
        RealtimeAnswer answer = new RealtimeAnswer(model, heard.toString(), Ids.fresh("resp_"), chunks);
        meter.charge(answer);
        String delegation = Ids.fresh("dlg_");
        List<JsonObject> events = new ArrayList<>();
        events.add(event("session.delegation.created", new JsonObject()).put("offset_ms", 0)
                .put("delegation", new JsonObject().put("id", delegation).put("type", "delegation")
                        .put("target", "responses").put("response_id", answer.id())));
        for (JsonObject each : answer.events()) {
            if (each.getString("type").equals("response.done")) {
                each.put("type", "response.completed").getJsonObject("response").put("model", model);
            }
            events.add(event("response.event", new JsonObject()).put("delegation_id", delegation).put("event", each));
        }
        events.add(event("session.usage.updated", new JsonObject()).put("usage", usage()));
        frames.send(events);
    }

    /** Every second that has begun counts. */
    private JsonObject usage() {
        return new JsonObject().put("seconds", nowSeconds.getAsLong() - begun + 1);
    }

    private void send(JsonObject event) {
        frames.send(List.of(event));
    }

    private static JsonObject event(String type, JsonObject asked) {
        JsonObject event = new JsonObject().put("type", type).put("event_id", Ids.fresh("event_"));
        Object id = asked.getValue("event_id");
        return id == null ? event : event.put("client_event_id", id);
    }

    /** What a session that nobody has spoken to can be asked over HTTP. */
    static JsonObject created() {
        return new JsonObject().put("session", new JsonObject().put("id", Ids.fresh("live_")))
                .put("transport", new JsonObject().put("type", "webrtc")
                        .put("sdp", "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"));
    }
}
