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
import sluice.yaml.Parser;
import sluice.yaml.Quantities;
import sluice.yaml.Section;
import sluice.yaml.Values;

/** Reads the limits of a plan or a tenant. Limits not given are inherited. */
final class LimitsReader {
    /** By then, whatever an idle user had used must have refilled. */
    private static final Set<Limit.Kind> PER_USER = EnumSet.of(Limit.Kind.RPM, Limit.Kind.TPM);
    private static final Set<Limit.Kind> ALL = EnumSet.allOf(Limit.Kind.class);

    /** A model, or several by a pattern. */
    static final Parser<ModelGlob> MODEL = models();

    private LimitsReader() {}

    private static Parser<ModelGlob> models() {
        Parser<String> visible = Values.visible("the name of a model, or a pattern such as gpt-4o*");
        return Parser.of(visible::form, text -> new ModelGlob(visible.parse(text)));
    }

    /** @param inherited for a tenant, its plan's limits; {@code model-limits} are inherited as a whole or not at all */
    static Limits read(Section section, Limits inherited) {
        return new Limits(limits(section, inherited.overall(), ALL),
                concurrent(section, inherited.concurrent()),
                byModel(section, "model-limits", inherited.byModel()),
                BudgetsReader.of(section, inherited.budgets()),
                limits(section.section("per-user"), inherited.perUser(), PER_USER));
    }

    private static List<Limit> limits(Section section, List<Limit> inherited, Set<Limit.Kind> kinds) {
        List<Limit> limits = new ArrayList<>();
        for (Limit.Kind kind : kinds) {
            section.inherited(kind.key(), Quantities.count(1), of(kind, inherited))
                    .ifPresent(amount -> limits.add(new Limit(kind, amount)));
        }
        return limits;
    }

    private static Optional<Long> of(Limit.Kind kind, List<Limit> limits) {
        return limits.stream().filter(limit -> limit.kind() == kind).findFirst().map(Limit::amount);
    }

    private static OptionalInt concurrent(Section section, OptionalInt inherited) {
        Optional<Integer> most = section.inherited("concurrent", Quantities.count(1, 1_000_000),
                inherited.isPresent() ? Optional.of(inherited.getAsInt()) : Optional.empty());
        return most.map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    /** Limits per model, by name pattern; inherited as a whole or not at all. */
    static Map<ModelGlob, List<Limit>> byModel(Section section, String key, Map<ModelGlob, List<Limit>> inherited) {
        Map<ModelGlob, List<Limit>> byModel = section.optionalSection(key).map(LimitsReader::byModel)
                .orElse(inherited);
        Map<String, Object> shown = new LinkedHashMap<>();
        byModel.forEach((model, limits) -> {
            Map<String, Object> amounts = new LinkedHashMap<>();
            limits.forEach(limit -> amounts.put(limit.kind().key(), limit.amount()));
            shown.put(model.pattern(), amounts);
        });
        section.show(key, shown);
        return byModel;
    }

    private static Map<ModelGlob, List<Limit>> byModel(Section patterns) {
        return patterns.named("this pattern", MODEL, section -> {
            List<Limit> limits = limits(section, List.of(), ALL);
            section.refuseIfEmpty("no limit", "rpm, rpd, tpm, tpd");
            return limits;
        });
    }
}
