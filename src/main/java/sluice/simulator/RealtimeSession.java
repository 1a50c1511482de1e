package sluice.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;
import sluice.simulator.answers.RealtimeAnswer;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Ids;

/**
 * A realtime session. It answers on {@code response.create} or, with turn detection, by itself once audio has been
 * committed.
 */
final class RealtimeSession implements Consumer<JsonObject> {
    private static final String DETECTION = "turn_detection";

    private final Frames frames;
    private final Sockets.Meter meter;
    private final String model;
    private final int chunks;
    private final JsonObject session;
    private final StringBuilder heard = new StringBuilder();
    private boolean detectsTurns;
    private String answering = "";

    RealtimeSession(Frames frames, Sockets.Meter meter, String model, int chunks) {
        this.frames = frames;
        this.meter = meter;
        this.model = model;
        this.chunks = chunks;
        this.session = new JsonObject().put("id", Ids.fresh("sess_")).put("object", "realtime.session")
                .put("type", "realtime").put("model", model);
        send(event("session.created").put("session", session));
    }

    @Override
    public void accept(JsonObject event) {
        switch (String.valueOf(event.getValue("type"))) {
            case "session.update" -> update(event.getJsonObject("session", new JsonObject()));
            case "conversation.item.create" -> addItem(event.getJsonObject("item", new JsonObject()));
            case "input_audio_buffer.append" -> heard.append("sound");
            case "input_audio_buffer.clear" -> send(event("input_audio_buffer.cleared"));
            case "input_audio_buffer.commit" -> commit();
            case "response.create" -> answer();
            case "response.cancel" -> cancel();
            default -> throw new BadCall(ApiError.invalid("Invalid value: '" + event.getValue("type") + "'.", "type",
                    "invalid_value"));
        }
    }

    private void update(JsonObject change) {
        session.mergeIn(change);
        detectsTurns = change.getValue(DETECTION) instanceof JsonObject
                || (change.getValue("audio") instanceof JsonObject audio
                        && audio.getValue("input") instanceof JsonObject input
                        && input.getValue(DETECTION) instanceof JsonObject);
        send(event("session.updated").put("session", session.copy()));
    }

    private void addItem(JsonObject item) {
        heard.append(item.getValue("content"));
        JsonObject kept = item.copy();
        if (!kept.containsKey("id")) {
            kept.put("id", Ids.fresh("item_"));
        }
        send(event("conversation.item.created").put("previous_item_id", null).put("item", kept));
    }

    private void commit() {
        send(event("input_audio_buffer.committed").put("item_id", Ids.fresh("item_")));
        if (detectsTurns) {
            answer();
        }
    }

    private void answer() {
        RealtimeAnswer answer = new RealtimeAnswer(model, heard.toString(), Ids.fresh("resp_"), chunks);
        Quotas.Decision decision = meter.charge(answer);
        answering = answer.id();
        frames.send(answer.events());
        send(limits(decision.levels()));
    }

    /** What remains of the limits. */
    private static JsonObject limits(List<Quotas.Level> levels) {
        JsonArray limits = new JsonArray();
        for (Quotas.Level level : levels) {
            limits.add(new JsonObject().put("name", level.kind().type).put("limit", level.limit())
                    .put("remaining", level.remaining()).put("reset_seconds", level.resetNanos() / 1e9));
        }
        return event("rate_limits.updated").put("rate_limits", limits);
    }

    private void cancel() {
        if (!frames.drop()) {
            throw new BadCall(ApiError.invalid("Cancellation failed: no active response found", null,
                    "response_cancel_not_active"));
        }
        send(RealtimeAnswer.cancelled(answering));
    }

    private void send(JsonObject event) {
        frames.send(List.of(event));
    }

    private static JsonObject event(String type) {
        return new JsonObject().put("type", type).put("event_id", Ids.fresh("event_"));
    }
}
