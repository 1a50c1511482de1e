package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.stream.Stream;

/** An object of a request, by which of its fields have no effect on the answer. */
final class RequestPart {
    /** The request itself. */
    static final RequestPart ROOT = new RequestPart("", "user", "metadata", "safety_identifier", "prompt_cache_key",
            "prompt_cache_retention");
    /** How the answer is streamed. */
    static final RequestPart STREAM_OPTIONS = new RequestPart("stream_options", "include_obfuscation");
    /** How the upstream caches the prompt. */
    static final RequestPart CACHE_OPTIONS = new RequestPart("prompt_cache_options", "mode", "ttl");
    /** All others: everything counts. */
    static final RequestPart ELSEWHERE = new RequestPart("");

    private final byte[] key;
    private final byte[][] ignored;

    /** @param key the field of the root that holds it */
    private RequestPart(String key, String... ignored) {
        this.key = key.getBytes(UTF_8);
        this.ignored = Stream.of(ignored).map(name -> name.getBytes(UTF_8)).toArray(byte[][]::new);
    }

    /** The object under the field whose name is there in the text. */
    RequestPart under(byte[] text, int from, int to) {
        if (this != ROOT) {
            return ELSEWHERE;
        }
        if (is(STREAM_OPTIONS.key, text, from, to)) {
            return STREAM_OPTIONS;
        }
        return is(CACHE_OPTIONS.key, text, from, to) ? CACHE_OPTIONS : ELSEWHERE;
    }

    /** Whether the field whose name is there in the text has no effect on the answer. */
    boolean ignores(byte[] text, int from, int to) {
        for (byte[] name : ignored) {
            if (is(name, text, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(byte[] name, byte[] text, int from, int to) {
        return Arrays.equals(text, from, to, name, 0, name.length);
    }
}
