package sluice.simulator.objects;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;

/**
 * A request with a valid key.
 *
 * @param stored what the account of the key has stored
 * @param params the path parameters
 * @param models which models exist
 * @param now    seconds since 1970
 */
public record Visit(HttpServerRequest request, Stored stored, String organization, Map<String, String> params,
        Body body, Predicate<String> models, long now) {

    /** The path parameter of this name. */
    String param(String name) {
        return params.getOrDefault(name, "");
    }

    /** The path parameter that names the object of the request. */
    String id() {
        return param("id");
    }

    MultiMap query() {
        return request.params();
    }

    /** A member of the body that must be present. */
    String required(String name) {
        return optional(name).orElseThrow(() -> new BadCall(ApiError.missing(name)));
    }

    public Optional<String> optional(String name) {
        return Optional.ofNullable(asked().getValue(name)).map(String::valueOf);
    }

    /** The body as an object; an empty one if there is no body. */
    JsonObject asked() {
        return body.jsonIfAny();
    }

    /** The size of the body in bytes, roughly that of the object it creates. */
    public long weight() {
        return body.bytes().length();
    }
}
