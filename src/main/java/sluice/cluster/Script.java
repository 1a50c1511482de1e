package sluice.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What replicas ask of the store: each message is one of these, and is done whole or not at all. */
public enum Script {
    TAKE("hash"), BEAT("zset hash hash"), LEAVE("zset"), NOTICE("hash"), VISIT("hash zset"), SLOTS("hash"), MEND("");

    /** The store's own clock, before every script; a simulation puts another one in its place. */
    public static final String CLOCK = resource("clock");

    private static final String BUCKET = resource("bucket");

    private final String types;
    private final String body = resource(name().toLowerCase(Locale.ROOT));

    Script(String types) {
        this.types = types;
    }

    /** The whole text, by the given clock. */
    public String text(String clock) {
        return clock + BUCKET + body;
    }

    /** The type of each of its keys; a key of another type was written by another program. */
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
