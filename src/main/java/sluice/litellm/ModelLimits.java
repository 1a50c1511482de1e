package sluice.litellm;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Limits of single models. LiteLLM's are of its own names: one that leads to several of our models is divided among them,
 * and those of several names for one model are added up. Names and models that may not be called count for nothing.
 */
final class ModelLimits {
    private static final BigDecimal MOST = new BigDecimal(1_000_000_000);
    private static final List<Words> WORDS = List.of(new Words("model_rpm_limit", "rpm"),
            new Words("model_tpm_limit", "tpm"), new Words("rpm_limit_per_model", "rpm"),
            new Words("tpm_limit_per_model", "tpm"));

    private final Map<String, Map<String, BigDecimal>> limits = new LinkedHashMap<>();
    private final String whose;
    private final Grant grant;
    private final ModelNames models;
    private final Notes notes;

    private ModelLimits(String whose, Grant grant, ModelNames models, Notes notes) {
        this.whose = whose;
        this.grant = grant;
        this.models = models;
        this.notes = notes;
    }

    /**
     * The limits by our names of the models and of the limits.
     *
     * @param whose for notes
     */
    static Map<String, Map<String, BigDecimal>> of(String whose, Fields given, Grant grant, ModelNames models,
            Notes notes) {
        ModelLimits limits = new ModelLimits(whose, grant, models, notes);
        Fields metadata = metadata(given);
        for (Words words : WORDS) {
            Fields byName = metadata.in(words.theirs());
            if (byName.names().isEmpty()) {
                var _ = Amounts.known(words.theirs(), whose, metadata, notes);
            }
            limits.add(words, byName);
        }
        return limits.limits;
    }

    /** Their names of what limits models. */
    static List<String> said(Fields given) {
        return WORDS.stream().map(Words::theirs).filter(metadata(given)::says).toList();
    }

    /** Their names of models with a limit of 0, which LiteLLM refuses to call. */
    static Set<String> closed(Fields given) {
        Set<String> closed = new LinkedHashSet<>();
        for (Words words : WORDS) {
            Fields byName = metadata(given).in(words.theirs());
            byName.names().stream().filter(name -> byName.number(name).map(BigDecimal::signum).orElse(1) <= 0)
                    .forEach(closed::add);
        }
        return closed;
    }

    private static Fields metadata(Fields given) {
        return given.in("metadata").or(given);
    }

    /** Adds those of one kind, by their names of the models. */
    private void add(Words words, Fields given) {
        Map<String, Map<String, BigDecimal>> byModel = new LinkedHashMap<>();
        for (String theirs : given.names()) {
            String shown = words.theirs() + " of " + theirs;
            Optional<BigDecimal> limit = Amounts.known(theirs, shown, whose, given, notes)
                    .filter(number -> number.signum() > 0);
            if (limit.isPresent()) {
                BigDecimal whole = Amounts.capped(Amounts.rounded(limit.get(), 0, shown, whose, notes), MOST, shown,
                        whose,
                        notes);
                List<String> ours = ours(theirs, shown);
                List<BigDecimal> shares = shares(shown, whole, ours);
                for (int i = 0; i < ours.size(); i++) {
                    byModel.computeIfAbsent(ours.get(i), fresh -> new LinkedHashMap<>()).put(theirs, shares.get(i));
                }
            }
        }
        byModel.forEach((model, names) -> set(words, model, names));
    }

    /** Our names for a model of theirs, as far as they may be called. */
    private List<String> ours(String theirs, String shown) {
        String name = grant.resolved(theirs);
        Reach anywhere = models.reach(name);
        if (anywhere.isEmpty()) {
            notes.add(Notes.Kind.DROPPED, "limits of models that no account serves", whose, shown);
            return List.of();
        }
        Reach reach = anywhere.both(grant.reach());
        if (reach.isEmpty() || !grant.lists().stream().allMatch(list -> models.allows(list, name))) {
            notes.add(Notes.Kind.DROPPED, "limits of names that may not be called", whose, shown);
            return List.of();
        }
        return List.copyOf(reach.fewest());
    }

    /** The limit's part for each of these models; patterns have all of it, since nobody knows which of them is called. */
    private List<BigDecimal> shares(String shown, BigDecimal limit, List<String> ours) {
        if (ours.size() <= 1) {
            return ours.stream().map(each -> limit).toList();
        }
        boolean divided = ours.stream().noneMatch(each -> each.contains("*"));
        notes.add(Notes.Kind.TO_DO, divided
                ? "a limit of one name is divided among the models that it stands for; adjust the shares to actual traffic"
                : "a limit of one name holds for each of the patterns that it stands for; lower them if the sum is too"
                        + " much",
                whose, shown);
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
