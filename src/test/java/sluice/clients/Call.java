package sluice.clients;

import io.vertx.core.json.JsonObject;
import sluice.testing.TestGateway;

/**
 * What an SDK is to do: a scenario, and with what.
 *
 * @param json as the scripts take it
 */
record Call(JsonObject json) {

    /** A scenario with the key of this name. */
    static Call of(String scenario, TestGateway gateway, String keyName) {
        return new Call(new JsonObject().put("scenario", scenario).put("base", gateway.baseUrl())
                .put("key", gateway.key(keyName)).put("model", "gpt-4o-mini").put("prompt", "Say hello"));
    }

    /** The same with another value: of {@code base}, {@code key}, {@code other}, {@code model}, {@code prompt}, {@code api} or {@code lines}. */
    Call with(String name, String value) {
        return new Call(json.copy().put(name, value));
    }

    String get(String name) {
        return json.getString(name, "");
    }
}
