package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits a path, and refuses one that two readers could split differently. */
final class PathSegments {

    private PathSegments() {}

    /**
     * Adds the segments of a path, as sent and decoded.
     *
     * @return what is wrong with the path, or null
     */
    static @Nullable String split(String path, List<String> raw, List<String> decoded) {
        if (!path.startsWith("/")) {
            return "it does not begin with a slash";
        }
        for (String segment : path.substring(1).split("/", -1)) {
            StringBuilder text = new StringBuilder(segment.length());
            String fault = decode(segment, text);
            if (fault == null) {
                fault = judge(text.toString());
            }
            if (fault != null) {
                return fault;
            }
            raw.add(segment);
            decoded.add(text.toString());
        }
        return null;
    }

    /** The text of a segment that was decoded byte by byte. */
    static String text(String segment) {
        return new String(segment.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static @Nullable String decode(String raw, StringBuilder segment) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int octet = octet(raw, i);
                if (octet < 0) {
                    return "a percent sign is not followed by two hexadecimal digits";
                }
                c = (char) octet;
                i += 2;
            }
            if (c < 0x20 || c == 0x7f || c == '\\') {
                return "it holds a control character or a backslash";
            }
            segment.append(c);
        }
        return null;
    }

    /**
     * Checks a decoded segment: decoding it again, or treating an encoded slash as a separator, must change nothing.
     */
    private static @Nullable String judge(String segment) {
        for (String part : segment.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return "it has an empty segment or a dot segment; remove the slash at its end, '//', '/./' and '/../'";
            }
        }
        for (int i = segment.indexOf('%'); i >= 0; i = segment.indexOf('%', i + 1)) {
            if (octet(segment, i) >= 0) {
                return "it is percent-encoded twice";
            }
        }
        return null;
    }

    /** The byte that the three characters from here on encode, or -1. */
    private static int octet(String text, int at) {
        if (at + 2 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at + 1), 16);
        int low = Character.digit(text.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
