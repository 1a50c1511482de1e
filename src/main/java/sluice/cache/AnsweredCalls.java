package sluice.cache;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sluice.isolation.Shared;
import sluice.openai.Served;
import sluice.time.Time;

/** The answers to calls with an {@code Idempotency-Key}, for their repeats, in the memory of this process. */
public final class AnsweredCalls {

    /**
     * How long answers stay, and how long calls go on for them.
     *
     * @param ttl          how long a call is remembered
     * @param maxSizeBytes of all answers together
     * @param continueFor  how long a call continues without its caller
     * @param maxContinued calls that do so at once
     */
    public record Settings(Duration ttl, long maxSizeBytes, Duration continueFor, int maxContinued) {}

    private final Time time;
    private final KeptAnswers answers;
    private volatile Settings settings;
    private volatile int maxEntryBytes;

    /** @param maxEntryBytes of one answer; larger ones are not kept */
    public AnsweredCalls(Settings settings, int maxEntryBytes, Time time) {
        this.settings = settings;
        this.maxEntryBytes = maxEntryBytes;
        this.time = time;
        this.answers = new KeptAnswers("answered-calls", settings.maxSizeBytes(), maxEntryBytes, true, time);
    }

    /** Changes the settings; answers stay as far as there is room. */
    public void change(Settings changed, int changedMaxEntryBytes) {
        settings = changed;
        maxEntryBytes = changedMaxEntryBytes;
        answers.change(changed.maxSizeBytes(), changedMaxEntryBytes);
    }

    public Settings settings() {
        return settings;
    }

    /** What is known of a call; nothing if it has not been answered. */
    public Optional<Answered> find(Repeat repeat) {
        Kept kept = answers.get(repeat.name());
        if (kept == null) {
            return Optional.empty();
        }
        long age = TimeUnit.NANOSECONDS.toSeconds(time.nanos() - kept.label.storedAtNanos());
        return kept.read()
                .map(answer -> new Answered(kept.label.asks(), new AnswerCache.Found(repeat.name(), answer, age)));
    }

    /** Keeps an answer, if it is final. */
    public void offer(Repeat repeat, WholeAnswer answer) {
        if (answer.isFinal()) {
            keep(repeat, answer.retention().source(), answer.headers(), answer.body(), answer.served(), 0);
        }
    }

    /** The promise to keep an answer. */
    public Claim claim(Repeat repeat) {
        return new Claim() {
            @Override
            public void keep(WholeAnswer answer) {
                offer(repeat, answer);
            }

            @Override
            public void drop() {
                // A repeat makes a call of its own.
            }
        };
    }

    /** Keeps an answer that another replica has given, for the rest of its time. */
    public void adopt(Repeat repeat, SharedAnswers.Known.Answer shared) {
        CachedAnswer answer = shared.answer();
        keep(repeat, shared.retention().source(), answer.headers(), answer.body().getBytes(), answer.served(),
                shared.ageSeconds());
    }

    private void keep(Repeat repeat, Retention.Source source, List<Map.Entry<String, String>> headers, byte[] body,
            Served served, long ageSeconds) {
        Duration left = settings.ttl().minusSeconds(ageSeconds);
        if (left.isPositive() && body.length <= maxEntryBytes) {
            answers.keep(repeat.name(), new Kept.Label(headers, served, source,
                    time.nanos() - TimeUnit.SECONDS.toNanos(ageSeconds), left.toNanos(), repeat.asks()), body);
        }
    }

    /** The approximate size of all answers in bytes. */
    public long bytes() {
        return answers.bytes();
    }

    /** How full it is and how many holders it has. */
    public Shared shared() {
        return answers.shared();
    }

    /**
     * A call that was answered.
     *
     * @param asks a digest of what it asked for
     */
    public record Answered(String asks, AnswerCache.Found found) {

        /** Whether this is a repeat of it. */
        public boolean isOf(Repeat repeat) {
            return asks.equals(repeat.asks());
        }
    }
}
