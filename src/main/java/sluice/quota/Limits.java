package sluice.quota;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import sluice.openai.ModelGlob;

/**
 * What one tenant may use: its overall limits, calls in flight, and limits of single models.
 *
 * @param overall    limits over all of its calls, at most one of each kind
 * @param concurrent calls in flight at once, unbounded if empty
 * @param byModel    limits shared by the calls of the matching models; every matching entry applies
 * @param budgets    what it may spend, at most one of each period
 * @param perUser    limits of each of its end users, in minutes
 */
public record Limits(List<Limit> overall, OptionalInt concurrent, Map<ModelGlob, List<Limit>> byModel,
        List<Budget> budgets, List<Limit> perUser) {

    /** No limit at all. */
    public static final Limits NONE = new Limits(List.of(), OptionalInt.empty(), Map.of());

    /** Limits without a budget, and without those of users. */
    public Limits(List<Limit> overall, OptionalInt concurrent, Map<ModelGlob, List<Limit>> byModel) {
        this(overall, concurrent, byModel, List.of(), List.of());
    }

    public Limits {
        budgets = List.copyOf(budgets);
        perUser = List.copyOf(perUser);
        overall = List.copyOf(overall);
        byModel = Collections.unmodifiableMap(new LinkedHashMap<>(byModel));
    }

    /** Whether any limit is per day, so that usage must be remembered across restarts. */
    public boolean hasDaily() {
        return Stream.concat(Stream.of(overall), byModel.values().stream()).flatMap(List::stream)
                .anyMatch(limit -> limit.kind().daily());
    }
}
