package sluice.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The answer to a call of the admin API. It must not be cached. */
record Reply(int status, String contentType, Buffer body, Map<String, String> headers) {
    private static final String JSON = "application/json";

    Reply {
        headers = Map.copyOf(headers);
    }

    static Reply json(JsonObject body) {
        return json(200, body.toBuffer());
    }

    static Reply created(JsonObject body) {
        return json(201, body.toBuffer());
    }

    static Reply json(int status, Buffer body) {
        return new Reply(status, JSON, body, Map.of());
    }

    static Reply text(String contentType, String text) {
        return new Reply(200, contentType, Buffer.buffer(text), Map.of());
    }

    /** Sends a browser elsewhere. */
    static Reply seeOther(String address) {
        return new Reply(302, "text/plain", Buffer.buffer(), Map.of("location", address));
    }

    Reply with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Reply(status, contentType, body, more);
    }
}
