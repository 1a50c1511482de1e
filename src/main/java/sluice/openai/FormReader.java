package sluice.openai;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the field {@code model} in a {@code multipart/form-data} body streamed in pieces of any size, and holds back
 * the end of the form: without it the upstream's request is incomplete and can still be cancelled.
 *
 * <p>States: at a boundary; in a part's head; in a part's content; in the model's content; past the closing boundary.
 * Any two readers of a form accepted here find the same model.
 */
public final class FormReader {
    private static final String FORM_DATA = "multipart/form-data";
    private static final Pattern BOUNDARY = Pattern.compile("[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]");
    private static final String FIELD = "model";
    private static final int LONGEST_HEAD = 8 * 1024;
    /** The API's forms have some twenty parts. */
    private static final int MOST_PARTS = 1000;
    private static final int FIRST_CAPACITY = 512;
    private static final byte[] HEAD_END = ascii("\r\n\r\n");
    private static final int LINE_END = 2;
    private static final Buffer NOTHING = Buffer.buffer();

    private enum State {
        BOUNDARY, HEAD, CONTENT, MODEL, CLOSED
    }

    /** Two dashes and the boundary itself; except for the first one, the line end before it is part of it. */
    private final byte[] boundary;
    /** Bytes received but not passed on yet: the first {@code length} of the array. */
    private byte[] pending = new byte[FIRST_CAPACITY];
    private int length;
    private int scanned;
    private int searched;
    private int contentFrom;
    private int parts;
    private State state = State.BOUNDARY;
    private @Nullable String model;

    private FormReader(String boundary) {
        this.boundary = ascii("--" + boundary);
    }

    /** Whether the content type announces a form. */
    public static boolean isForm(@Nullable String contentType) {
        return contentType != null && contentType.regionMatches(true, 0, "multipart/", 0, 10);
    }

    /**
     * Starts before the first byte of a body.
     *
     * @throws MalformedBody unless the content type names one boundary, in a way that cannot be misread
     */
    public static FormReader of(String contentType) throws MalformedBody {
        Parameters type = Parameters.read(contentType);
        String boundary = type == null ? null : type.get("boundary");
        String lower = contentType.toLowerCase(Locale.ROOT);
        // Others may look for it without regard to quotes.
        boolean once = lower.indexOf("boundary") == lower.lastIndexOf("boundary");
        if (type == null || !type.value().equalsIgnoreCase(FORM_DATA) || boundary == null || !once
                || !BOUNDARY.matcher(boundary).matches()) {
            throw MalformedBody.notForm("its content type must be multipart/form-data with one boundary");
        }
        return new FormReader(boundary);
    }

    /** The model, once its field has arrived in full; null before. */
    public @Nullable String model() {
        return model;
    }

    /** Takes the next piece; returns what may be passed on, which never includes the end of the form. */
    public Buffer accept(Buffer piece) throws MalformedBody {
        int together = length + piece.length();
        if (together > pending.length) {
            pending = Arrays.copyOf(pending, Math.max(together, 2 * pending.length));
        }
        piece.getBytes(pending, length);
        length = together;
        while (step()) {
            // Each step ends at the next complete boundary or head.
        }
        return pass();
    }

    /**
     * Ends the body; returns the end of the form.
     *
     * @param added the model to add as a part of its own, or null to add none
     */
    public Buffer end(@Nullable String added) throws MalformedBody {
        String rest = new String(pending, 0, length, StandardCharsets.ISO_8859_1);
        String closing = "\r\n" + new String(boundary, StandardCharsets.US_ASCII) + "--";
        if (state != State.CLOSED || (!rest.equals(closing) && !rest.equals(closing + "\r\n"))) {
            throw MalformedBody.notForm("it does not end with its closing boundary");
        }
        Buffer out = Buffer.buffer();
        if (added != null) {
            out.appendString("\r\n").appendBytes(boundary)
                    .appendString("\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + added);
        }
        return out.appendBytes(pending, 0, length);
    }

    /** Passes on what has been parsed; the line end before a boundary stays with the boundary. */
    private Buffer pass() {
        int passes = Math.max(0, switch (state) {
            case BOUNDARY, CLOSED -> scanned - LINE_END;
            case HEAD, MODEL, CONTENT -> scanned;
        });
        if (passes == 0) {
            return NOTHING;
        }
        Buffer out = Buffer.buffer(passes).appendBytes(pending, 0, passes);
        length -= passes;
        System.arraycopy(pending, passes, pending, 0, length);
        scanned -= passes;
        searched -= passes;
        contentFrom = Math.max(-LINE_END, contentFrom - passes);
        return out;
    }

    private boolean step() throws MalformedBody {
        return switch (state) {
            case BOUNDARY -> boundary();
            case HEAD -> head();
            case CONTENT -> content();
            case MODEL -> modelField();
            case CLOSED -> false;
        };
    }

    /** At a boundary: the bytes after it show whether another part follows. */
    private boolean boundary() throws MalformedBody {
        int end = scanned + boundary.length;
        if (length < end + 2) {
            return false;
        }
        if (!Arrays.equals(pending, scanned, end, boundary, 0, boundary.length)) {
            throw MalformedBody.notForm("it does not begin with its boundary");
        }
        if (pending[end] == '-' && pending[end + 1] == '-' && parts > 0) {
            state = State.CLOSED;
            return false;
        }
        if (pending[end] != '\r' || pending[end + 1] != '\n') {
            throw MalformedBody.notForm("a boundary is not followed by a part");
        }
        scanned = end + LINE_END;
        state = State.HEAD;
        return true;
    }

    private boolean head() throws MalformedBody {
        int end = find(HEAD_END, scanned);
        if ((end < 0 ? length : end) - scanned > LONGEST_HEAD) {
            throw MalformedBody.notForm("the head of a part is too long");
        }
        if (end < 0) {
            return false;
        }
        if (++parts > MOST_PARTS) {
            throw MalformedBody.notForm("it has more than " + MOST_PARTS + " parts");
        }
        PartHead head = PartHead.read(Arrays.copyOfRange(pending, scanned, end));
        if (head.isModel() && model != null) {
            throw MalformedBody.duplicate(FIELD);
        }
        scanned = end + HEAD_END.length;
        contentFrom = scanned;
        state = head.isModel() ? State.MODEL : State.CONTENT;
        return true;
    }

    private boolean content() throws MalformedBody {
        return ends() >= 0;
    }

    private boolean modelField() throws MalformedBody {
        int from = scanned;
        int end = find(boundary, from);
        int most = ModelName.LONGEST * Character.BYTES * 2;
        if (end < 0 && length - boundary.length - LINE_END - from <= most) {
            return false;
        }
        if (end < 0 || end - from > most) {
            throw ModelName.fault(FIELD);
        }
        int to = ends();
        model = ModelName.checked(FIELD, new String(pending, from, Math.max(0, to - from), StandardCharsets.UTF_8));
        return true;
    }

    /**
     * Where the content ends, or -1 if its end has not arrived. A boundary that is not at the start of a line is
     * refused.
     */
    private int ends() throws MalformedBody {
        int at = find(boundary, scanned);
        if (at < 0) {
            scanned = Math.max(scanned, length - boundary.length - LINE_END);
            return -1;
        }
        int end = at - LINE_END;
        if (end < contentFrom || pending[end] != '\r' || pending[end + 1] != '\n') {
            throw MalformedBody.notForm("its boundary appears within a part");
        }
        scanned = at;
        state = State.BOUNDARY;
        return end;
    }

    /** Where the bytes begin, or -1; the next search then resumes where this one stopped. */
    private int find(byte[] what, int from) {
        int last = length - what.length;
        for (int i = Math.max(from, searched); i <= last; i++) {
            if (pending[i] == what[0] && Arrays.equals(pending, i, i + what.length, what, 0, what.length)) {
                searched = from;
                return i;
            }
        }
        searched = Math.max(from, last + 1);
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
