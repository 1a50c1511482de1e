package sluice.openai;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the ids of stored objects among the values of a form as its bytes pass: whatever looks like an id, in whichever
 * field, so that no spelling of a field's name hides one. Files are passed over.
 */
public final class FormValues {
    /** As all ids of the API look, also within JSON; names of models and words do not. */
    private static final Pattern ID = Pattern.compile("(?<![A-Za-z0-9_-])[a-z]{2,16}[-_][A-Za-z0-9]{12,}");
    private static final int LONGEST_HEAD = 8 * 1024;
    /** Longer values are prose. */
    private static final int LONGEST_VALUE = 4 * 1024;
    private static final int MOST = 1000;
    /** Nobody owns an object of this name, so a form that cannot be scanned counts as naming a foreign one. */
    private static final String UNCLEAR = "-";

    private final byte[] delimiter;
    private final StringBuilder part = new StringBuilder();
    private final Set<String> ids = new LinkedHashSet<>();
    private int matched = 2;
    private boolean inHead;
    private boolean file;

    private FormValues(String boundary) {
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Starts before the first byte of a form.
     *
     * @throws MalformedBody if its content type does not name one boundary
     */
    public static FormValues of(String contentType) throws MalformedBody {
        FormReader.of(contentType);
        Parameters type = Parameters.read(contentType);
        return new FormValues(type == null ? "" : String.valueOf(type.get("boundary")));
    }

    /** Takes the next piece. */
    public void accept(Buffer piece) {
        Bytes bytes = Bytes.of(piece);
        for (int i = bytes.from; i < bytes.to; i++) {
            accept(bytes.array[i]);
        }
    }

    private void accept(byte b) {
        if (b != delimiter[matched]) {
            // A boundary holds no line end, so a match can begin anew only here.
            for (int i = 0; i < matched; i++) {
                keep(delimiter[i]);
            }
            matched = 0;
        }
        if (b == delimiter[matched]) {
            matched++;
        } else {
            keep(b);
        }
        if (matched == delimiter.length) {
            matched = 0;
            ended();
            inHead = true;
            file = false;
            part.setLength(0);
        }
    }

    private void keep(byte b) {
        if (part.length() < (inHead ? LONGEST_HEAD : LONGEST_VALUE)) {
            part.append((char) (b & 0xff));
        } else if (inHead) {
            ids.add(UNCLEAR);
        }
        if (inHead && b == '\n' && part.length() >= 4 && part.substring(part.length() - 4).equals("\r\n\r\n")) {
            file = part.toString().toLowerCase(Locale.ROOT).contains("filename");
            inHead = false;
            part.setLength(0);
        }
    }

    private void ended() {
        if (!inHead && !file) {
            ID.matcher(part).results().forEach(found -> ids.add(ids.size() < MOST ? found.group() : UNCLEAR));
        }
    }

    /** What was found so far. */
    public Set<String> ids() {
        return ids.isEmpty() ? Set.of() : ids;
    }
}
