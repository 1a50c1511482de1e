package sluice.admin;

import io.vertx.core.json.JsonObject;

/**
 * Which replica answers.
 *
 * @param name  by which other replicas know it
 * @param count how many there are, itself included, as far as it knows
 */
public record ThisReplica(String name, int count) {

    /** Added to an answer that describes only this replica. */
    JsonObject json() {
        return new JsonObject().put("replica", name).put("replicas", count);
    }
}
