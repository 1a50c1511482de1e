package sluice.proxy;

import java.util.ArrayList;
import java.util.List;

/** A set of header names, told apart without regard to case and without making strings: each is asked for every header. */
final class HeaderNames {
    private final List<List<String>> byLength = new ArrayList<>();

    private HeaderNames() {}

    static HeaderNames of(String... names) {
        HeaderNames set = new HeaderNames();
        for (String name : names) {
            while (set.byLength.size() <= name.length()) {
                set.byLength.add(new ArrayList<>());
            }
            set.byLength.get(name.length()).add(name);
        }
        return set;
    }

    boolean contains(String name) {
        if (name.length() >= byLength.size()) {
            return false;
        }
        List<String> candidates = byLength.get(name.length());
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a name begins like this, whatever its case. */
    static boolean begins(String name, String with) {
        return name.regionMatches(true, 0, with, 0, with.length());
    }
}
