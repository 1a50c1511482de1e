package sluice.tenancy;

import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a call, such as {@code team=search,job=42}, for usage reports.
 *
 * @param text in the order of the keys, without spaces; empty if there are none
 */
public record Tags(String text) {
    /** No tags. */
    public static final Tags NONE = new Tags("");

    /** What a key looks like. */
    public static final Pattern KEY = Pattern.compile("[a-z][a-z0-9_.-]{0,31}");

    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_.:/@+-]{1,64}");
    private static final int MOST = 8;

    /** A malformed header. */
    public static final class Unclear extends Exception {
        private static final long serialVersionUID = 1L;
        /** What it should have been. */
        public static final String EXPECTED = "up to " + MOST + " tags such as team=search,job=42: keys of lower-case "
                + "letters, digits and _.-, each once, of at most 32 characters; values of letters, digits and _.:/@+- of "
                + "at most 64";

        Unclear() {
            super(EXPECTED, null, false, false);
        }
    }

    /** Whether a text is one tag, {@code key=value}. */
    public static boolean isTag(String text) {
        int equals = text.indexOf('=');
        return equals > 0 && KEY.matcher(text.substring(0, equals)).matches()
                && VALUE.matcher(text.substring(equals + 1)).matches();
    }

    /** Reads the header; null for none. */
    public static Tags parse(@Nullable String header) throws Unclear {
        if (header == null) {
            return NONE;
        }
        TreeMap<String, String> tags = new TreeMap<>();
        for (String each : header.split(",", MOST + 1)) {
            int equals = each.indexOf('=');
            String key = equals < 0 ? "" : each.substring(0, equals).strip();
            String value = each.substring(equals + 1).strip();
            if (!KEY.matcher(key).matches() || !VALUE.matcher(value).matches() || tags.put(key, value) != null) {
                throw new Unclear();
            }
        }
        if (tags.size() > MOST) {
            throw new Unclear();
        }
        return new Tags(tags.entrySet().stream().map(tag -> tag.getKey() + '=' + tag.getValue())
                .collect(Collectors.joining(",")));
    }

    /** The first of these keys that it lacks; null if it has all. */
    public @Nullable String lacks(List<String> keys) {
        for (String key : keys) {
            if (!text.startsWith(key + '=') && !text.contains("," + key + '=')) {
                return key;
            }
        }
        return null;
    }
}
