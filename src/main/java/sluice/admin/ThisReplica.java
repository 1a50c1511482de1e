package sluice.admin;

import io.vertx.core.json.JsonObject;

/**
 * Which replica answers.
 *
 * @param name  by which other replicas know it
 * @param count how many there are, itself included, as far as it knows
 */
public record ThisReplica(String name, int count) {

    /** What is added to an answer that only this replica can vouch for. */
    JsonObject json() {
        return new JsonObject().put("replica", name).put("replicas", count);
    }
}
