package sluice.metrics;

import ch.qos.logback.classic.LoggerContext;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Log lines that were lost since the process started, and why. Used by all threads; costs nothing while none is lost. */
public final class LostLines {
    private static final String NAME = "sluice.lost-lines";

    /** Why a line is lost. */
    public enum Why {
        /** Standard output took no more bytes, for example because the disk under it is full. */
        UNWRITABLE("standard output could not be written"),
        /** Standard output is read more slowly than lines come. */
        SLOW("standard output was read too slowly");

        private final String sentence;

        Why(String sentence) {
            this.sentence = sentence;
        }

        /** The word for it in metrics. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Map<Why, LongAdder> lines = new EnumMap<>(Why.class);
    private final AtomicReference<@Nullable String> last = new AtomicReference<>();

    /** None yet. */
    public LostLines() {
        Arrays.stream(Why.values()).forEach(why -> lines.put(why, new LongAdder()));
    }

    /** Those of this process; none if a Logback file of somebody else configures the log. */
    public static LostLines ofThisProcess() {
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getObject(NAME) instanceof LostLines counted ? counted : new LostLines();
    }

    /** These are the lines that this log loses. */
    void countIn(LoggerContext context) {
        context.putObject(NAME, this);
    }

    /** The reader is too slow for these. */
    public void slow(long number) {
        lose(Why.SLOW, number, "");
    }

    /**
     * Standard output did not take these.
     *
     * @param cause as the system words it, such as "No space left on device"
     */
    public void unwritable(long number, String cause) {
        lose(Why.UNWRITABLE, number, ": " + cause);
    }

    private void lose(Why why, long number, String detail) {
        last.set(why.sentence + detail);
        counter(why).add(number);
    }

    private LongAdder counter(Why why) {
        return Objects.requireNonNull(lines.get(why));
    }

    /** How many were lost for this reason. */
    public long number(Why why) {
        return counter(why).sum();
    }

    /** How many were lost. */
    public long number() {
        return lines.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Why the last one was lost, as a sentence; empty if none was. */
    public String why() {
        String known = last.get();
        return known == null ? "" : known;
    }
}
