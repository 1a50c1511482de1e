package sluice.simulator;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * A request as it arrived.
 *
 * @param uri   path and query, as sent
 * @param bytes the first 64 KiB of the body
 */
public record ReceivedRequest(String method, String uri, MultiMap headers, Buffer bytes) {
    static final int BODY_MAX = 64 * 1024;

    static ReceivedRequest of(String method, String uri, MultiMap headers, Buffer body) {
        return new ReceivedRequest(method, uri, MultiMap.caseInsensitiveMultiMap().addAll(headers),
                body.length() <= BODY_MAX ? body : body.getBuffer(0, BODY_MAX));
    }

    /** The first 64 KiB of the body as text. */
    public String body() {
        return bytes.toString();
    }

    /** Safe to show: keys appear by id only. */
    JsonObject redacted() {
        JsonObject shown = new JsonObject();
        headers.forEach((name, value) -> shown.put(name.toLowerCase(Locale.ROOT),
                isSecret(name) ? Credentials.redacted(value) : value));
        return new JsonObject().put("method", method).put("uri", uri).put("headers", shown).put("body", body());
    }

    private static boolean isSecret(String header) {
        return header.equalsIgnoreCase("authorization") || header.equalsIgnoreCase("api-key")
                || header.equalsIgnoreCase("proxy-authorization") || header.equalsIgnoreCase("cookie");
    }

    @Override
    public String toString() {
        return redacted().encode();
    }
}
