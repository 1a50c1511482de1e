package sluice.net;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A set of header names and prefixes of names, matched without regard to case and without creating strings: it is
 * checked for every header.
 */
public final class HeaderNames {
    private final List<List<String>> byLength;
    private final List<String> families;
    /** The letters that any of them begins with, which most headers do not: a bit for each of ASCII's, without case. */
    private final int letters;

    private HeaderNames(List<List<String>> byLength, List<String> families) {
        this.byLength = byLength;
        this.families = families;
        this.letters = Stream.concat(byLength.stream().flatMap(List::stream), families.stream())
                .mapToInt(HeaderNames::letter).reduce(0, (some, other) -> some | other);
    }

    private static int letter(String name) {
        return 1 << (name.charAt(0) & 31);
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
        if (name.isEmpty() || (letters & letter(name)) == 0) {
            return false;
        }
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
