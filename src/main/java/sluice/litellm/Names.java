package sluice.litellm;

import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Names of tenants: lower case, and nothing but letters without accents, digits, dots, dashes and underscores. */
final class Names {
    private static final int LONGEST = 60;

    /** Letters that are no others with an accent. */
    private static final Map<String, String> LETTERS = Map.of("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ",
            "d", "ð", "d", "þ", "th", "ı", "i");

    private final Set<String> taken = new LinkedHashSet<>(Set.of("other"));
    private final Notes notes;

    Names(Notes notes) {
        this.notes = notes;
    }

    /** A name of its own for somebody; one that is not the alias in lower case is noted. */
    String of(String whose, String alias) {
        String wanted = plain(alias);
        String name = Accounts.unused(wanted, taken);
        if (!name.equals(wanted)) {
            notes.add(Notes.Kind.TO_DO, "names that were taken have a number", whose, name);
        } else if (!name.equals(alias.toLowerCase(Locale.ROOT))) {
            notes.add(Notes.Kind.DROPPED, "names are of a-z, 0-9, dots, dashes and underscores, and of at most "
                    + LONGEST + " characters", whose, name);
        }
        return name;
    }

    private static String plain(String alias) {
        String lower = alias.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, String> letter : LETTERS.entrySet()) {
            lower = lower.replace(letter.getKey(), letter.getValue());
        }
        String plain = Normalizer.normalize(lower, Normalizer.Form.NFD).replaceAll("\\p{M}", "")
                .replaceAll("-?[^a-z0-9._-]+-?", "-").replaceAll("^[._-]+|-+$", "");
        return plain.isEmpty() ? "team" : plain.substring(0, Math.min(plain.length(), LONGEST));
    }
}
