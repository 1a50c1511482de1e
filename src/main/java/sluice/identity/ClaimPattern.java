package sluice.identity;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pattern for the value of a claim: {@code *} matches any run of characters but {@code :}, so that a pattern cannot reach
 * beyond the part of a subject it was written for; a final {@code *} matches all the rest.
 *
 * @param text as in the configuration, for example {@code system:serviceaccount:search:*}
 */
public record ClaimPattern(String text) {

    /** Whether it matches a claim's value or, if that is a list, any of its items. */
    boolean matches(@Nullable Object value) {
        return switch (value) {
            case null -> false;
            case List<?> list -> list.stream().anyMatch(this::matches);
            default -> regex().matcher(value.toString()).matches();
        };
    }

    private Pattern regex() {
        return Wildcards.regex(text, ':', true);
    }

    @Override
    public String toString() {
        return text;
    }
}
