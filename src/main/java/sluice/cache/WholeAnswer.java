package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import sluice.openai.Endpoint;
import sluice.openai.Served;

/** A 200 answer that has arrived whole. */
public final class WholeAnswer {
    private final Endpoint endpoint;
    private final boolean stream;
    private final Retention retention;
    private final List<Map.Entry<String, String>> headers;
    private final byte[] body;
    private final Served served;

    /**
     * An answer.
     *
     * @param stream  whether it is a stream of events that has reached its end mark
     * @param retention how it is kept in the cache
     * @param headers those that describe the body; not to be changed any more
     * @param body    not to be changed any more
     * @param served  what it says of its model call
     */
    public WholeAnswer(Endpoint endpoint, boolean stream, Retention retention, List<Map.Entry<String, String>> headers,
            byte[] body, Served served) {
        this.endpoint = endpoint;
        this.stream = stream;
        this.retention = retention;
        this.headers = headers;
        this.body = body;
        this.served = served;
    }

    /** How it is kept in the cache. */
    public Retention retention() {
        return retention;
    }

    List<Map.Entry<String, String>> headers() {
        return headers;
    }

    Served served() {
        return served;
    }

    byte[] body() {
        return body;
    }

    /** How long its body is, in bytes. */
    public int length() {
        return body.length;
    }

    /** As callers get it. */
    public CachedAnswer answer() {
        return new CachedAnswer(headers, Buffer.buffer(body), served);
    }

    /** Whether it ended naturally, so that it may answer identical calls too. */
    public boolean isComplete() {
        return CompleteAnswer.check(endpoint, stream, body);
    }

    /**
     * Whether it is the last word on this very call. An answer that was ended by the limit of its length or by a filter
     * is; one that reports that the call failed is not.
     */
    public boolean isFinal() {
        return stream || !isJson() || FinalAnswer.check(body);
    }

    private boolean isJson() {
        return headers.stream().anyMatch(header -> header.getKey().equalsIgnoreCase("content-type")
                && header.getValue().toLowerCase(Locale.ROOT).contains("json"));
    }
}
