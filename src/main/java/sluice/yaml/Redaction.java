package sluice.yaml;

import java.util.regex.Pattern;

/** What messages may show of the values in a file: never anything that looks like a secret, even in the wrong place. */
public final class Redaction {
    /** Shown in place of a secret. */
    public static final String MARK = "[redacted]";

    private static final int LONGEST = 120;
    private static final Pattern SECRET = Pattern.compile("(?i)(?<![a-z0-9])sk-|[^\\s']@[^\\s']");

    private Redaction() {}

    /** A value for a message. OpenAI's keys and the gateway's contain {@code sk-}; a password in a URL ends at an @. */
    public static String shown(String value) {
        if (value.isBlank()) {
            return "\"" + value + "\"";
        }
        if (SECRET.matcher(value).find()) {
            return MARK;
        }
        String line = value.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
