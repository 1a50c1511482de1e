package sluice.net;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of header names and prefixes of names, matched without regard to case and without creating strings: it is
 * checked for every header.
 */
public final class HeaderNames {
    private final List<List<String>> byLength;
    private final List<String> families;

    private HeaderNames(List<List<String>> byLength, List<String> families) {
        this.byLength = byLength;
        this.families = families;
    }

    public static HeaderNames of(String... names) {
        List<List<String>> byLength = new ArrayList<>();
        for (String name : names) {
            while (byLength.size() <= name.length()) {
                byLength.add(new ArrayList<>());
            }
            byLength.get(name.length()).add(name);
        }
        return new HeaderNames(byLength, List.of());
    }

    /** These, plus every name that starts with one of these prefixes. */
    public HeaderNames andAll(String... beginnings) {
        return new HeaderNames(byLength, List.of(beginnings));
    }

    public boolean contains(String name) {
        if (name.length() < byLength.size()) {
            List<String> candidates = byLength.get(name.length());
            for (int i = 0; i < candidates.size(); i++) {
                if (candidates.get(i).equalsIgnoreCase(name)) {
                    return true;
                }
            }
        }
        for (int i = 0; i < families.size(); i++) {
            String family = families.get(i);
            if (name.regionMatches(true, 0, family, 0, family.length())) {
                return true;
            }
        }
        return false;
    }
}
