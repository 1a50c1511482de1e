package sluice.openai;

import java.util.Collection;

/**
 * A pattern for model names: {@code *} matches any run of characters, everything else matches itself, case-sensitively.
 * A fine-tuned model, such as {@code ft:gpt-4o-mini:acme::abc}, is matched by its whole name.
 *
 * @param pattern as in the configuration, for example {@code gpt-4o*}
 */
public record ModelGlob(String pattern) {
    /** Matches every model. */
    public static final ModelGlob ANY = new ModelGlob("*");

    /** Whether any of the patterns matches. */
    public static boolean anyMatches(Collection<ModelGlob> globs, String model) {
        for (ModelGlob glob : globs) {
            if (glob.matches(model)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the whole name matches; at worst proportional to the product of both lengths, with no backtracking traps.
     */
    public boolean matches(String model) {
        int p = 0;
        int m = 0;
        int star = -1;
        int resume = 0;
        while (m < model.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = m;
            } else if (p < pattern.length() && pattern.charAt(p) == model.charAt(m)) {
                p++;
                m++;
            } else if (star >= 0) {
                p = star + 1;
                m = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Whether this is {@link #ANY}. */
    public boolean isAny() {
        return pattern.equals(ANY.pattern);
    }

    /** Whether this names one model exactly. */
    public boolean isLiteral() {
        return pattern.indexOf('*') < 0;
    }

    @Override
    public String toString() {
        return pattern;
    }
}
