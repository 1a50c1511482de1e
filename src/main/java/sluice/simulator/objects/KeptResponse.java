package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import sluice.simulator.answers.AnswerEvents;
import sluice.simulator.answers.Generated;
import sluice.simulator.answers.ResponseObject;
import sluice.simulator.wire.EventSequence;

/**
 * A response that can be retrieved again.
 *
 * @param chunks    pieces of text in its stream
 * @param cancelled whether it was a background response that was cancelled
 */
record KeptResponse(Generated answer, int chunks, boolean cancelled) {

    JsonObject object() {
        JsonObject response = ResponseObject.finished(answer);
        return cancelled ? response.put("status", "cancelled") : response;
    }

    /** The events of its stream, as originally sent. */
    EventSequence events() {
        return AnswerEvents.of(answer, chunks);
    }
}
