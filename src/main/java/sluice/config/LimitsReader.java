package sluice.config;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import sluice.openai.ModelGlob;
import sluice.quota.Limit;
import sluice.quota.Limits;

/** Reads the limits of a plan or a tenant. Limits not given are inherited. */
final class LimitsReader {
    /** What is forgotten of a user who does nothing must have come back by then. */
    private static final Set<Limit.Kind> PER_USER = EnumSet.of(Limit.Kind.RPM, Limit.Kind.TPM);

    private LimitsReader() {}

    /** @param inherited for a tenant, its plan's limits; {@code model-limits} are inherited as a whole or not at all */
    static Limits read(Section section, Limits inherited) {
        return new Limits(limits(section, inherited.overall(), EnumSet.allOf(Limit.Kind.class)),
                section.value("concurrent", Values.count(1, 1_000_000)).map(OptionalInt::of)
                        .orElse(inherited.concurrent()),
                section.entry("model-limits").filter(entry -> !entry.isNothing()).map(LimitsReader::byModel)
                        .orElse(inherited.byModel()),
                BudgetsReader.of(section, inherited.budgets()),
                limits(section.section("per-user"), inherited.perUser(), PER_USER));
    }

    private static List<Limit> limits(Section section, List<Limit> inherited, Set<Limit.Kind> kinds) {
        List<Limit> limits = new ArrayList<>();
        for (Limit.Kind kind : kinds) {
            section.value(kind.key(), Values.count(1)).map(amount -> new Limit(kind, amount))
                    .or(() -> of(kind, inherited)).ifPresent(limits::add);
        }
        return limits;
    }

    private static Optional<Limit> of(Limit.Kind kind, List<Limit> limits) {
        return limits.stream().filter(limit -> limit.kind() == kind).findFirst();
    }

    /** Limits per model, by name pattern. */
    static Map<ModelGlob, List<Limit>> byModel(Entry entry) {
        Map<ModelGlob, List<Limit>> byModel = new LinkedHashMap<>();
        for (Map.Entry<String, Entry> named : entry.section().named()) {
            Section section = named.getValue().section();
            List<Limit> limits = limits(section, List.of(), EnumSet.allOf(Limit.Kind.class));
            if (!Values.isVisible(named.getKey())) {
                section.refuse("this pattern", "the name of a model, or a pattern such as gpt-4o*");
            } else if (section.isEmpty()) {
                section.refuse("no limit", "any of rpm, rpd, tpm, tpd");
            }
            byModel.put(new ModelGlob(named.getKey()), limits);
        }
        return byModel;
    }
}
