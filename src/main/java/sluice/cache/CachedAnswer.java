package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;

/**
 * A complete 200 answer.
 *
 * @param headers        what describes the body, in order
 * @param body           all of it; never changed
 * @param model          the model that was asked
 * @param storedAtNanos  by the cache's clock
 * @param ttlNanos       for how long it may be given again
 */
public record CachedAnswer(List<Map.Entry<String, String>> headers, Buffer body, String model, long storedAtNanos,
        long ttlNanos) {
    private static final int OVERHEAD = 512;

    public CachedAnswer {
        headers = List.copyOf(headers);
    }

    /** About how many bytes it holds. */
    int weight() {
        return body.length() + OVERHEAD;
    }
}
