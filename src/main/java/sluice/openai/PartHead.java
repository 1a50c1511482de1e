package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of one part of a form: the field it fills, and whether it is a file. Anything that two readers could parse
 * differently is refused.
 *
 * @param name the field's name
 * @param file whether the part is declared as a file
 */
record PartHead(String name, boolean file) {
    private static final String DISPOSITION = "content-disposition:";
    private static final String ENCODING = "content-transfer-encoding:";
    private static final Pattern FORM_DATA = Pattern.compile("\\s*form-data\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern PARAMETER = Pattern
            .compile("\\s*;\\s*([A-Za-z0-9_*-]+)\\s*=\\s*(?:\"([^\"\\\\]*)\"|([^\\s\";,=\\\\]+))\\s*");

    /** Reads the lines between a boundary and the part's content. */
    static PartHead read(byte[] lines) throws MalformedBody {
        String disposition = null;
        for (String line : new String(lines, StandardCharsets.UTF_8).split("\r\n", -1)) {
            String lower = line.toLowerCase(Locale.ROOT);
            boolean stray = line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || line.indexOf('\0') >= 0;
            if (stray || line.isEmpty() || Character.isWhitespace(line.charAt(0))) {
                throw MalformedBody.notForm("the head of a part cannot be read in one way only");
            }
            if (lower.startsWith(DISPOSITION)) {
                if (disposition != null) {
                    throw MalformedBody.notForm("a part says twice what it is");
                }
                disposition = line.substring(DISPOSITION.length());
            } else if (lower.startsWith(ENCODING)) {
                plain(lower.substring(ENCODING.length()).strip());
            }
        }
        return of(disposition);
    }

    private static void plain(String encoding) throws MalformedBody {
        switch (encoding) {
            case "7bit", "8bit", "binary" -> {
                // The content is not encoded.
            }
            default -> throw MalformedBody.notForm("a part has a transfer encoding");
        }
    }

    private static PartHead of(@Nullable String disposition) throws MalformedBody {
        Matcher kind = disposition == null ? null : FORM_DATA.matcher(disposition);
        if (kind == null || !kind.lookingAt()) {
            throw MalformedBody.notForm("a part does not say which field it fills");
        }
        String rest = String.valueOf(disposition).substring(kind.end());
        Matcher parameter = PARAMETER.matcher(rest);
        String name = null;
        boolean file = false;
        int end = 0;
        while (end < rest.length() && parameter.region(end, rest.length()).lookingAt()) {
            end = parameter.end();
            String key = parameter.group(1).toLowerCase(Locale.ROOT);
            if (key.startsWith("name")) {
                if (name != null || !key.equals("name")) {
                    throw MalformedBody.notForm("a part names its field twice");
                }
                name = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
            }
            file |= key.startsWith("filename");
        }
        if (name == null || end != rest.length()) {
            throw MalformedBody.notForm("a part does not say which field it fills in a form that is read one way only");
        }
        return new PartHead(name, file);
    }
}
