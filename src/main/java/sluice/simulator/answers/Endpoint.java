package sluice.simulator.answers;

import sluice.simulator.wire.Ids;

/** The endpoints that ask a model for text, or about text. */
public enum Endpoint {
    CHAT("chatcmpl-"), COMPLETIONS("cmpl-"), RESPONSES("resp_"), EMBEDDINGS(""), MODERATIONS("modr-");

    private final String idPrefix;

    Endpoint(String idPrefix) {
        this.idPrefix = idPrefix;
    }

    /** An id for a new answer. */
    String newId() {
        return Ids.fresh(idPrefix);
    }

    boolean streams() {
        return this == CHAT || this == COMPLETIONS || this == RESPONSES;
    }
}
