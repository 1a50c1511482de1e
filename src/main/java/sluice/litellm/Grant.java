package sluice.litellm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a team or a key may call.
 *
 * @param lists   lists of their names, all of which must allow a name
 * @param aliases further names of its own, with theirs
 * @param reach   where all of that leads
 */
record Grant(List<Set<String>> lists, Map<String, String> aliases, Reach reach) {

    boolean isEmpty() {
        return reach.isEmpty();
    }

    /** What both allow. */
    Grant both(Grant other) {
        List<Set<String>> all = new ArrayList<>(lists);
        all.addAll(other.lists);
        Map<String, String> names = new LinkedHashMap<>(other.aliases);
        names.putAll(aliases);
        return new Grant(all, names, reach.both(other.reach));
    }

    /** The name behind an alias, or the name itself. */
    String resolved(String name) {
        return aliases.getOrDefault(name, name);
    }
}
