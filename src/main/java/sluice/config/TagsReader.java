package sluice.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.quota.Budget;
import sluice.quota.Spendings;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tags;
import sluice.yaml.Parser;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads the {@code tags} of a plan or a tenant. */
final class TagsReader {
    private static final Parser<String> TAG_KEY = Values.matching(Tags.KEY,
            "the key of a tag: lower-case letters, digits, _.-, at most 32 characters");

    private TagsReader() {}

    /** @param inherited for a tenant, its plan's rules; either of the two is replaced as a whole or not at all */
    static TagRules read(Section section, TagRules inherited) {
        Section tags = section.section("tags");
        List<String> required = tags.values("required", TAG_KEY, inherited.required());
        Map<String, List<Budget>> budgets = tags.optionalSection("budgets").map(TagsReader::budgets)
                .orElse(inherited.budgets());
        show(tags, required, budgets);
        for (String tag : budgets.keySet()) {
            String key = keyOf(tag);
            if (!key.isEmpty() && !required.contains(key)) {
                tags.refuse("required", required.toString(),
                        "to name " + key + ": it has a budget, which calls without the tag would avoid");
            }
        }
        return new TagRules(required, budgets);
    }

    private static void show(Section tags, List<String> required, Map<String, List<Budget>> budgets) {
        if (required.isEmpty() && budgets.isEmpty()) {
            tags.hide();
            return;
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        budgets.forEach((tag, each) -> shown.put(tag, BudgetsReader.shown(each)));
        tags.show("budgets", shown);
    }

    private static Map<String, List<Budget>> budgets(Section tags) {
        return tags.named("this tag", TagsReader::tag, section -> {
            List<Budget> budgets = BudgetsReader.of(section, List.of());
            section.refuseIfEmpty("no budget", "usd-per-day, usd-per-month");
            return budgets;
        });
    }

    private static String tag(String text) throws Unacceptable {
        String key = keyOf(text);
        if (Tags.isTag(text) || (Tags.KEY.matcher(key).matches() && text.equals(Spendings.rest(key)))) {
            return text;
        }
        throw new Unacceptable("a tag such as team=search, or team=* for all other values together");
    }

    /** Empty if there is none. */
    private static String keyOf(String tag) {
        return tag.substring(0, Math.max(0, tag.indexOf('=')));
    }
}
