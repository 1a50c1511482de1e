package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import sluice.openai.Served;

/**
 * A complete 200 answer.
 *
 * @param headers        those that describe the body, in order
 * @param body           the whole body; never changed
 * @param storedAtNanos  when it was stored, on the cache's clock
 * @param ttlNanos       how long it may be reused
 * @param served         what it said of its model call
 */
public record CachedAnswer(List<Map.Entry<String, String>> headers, Buffer body, long storedAtNanos, long ttlNanos,
        Served served) {
    /** The objects around one entry, measured in a heap histogram (573 bytes with one header), rounded up. */
    private static final int OVERHEAD = 640;

    public CachedAnswer {
        headers = List.copyOf(headers);
    }

    /** Its approximate size on the heap, in bytes. */
    int weight() {
        int weight = OVERHEAD + body.length();
        for (Map.Entry<String, String> header : headers) {
            weight += header.getValue().length();
        }
        return weight;
    }
}
