package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of one part of a form: the field it fills. Readers of forms differ in what they make of escapes, of
 * repeated parameters and of encodings; what any of them could take for the model is refused, and nothing else.
 *
 * @param name the field's name
 */
record PartHead(String name) {
    private static final String MODEL = "model";
    private static final String DISPOSITION = "content-disposition:";
    private static final String ENCODING = "content-transfer-encoding:";
    private static final String TYPE = "content-type:";
    /** A parameter {@code name}, in any of its forms, anywhere, even in what others parse as a quoted string. */
    private static final Pattern NAME = Pattern.compile("(?<![a-z0-9_-])name[*0-9]*\\s*=");
    private static final Set<String> PLAIN = Set.of("7bit", "8bit", "binary");
    /** The charsets in which ASCII stands for itself. */
    private static final Set<String> LIKE_ASCII = Set.of("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1");

    /** Whether this is the field that names the model. */
    boolean isModel() {
        return name.equals(MODEL);
    }

    /** Reads the lines between a boundary and the part's content. */
    static PartHead read(byte[] lines) throws MalformedBody {
        String disposition = null;
        boolean encoded = false;
        for (String line : new String(lines, StandardCharsets.UTF_8).split("\r\n", -1)) {
            String lower = line.toLowerCase(Locale.ROOT);
            boolean stray = line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || line.indexOf('\0') >= 0;
            if (stray || line.isEmpty() || Character.isWhitespace(line.charAt(0))) {
                throw MalformedBody.notForm("the head of a part is ambiguous");
            }
            if (lower.startsWith(DISPOSITION)) {
                if (disposition != null) {
                    throw MalformedBody.notForm("a part has two Content-Disposition headers");
                }
                disposition = line.substring(DISPOSITION.length());
            } else if (lower.startsWith(ENCODING)) {
                encoded |= !PLAIN.contains(lower.substring(ENCODING.length()).strip());
            } else if (lower.startsWith(TYPE)) {
                encoded |= !isLikeAscii(lower.substring(TYPE.length()));
            }
        }
        PartHead head = of(disposition);
        if (head.isModel() && encoded) {
            throw MalformedBody.notForm("the field 'model' is encoded");
        }
        return head;
    }

    private static boolean isLikeAscii(String type) {
        Parameters parameters = Parameters.read(type);
        return parameters != null && parameters.all().stream()
                .allMatch(one -> !one.getKey().startsWith("charset") || LIKE_ASCII.contains(one.getValue()));
    }

    private static PartHead of(@Nullable String disposition) throws MalformedBody {
        Parameters parameters = disposition == null ? null : Parameters.read(disposition);
        String name = parameters == null || !parameters.value().equalsIgnoreCase("form-data")
                ? null
                : parameters.get("name");
        if (disposition == null || parameters == null || name == null) {
            throw MalformedBody.notForm("a part does not name its field");
        }
        String bare = disposition.toLowerCase(Locale.ROOT).replace("\\", "");
        if (bare.contains(MODEL) && !isClear(parameters, name, bare, disposition)) {
            throw MalformedBody.notForm("it is unclear which of its fields is 'model'");
        }
        return new PartHead(name);
    }

    /** Whether every reader sees the same name, and sees in it the model or none. */
    private static boolean isClear(Parameters parameters, String name, String bare, String disposition) {
        Matcher names = NAME.matcher(bare);
        boolean one = names.find() && !names.find();
        if (name.equals(MODEL)) {
            boolean file = parameters.all().stream().anyMatch(each -> each.getKey().startsWith("filename"));
            return one && !file && disposition.indexOf('\\') < 0;
        }
        boolean spelled = name.replace("\\", "").strip().equalsIgnoreCase(MODEL);
        return one && !spelled;
    }
}
