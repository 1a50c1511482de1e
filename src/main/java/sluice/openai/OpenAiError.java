package sluice.openai;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * An error body as OpenAI writes it and every SDK reads it.
 *
 * @param message for people: what is wrong and how to fix it
 * @param type    the class of error
 * @param param   the field at fault, or null
 * @param code    for programs, or null
 */
public record OpenAiError(String message, String type, @Nullable String param, @Nullable String code) {

    /** {@code {"error":{…}}}, with all four keys present. */
    public Buffer toBuffer() {
        return new JsonObject().put("error", fields()).toBuffer();
    }

    /**
     * The error as the last event of a stream that failed after its head.
     *
     * @param eventsBefore how many events came before; a Responses stream numbers its events from 0
     */
    public Buffer toEvent(Endpoint endpoint, long eventsBefore) {
        String text = endpoint.streamEnd() == StreamEnd.RESPONSE_EVENT
                ? "event: error\ndata: " + fields().put("type", "error").put("sequence_number", eventsBefore).encode()
                        + "\n\n"
                : "data: " + new JsonObject().put("error", fields()).encode() + "\n\n";
        return Buffer.buffer(text);
    }

    /**
     * The error as a WebSocket event.
     *
     * @param status the status an HTTP answer would have
     * @param lane   the lane of the message that it is about; empty if that names none
     */
    public String toSocketEvent(int status, String lane) {
        JsonObject event = new JsonObject().put("type", "error").put("status", status).put("error", fields());
        return (lane.isEmpty() ? event : event.put("stream_id", lane)).encode();
    }

    private JsonObject fields() {
        return new JsonObject().put("message", message).put("type", type).put("param", param).put("code", code);
    }
}
