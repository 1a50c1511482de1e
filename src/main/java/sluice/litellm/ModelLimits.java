package sluice.litellm;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Limits of single models. LiteLLM's are of its own names: one that leads to several of our models is divided among them,
 * and those of several names for one model are added up.
 */
final class ModelLimits {
    private static final BigDecimal MOST = new BigDecimal(1_000_000_000);

    private final Map<String, Map<String, BigDecimal>> limits = new LinkedHashMap<>();
    private final String whose;
    private final ModelNames models;
    private final Notes notes;

    /** @param whose for notes */
    ModelLimits(String whose, ModelNames models, Notes notes) {
        this.whose = whose;
        this.models = models;
        this.notes = notes;
    }

    /** By our names of the models and of the limits. */
    Map<String, Map<String, BigDecimal>> byModel() {
        return limits;
    }

    /** Adds those of one kind, by their names of the models. */
    void add(Words words, Fields given) {
        Map<String, Map<String, BigDecimal>> byModel = new LinkedHashMap<>();
        for (String theirs : given.names()) {
            BigDecimal limit = given.number(theirs).orElse(BigDecimal.ZERO);
            List<String> ours = List.copyOf(models.reach(theirs).fewest());
            if (ours.isEmpty()) {
                notes.add(Notes.Kind.DROPPED, "limits of models that no account serves", whose,
                        words.theirs() + " of " + theirs);
            } else if (limit.signum() <= 0) {
                notes.add(Notes.Kind.TO_DO, "a limit of 0 cannot be set: take the model out of `models`", whose,
                        words.theirs() + " of " + theirs);
            } else {
                List<BigDecimal> shares = shares(words, theirs, limit, ours);
                for (int i = 0; i < ours.size(); i++) {
                    byModel.computeIfAbsent(ours.get(i), fresh -> new LinkedHashMap<>()).put(theirs, shares.get(i));
                }
            }
        }
        byModel.forEach((model, names) -> set(words, model, names));
    }

    /** The limit's part for each of these models; patterns have all of it, since nobody knows which of them is called. */
    private List<BigDecimal> shares(Words words, String theirs, BigDecimal limit, List<String> ours) {
        if (ours.size() == 1) {
            return List.of(limit);
        }
        boolean divided = ours.stream().noneMatch(each -> each.contains("*"));
        notes.add(Notes.Kind.TO_DO, divided
                ? "a limit of one name is divided among the models that it stands for; weigh them by what is called"
                : "a limit of one name holds for each of the patterns that it stands for; lower them if the sum is too"
                        + " much",
                whose, words.theirs() + " of " + theirs);
        if (!divided) {
            return ours.stream().map(each -> limit).toList();
        }
        BigDecimal[] parts = limit.divideAndRemainder(BigDecimal.valueOf(ours.size()));
        List<BigDecimal> shares = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            boolean more = BigDecimal.valueOf(i).compareTo(parts[1]) < 0;
            shares.add((more ? parts[0].add(BigDecimal.ONE) : parts[0]).max(BigDecimal.ONE));
        }
        return shares;
    }

    private void set(Words words, String model, Map<String, BigDecimal> names) {
        if (names.size() > 1) {
            notes.add(Notes.Kind.TO_DO, "limits of several names for one model are added up, so any of these calls may"
                    + " use all of it", whose,
                    words.theirs() + " of " + String.join(" and ", names.keySet()) + ": " + model);
        }
        BigDecimal sum = names.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add).min(MOST);
        limits.computeIfAbsent(model, fresh -> new LinkedHashMap<>()).merge(words.ours(), sum, BigDecimal::min);
    }
}
