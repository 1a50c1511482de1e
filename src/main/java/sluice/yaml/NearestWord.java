package sluice.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses which known word was meant by an unknown one. */
public final class NearestWord {
    private NearestWord() {}

    /** The nearest known word, if it is near enough to suggest. */
    public static Optional<String> of(String word, Collection<String> known) {
        String meant = kebab(word);
        return known.stream().filter(candidate -> isNear(meant, kebab(candidate)))
                .min(Comparator.comparingInt(candidate -> distance(meant, kebab(candidate))));
    }

    private static boolean isNear(String word, String candidate) {
        int longer = Math.max(word.length(), candidate.length());
        return distance(word, candidate) <= Math.max(1, (longer + 1) / 3) || startsWithPart(word, candidate)
                || startsWithPart(candidate, word);
    }

    private static boolean startsWithPart(String word, String part) {
        return part.length() >= 3 && word.startsWith(part);
    }

    /** {@code maxBody} and {@code max_body} mean {@code max-body}. */
    private static String kebab(String word) {
        return word.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").replace('_', '-').toLowerCase(Locale.ROOT);
    }

    /** The fewest insertions, deletions, replacements and swaps of neighbors that turn one word into the other. */
    private static int distance(String from, String to) {
        int[][] steps = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                steps[i][j] = i == 0 || j == 0 ? i + j : fewest(steps, from, to, i, j);
            }
        }
        return steps[from.length()][to.length()];
    }

    private static int fewest(int[][] steps, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int fewest = Math.min(steps[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(steps[i - 1][j], steps[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(fewest, steps[i - 2][j - 2] + 1) : fewest;
    }
}
