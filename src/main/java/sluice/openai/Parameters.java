package sluice.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A header value with parameters (RFC 9110, section 5.6.6), such as {@code form-data; name="a"}.
 *
 * @param value the part before the parameters
 * @param all   the parameters, in lower case, with their values, quotes and escapes removed
 */
record Parameters(String value, List<Map.Entry<String, String>> all) {
    private static final Pattern PARAMETER = Pattern.compile(
            "\\s*;\\s*(?:([A-Za-z0-9!#$%&'*+.^_`|~-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^;\"]*+))\\s*)?");

    /** Reads a header's value; null if it cannot be read in full. */
    static @Nullable Parameters read(String text) {
        int semicolon = text.indexOf(';');
        int end = semicolon < 0 ? text.length() : semicolon;
        List<Map.Entry<String, String>> all = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(text);
        int at = end;
        while (at < text.length() && matcher.region(at, text.length()).lookingAt()) {
            at = matcher.end();
            if (matcher.group(1) != null) {
                String value = matcher.group(2) == null
                        ? matcher.group(3).strip()
                        : matcher.group(2).replaceAll("\\\\(.)", "$1");
                all.add(Map.entry(matcher.group(1).toLowerCase(Locale.ROOT), value));
            }
        }
        return at == text.length() ? new Parameters(text.substring(0, end).strip(), all) : null;
    }

    /** The value of a parameter; null unless there is exactly one of that name. */
    @Nullable
    String get(String name) {
        List<String> values = all.stream().filter(one -> one.getKey().equals(name)).map(Map.Entry::getValue).toList();
        return values.size() == 1 ? values.getFirst() : null;
    }
}
