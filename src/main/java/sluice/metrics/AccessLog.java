package sluice.metrics;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.time.Time;

/** One JSON line per request, on the logger {@code sluice.access}. Keys and prompts never come near it. */
public final class AccessLog {
    private static final JsonFactory JSON = new JsonFactory();

    private final Logger logger = LoggerFactory.getLogger("sluice.access");
    private final Time time;

    public AccessLog(Time time) {
        this.time = time;
    }

    /** Writes the line of a call that is over. */
    public void write(Journal journal) {
        if (logger.isInfoEnabled()) {
            logger.info(line(journal));
        }
    }

    private String line(Journal journal) {
        StringWriter out = new StringWriter(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("time", time.now().toString());
            json.writeStringField("id", journal.id);
            text(json, "upstream_id", journal.upstreamId);
            text(json, "tenant", journal.tenant);
            text(json, "key_id", journal.keyId);
            json.writeStringField("method", journal.method);
            json.writeStringField("endpoint", journal.endpoint);
            text(json, "model", journal.model);
            json.writeBooleanField("stream", journal.stream);
            json.writeNumberField("status", journal.status);
            json.writeStringField("outcome", journal.outcome.label());
            text(json, "code", journal.code);
            text(json, "cache", journal.cache);
            text(json, "account", journal.account);
            json.writeNumberField("attempts", journal.attempts);
            json.writeNumberField("bytes", journal.bytesOut);
            if (journal.usage != null) {
                json.writeNumberField("input_tokens", journal.usage.input());
                json.writeNumberField("output_tokens", journal.usage.output());
            }
            millis(json, "wait_ms", journal.waitNanos);
            if (journal.predictedNanos > 0) {
                millis(json, "predicted_wait_ms", journal.predictedNanos);
            }
            millis(json, "first_byte_ms", journal.firstByteNanos);
            millis(json, "upstream_ms", journal.upstreamNanos);
            millis(json, "total_ms", journal.totalNanos);
            text(json, "client", journal.client);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toString();
    }

    private static void text(JsonGenerator json, String name, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(name, value);
        }
    }

    private static void millis(JsonGenerator json, String name, long nanos) throws IOException {
        json.writeNumberField(name, TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0);
    }
}
