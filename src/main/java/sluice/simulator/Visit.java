package sluice.simulator;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * A request whose key works.
 *
 * @param params of its path
 * @param now    seconds since 1970
 */
record Visit(Exchange exchange, Accounts.Member member, Map<String, String> params, Body body, long now) {

    Stored stored() {
        return member.stored();
    }

    /** The parameter of the path by this name. */
    String param(String name) {
        return params.getOrDefault(name, "");
    }

    /** The parameter of the path that names the one object that the request is about. */
    String id() {
        return param("id");
    }

    MultiMap query() {
        return exchange.request().params();
    }

    /** A member of the body that must be there. */
    String required(String name) {
        return optional(name).orElseThrow(() -> new BadCall(ApiError.missing(name)));
    }

    Optional<String> optional(String name) {
        return Optional.ofNullable(asked().getValue(name)).map(String::valueOf);
    }

    /** What the body says; nothing, if there is none. */
    JsonObject asked() {
        return body.jsonIfAny();
    }

    /** Bytes of the body, roughly what the object weighs that it makes. */
    long weight() {
        return body.bytes().length();
    }
}
