package sluice.simulator;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** The calls that ask a model for something. */
enum Endpoint {
    CHAT("chatcmpl-"), COMPLETIONS("cmpl-"), RESPONSES("resp_"), EMBEDDINGS(""), MODERATIONS("modr-");

    private final String idPrefix;

    Endpoint(String idPrefix) {
        this.idPrefix = idPrefix;
    }

    /** An id for a new answer. */
    String newId() {
        return idPrefix + randomHex();
    }

    boolean streams() {
        return this == CHAT || this == COMPLETIONS || this == RESPONSES;
    }

    static String randomHex() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return hex16(random.nextLong()) + hex16(random.nextLong());
    }

    static String hex16(long value) {
        return HexFormat.of().toHexDigits(value);
    }
}
