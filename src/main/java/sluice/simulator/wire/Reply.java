package sluice.simulator.wire;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** The answer to a call: all at once, or in pieces. */
public sealed interface Reply {
    String JSON = "application/json";

    record Whole(int status, String contentType, Map<String, String> headers, Buffer body) implements Reply {}

    record Streamed(String contentType, EventSequence pieces) implements Reply {

        /** Whether the pieces are server-sent events. */
        public boolean isEvents() {
            return contentType.startsWith("text/event-stream");
        }
    }

    /** A file whose size is known in advance. */
    record Download(String contentType, long size, EventSequence pieces) implements Reply {}

    static Reply json(JsonObject body) {
        return whole(JSON, body.toBuffer());
    }

    /** What the API answers for a deleted object. */
    static Reply deleted(String object, String id) {
        return json(new JsonObject().put("id", id).put("object", object).put("deleted", true));
    }

    /** A newly created object: 201. */
    static Reply created(JsonObject body) {
        return new Whole(201, JSON, Map.of(), body.toBuffer());
    }

    static Reply whole(String contentType, Buffer body) {
        return new Whole(200, contentType, Map.of(), body);
    }

    /** Server-sent events. */
    static Reply events(EventSequence events) {
        return new Streamed("text/event-stream; charset=utf-8", events);
    }
}
