package sluice.cache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls by which a flight is found, and those to whom its answer is promised. Guarded by the lock of its
 * {@link Flight}.
 */
final class Names {
    private @Nullable PromptKey prompt;
    private List<Repeat> repeats = List.of();
    private List<Claim> claims = List.of();

    /** The prompt whose calls may join it; null if none may. */
    @Nullable
    PromptKey prompt() {
        return prompt;
    }

    /** From now on calls with this prompt may join it. */
    void answers(PromptKey key) {
        prompt = key;
    }

    /** The calls whose repeats may join it. */
    List<Repeat> repeats() {
        return repeats;
    }

    /** The promises still to be kept. */
    List<Claim> claims() {
        return claims;
    }

    /** From now on the repeats of these calls may join it, too. */
    void add(List<Repeat> more) {
        repeats = joined(repeats, more);
    }

    /** Promises its answer. */
    void promise(List<Claim> more) {
        claims = joined(claims, more);
    }

    /** Hands over the promises: whoever calls this keeps or drops them. */
    List<Claim> releaseClaims() {
        List<Claim> open = claims;
        claims = List.of();
        return open;
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        List<T> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }
}
