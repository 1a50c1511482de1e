package sluice.metrics;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.time.Time;

/**
 * One JSON line per request, on the logger {@code sluice.access}. Keys and prompts are never logged.
 *
 * <p>Each event loop has its own instance, which batches lines: handing over and writing each one separately would cost
 * more than everything else done for it.
 */
public final class AccessLog implements AutoCloseable {
    /** How long lines are batched, in milliseconds. */
    public static final long GATHER_MILLIS = 100;

    private static final int MOST_GATHERED = 32 * 1024;
    private static final int LONGEST_KEPT = 4 * MOST_GATHERED;
    /** Characters per field, each of which JSON may escape to six; with all its fields a line stays below 12 KiB. */
    private static final int LONGEST_FIELD = 256;
    private static final int LONGEST_NAME = 128;
    private static final int LONGEST_WORD = 48;
    private static final int FIRST_ERROR = 400;
    private static final JsonStringEncoder JSON = JsonStringEncoder.getInstance();

    private final Logger logger = LoggerFactory.getLogger("sluice.access");
    private final Time time;
    private final Consumer<Runnable> later;
    private final ClockText clock = new ClockText();
    private StringBuilder lines = new StringBuilder(MOST_GATHERED);
    private boolean closed;

    /**
     * Logs nothing yet.
     *
     * @param later runs a task on the same event loop after {@link #GATHER_MILLIS}
     */
    public AccessLog(Time time, Consumer<Runnable> later) {
        this.time = time;
        this.later = later;
    }

    /** Writes the line for a finished call. */
    public void write(Spent spent) {
        if (!logger.isInfoEnabled()) {
            return;
        }
        if (!lines.isEmpty()) {
            lines.append('\n');
        } else if (!closed) {
            later.accept(this::flush);
        }
        line(spent);
        if (closed || lines.length() >= MOST_GATHERED) {
            flush();
        }
    }

    /** Flushes the batch; from now on each line is logged at once. */
    @Override
    public void close() {
        closed = true;
        flush();
    }

    private void flush() {
        if (lines.isEmpty()) {
            return;
        }
        logger.info(lines.toString());
        if (lines.capacity() > LONGEST_KEPT) {
            lines = new StringBuilder(MOST_GATHERED);
        }
        lines.setLength(0);
    }

    private void line(Spent spent) {
        Origin origin = spent.origin();
        Facts facts = spent.facts();
        Spent.Told told = spent.told();
        Spent.Times times = spent.times();
        lines.append("{\"time\":\"");
        clock.write(time.now(), lines);
        lines.append("\",\"level\":\"INFO\",\"id\":\"").append(origin.id()).append('"');
        text("upstream_id", facts.upstreamId(), LONGEST_FIELD);
        text("tenant", facts.tenant(), LONGEST_NAME);
        text("key_id", facts.keyId());
        text("subject", facts.subject(), LONGEST_FIELD);
        text("method", origin.method());
        text("endpoint", origin.endpoint());
        text("model", facts.model().isEmpty() ? told.why().model() : facts.model(), LONGEST_FIELD);
        ModelUse use = facts.usageCounted() ? ModelUse.nothing() : told.use();
        if (!use.model().equals(facts.model())) {
            text("served_model", use.model(), LONGEST_FIELD);
        }
        text("service_tier", use.serviceTier().isEmpty() ? facts.serviceTier() : use.serviceTier());
        lines.append(",\"stream\":").append(facts.stream());
        number("status", told.status());
        text("outcome", told.outcome().label());
        text("code", told.code());
        if (told.status() >= FIRST_ERROR) {
            why(told.why());
        }
        text("cache", facts.cache());
        text("account", facts.account(), LONGEST_NAME);
        number("attempts", facts.attempts());
        number("bytes", told.bytes());
        Usage usage = told.usage();
        if (usage != null) {
            number("input_tokens", usage.input());
            number("output_tokens", usage.output());
        }
        if (spent.cost() instanceof Cost.Priced(long picodollars, var _)) {
            name("cost_usd").append(Cost.dollars(picodollars).toPlainString());
        }
        millis("wait_ms", times.waited());
        if (times.predicted() > 0) {
            millis("predicted_wait_ms", times.predicted());
        }
        millis("first_byte_ms", times.firstByte());
        millis("upstream_ms", times.upstream());
        millis("total_ms", times.total());
        text("client", origin.client());
        text("user_agent", origin.software().agent(), LONGEST_FIELD);
        text("sdk", origin.software().sdk());
        lines.append('}');
    }

    /** What decided a refusal. */
    private void why(Why why) {
        text("path", why.path(), LONGEST_FIELD);
        text("limit", why.limit(), LONGEST_FIELD);
        known("limit_size", why.size());
        known("limit_left", why.left());
        known("limit_takes", why.takes());
        if (why.waitNanos() >= 0) {
            millis("retry_after_ms", why.waitNanos());
        }
    }

    private void known(String name, long value) {
        if (value >= 0) {
            number(name, value);
        }
    }

    private StringBuilder name(String name) {
        return lines.append(",\"").append(name).append("\":");
    }

    private void text(String name, String value) {
        text(name, value, LONGEST_WORD);
    }

    /** Truncates a long value with an ellipsis. */
    private void text(String name, String value, int longest) {
        if (!value.isEmpty()) {
            name(name).append('"');
            boolean cut = value.length() > longest;
            String shown = cut ? value.substring(0, longest) : value;
            if (isPlain(shown)) {
                lines.append(shown);
            } else {
                JSON.quoteAsString(shown, lines);
            }
            lines.append(cut ? "…\"" : "\"");
        }
    }

    /** Whether JSON writes it as it is; so it does nearly everything here. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private void number(String name, long value) {
        name(name).append(value);
    }

    /** With three decimal places. */
    private void millis(String name, long nanos) {
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
        name(name).append(micros / 1000).append('.');
        long fraction = micros % 1000;
        lines.append((char) ('0' + fraction / 100)).append((char) ('0' + fraction / 10 % 10))
                .append((char) ('0' + fraction % 10));
    }
}
