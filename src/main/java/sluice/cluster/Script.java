package sluice.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The messages replicas send to the store; each runs atomically. */
public enum Script {
    TAKE("hash"), BEAT("zset hash hash hash"), LEAVE("zset"), NOTICE("hash"), VISIT("hash zset"), SLOTS("hash"), SPEND(
            "hash"), ASK("hash"), ANSWER("hash"), HEAR("zset hash"), RECALL(
                    "string string"), RENEW(
                            "string"), SHELVE("string string"), RELEASE("string"), DISCARD("string"), MEND("");

    /** The store's own clock, which precedes every script; a simulation replaces it. */
    public static final String CLOCK = resource("clock");

    private static final String BUCKET = resource("bucket");

    private final String types;
    private final String body = resource(name().toLowerCase(Locale.ROOT));

    Script(String types) {
        this.types = types;
    }

    /** The full text, with the given clock. */
    public String text(String clock) {
        return clock + BUCKET + body;
    }

    /** The expected type of each key; a key of another type was written by another program. */
    List<String> types() {
        return List.of(types.split(" "));
    }

    private static String resource(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
