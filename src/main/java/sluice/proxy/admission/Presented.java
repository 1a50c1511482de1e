package sluice.proxy.admission;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import sluice.net.SubProtocols;

/**
 * What a call presents in its headers.
 *
 * @param bearer where SDKs send a key: a key or a token; null if there is none
 * @param key    next to it, in the gateway's own header; null if there is none
 */
record Presented(@Nullable String bearer, @Nullable String key) {
    private static final String BEARER = "Bearer ";
    private static final String KEY = "x-sluice-key";

    static Presented by(MultiMap headers) {
        return new Presented(bearer(headers), headers.get(KEY));
    }

    /** OpenAI's SDKs send a bearer token, Azure's a header of their own, browsers a subprotocol name. */
    private static @Nullable String bearer(MultiMap headers) {
        String authorization = headers.get(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).strip();
        }
        String azure = headers.get("api-key");
        return azure != null ? azure : SubProtocols.key(headers);
    }
}
