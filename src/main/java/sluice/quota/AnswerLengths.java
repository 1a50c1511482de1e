package sluice.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How long answers usually are, learned from those that came: by tenant, model and the longest answer that a call
 * allows, to a power of two. So a call need not reserve the longest answer it allows, which few reach.
 */
public final class AnswerLengths {
    /** The most kinds of calls remembered, each in up to 2 KiB; the least used are forgotten. */
    private static final int MOST_KINDS = 10_000;
    /** Longer names are not remembered. */
    private static final int LONGEST_NAME = 256;

    private record Kind(String tenant, String model, int power) {}

    private final Cache<Kind, LastLengths> kinds = Caffeine.newBuilder().maximumSize(MOST_KINDS)
            .executor(Runnable::run).build();
    private final DoubleConsumer ratios;

    /** @param ratios receives, for each answer, tokens reserved over tokens used */
    public AnswerLengths(DoubleConsumer ratios) {
        this.ratios = ratios;
    }

    /**
     * What to expect of a call.
     *
     * @param input   tokens that the model reads
     * @param longest the most tokens of its answer
     */
    public Expected expected(String tenant, String model, long input, long longest) {
        if (longest <= 0 || model.length() > LONGEST_NAME) {
            return new Expected(null, input, Math.max(0, longest));
        }
        Kind kind = new Kind(tenant, model, Long.SIZE - Long.numberOfLeadingZeros(longest - 1));
        LastLengths known = kinds.getIfPresent(kind);
        return new Expected(kind, input, known == null ? longest : Math.min(longest, known.usual()));
    }

    /** What is expected of one call, and corrected once it is answered. */
    public final class Expected {
        private final @Nullable Kind kind;
        private final long input;
        private final long output;

        private Expected(@Nullable Kind kind, long input, long output) {
            this.kind = kind;
            this.input = input;
            this.output = output;
        }

        /** The tokens of its input and its answer. */
        public long tokens() {
            return input + output;
        }

        /** The tokens of its answer. */
        public long output() {
            return output;
        }

        /** It has been answered in full, and used this. */
        public void was(long inputTokens, long outputTokens) {
            long used = inputTokens + outputTokens;
            if (kind == null) {
                return;
            }
            kinds.get(kind, fresh -> new LastLengths()).add(outputTokens);
            if (used > 0) {
                ratios.accept((double) tokens() / used);
            }
        }
    }
}
