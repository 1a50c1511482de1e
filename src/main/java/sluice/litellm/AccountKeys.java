package sluice.litellm;

import java.util.HashMap;
import java.util.Map;

/** The keys of accounts, each of which has its own: one that LiteLLM uses at two servers or organizations is two here. */
final class AccountKeys {
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, String> replaced = new HashMap<>();
    private final Variables variables;
    private final Notes notes;

    AccountKeys(Variables variables, Notes notes) {
        this.variables = variables;
        this.notes = notes;
    }

    /**
     * The key of an account.
     *
     * @param group whose deployment has it
     * @param key   a reference to the variable that LiteLLM uses
     * @param where the server and the organization
     */
    String of(String group, String key, String where) {
        if (owners.computeIfAbsent(key, fresh -> where).equals(where)) {
            return key;
        }
        String own = replaced.computeIfAbsent(key + "\n" + where,
                fresh -> Variables.reference(variables.unused(name(key))));
        notes.add(Notes.Kind.TO_DO,
                "LiteLLM uses one key at several servers or organizations, but each account needs its"
                        + " own: make another key for these (any text for a server that needs none) and put it into the variable",
                group, name(own) + " instead of " + name(key));
        return own;
    }

    private static String name(String reference) {
        return reference.replaceAll("^\\$\\{|}$", "");
    }
}
