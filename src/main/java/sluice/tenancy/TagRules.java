package sluice.tenancy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.quota.Budget;

/**
 * The rules for tags of a tenant's calls.
 *
 * @param required the keys that a call must carry
 * @param budgets  what calls with a tag may spend, by {@code key=value}, or by {@code key=*} for all other values of
 *                 the key together; keys are among the required ones, so that no call avoids a budget by leaving out
 *                 its tag
 */
public record TagRules(List<String> required, Map<String, List<Budget>> budgets) {
    /** None. */
    public static final TagRules NONE = new TagRules(List.of(), Map.of());

    public TagRules {
        required = List.copyOf(required);
        budgets = Collections.unmodifiableMap(new LinkedHashMap<>(budgets));
    }
}
