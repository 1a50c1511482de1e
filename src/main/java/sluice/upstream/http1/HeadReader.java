package sluice.upstream.http1;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import sluice.net.HeadText;
import sluice.net.NameCache;
import sluice.upstream.http1.ResponseHead.Framing;

/**
 * Reads the head of an answer from its bytes (RFC 9112, sections 4 and 5). What two readers could interpret
 * differently is refused: folded or nameless lines, control bytes, several lengths, a length next to a transfer
 * coding.
 */
final class HeadReader {
    /** {@code HTTP/1.x nnn}. */
    private static final int STATUS_END = 12;
    private static final int STATUS_FROM = 9;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int FIRST_STATUS = 100;
    private static final int FIRST_FINAL = 200;
    private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    /** No lines at all; cannot be changed. */
    static final MultiMap NO_LINES = MultiMap.caseInsensitiveMultiMap().copy(false);

    private final NameCache names = new NameCache();

    /**
     * Reads a whole head.
     *
     * @param to       where it ends: behind its empty line
     * @param bodyless whether it answers a HEAD
     */
    ResponseHead read(byte[] bytes, int from, int to, boolean bodyless) throws MalformedResponse {
        int line = lineEnd(bytes, from, to);
        int minor = minor(bytes, from, line);
        int status = status(bytes, from);
        MultiMap headers = headers(bytes, line + 2, to - 2);
        boolean keepAlive = keepAlive(headers, minor);
        long length = length(headers);
        boolean chunked = chunked(headers, minor);
        if (chunked && length >= 0) {
            throw new MalformedResponse("a content-length next to a transfer-encoding");
        }
        if (bodyless || status < FIRST_FINAL || status == NO_CONTENT || status == NOT_MODIFIED) {
            return new ResponseHead(status, headers, Framing.LENGTH, 0, keepAlive);
        }
        if (chunked) {
            return new ResponseHead(status, headers, Framing.CHUNKED, -1, keepAlive);
        }
        return length >= 0
                ? new ResponseHead(status, headers, Framing.LENGTH, length, keepAlive)
                : new ResponseHead(status, headers, Framing.CLOSE, -1, false);
    }

    /** Reads header or trailer lines up to {@code to}, which must each end in CR and LF. */
    MultiMap headers(byte[] bytes, int from, int to) throws MalformedResponse {
        // Vert.x' own headers would check again what is checked here.
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int at = from; at < to;) {
            int end = lineEnd(bytes, at, to);
            int colon = colon(bytes, at, end);
            headers.add(names.name(bytes, at, colon), value(bytes, colon + 1, end));
            at = end + 2;
        }
        return headers;
    }

    /** The index of a line's CR, which its LF must follow. */
    private static int lineEnd(byte[] bytes, int from, int to) throws MalformedResponse {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\r') {
                if (at + 1 < to && bytes[at + 1] == '\n') {
                    return at;
                }
                break;
            }
            if (bytes[at] == '\n') {
                break;
            }
        }
        throw new MalformedResponse("a line that does not end in CR and LF");
    }

    /** The minor version; the digit after {@code HTTP/1.} */
    private static int minor(byte[] bytes, int from, int end) throws MalformedResponse {
        boolean begins = end - from >= STATUS_END;
        for (int i = 0; begins && i < VERSION.length; i++) {
            begins = bytes[from + i] == VERSION[i];
        }
        int minor = begins ? bytes[from + VERSION.length] - '0' : -1;
        if ((minor != 0 && minor != 1) || bytes[from + VERSION.length + 1] != ' '
                || (end > from + STATUS_END && bytes[from + STATUS_END] != ' ')) {
            throw new MalformedResponse("not a status line of HTTP/1.1");
        }
        for (int at = from + STATUS_END; at < end; at++) {
            checkText(bytes[at]);
        }
        return minor;
    }

    private static int status(byte[] bytes, int from) throws MalformedResponse {
        int status = 0;
        for (int at = from + STATUS_FROM; at < from + STATUS_END; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                throw new MalformedResponse("a status that is not a number");
            }
            status = status * 10 + digit;
        }
        if (status < FIRST_STATUS) {
            throw new MalformedResponse("a status below " + FIRST_STATUS);
        }
        return status;
    }

    private static int colon(byte[] bytes, int from, int end) throws MalformedResponse {
        int at = from;
        while (at < end && HeadText.isOfToken(bytes[at])) {
            at++;
        }
        if (at == from || at == end || bytes[at] != ':') {
            throw new MalformedResponse("a header line without a proper name");
        }
        return at;
    }

    @SuppressWarnings("deprecation") // The bytes are characters of ISO 8859-1, and nothing is faster.
    private static String value(byte[] bytes, int from, int end) throws MalformedResponse {
        int begin = from;
        int last = end;
        while (begin < last && isBlank(bytes[begin])) {
            begin++;
        }
        while (last > begin && isBlank(bytes[last - 1])) {
            last--;
        }
        for (int at = begin; at < last; at++) {
            checkText(bytes[at]);
        }
        return new String(bytes, 0, begin, last - begin);
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\t';
    }

    private static void checkText(byte value) throws MalformedResponse {
        if (!HeadText.isOfValue(value & 0xff)) {
            throw new MalformedResponse("a control byte in a head");
        }
    }

    /** The declared length; -1 if there is none. */
    private static long length(MultiMap headers) throws MalformedResponse {
        String text = headers.get(HttpHeaders.CONTENT_LENGTH);
        if (text == null) {
            return -1;
        }
        if (!HeadText.isLength(text) || headers.getAll(HttpHeaders.CONTENT_LENGTH).size() != 1) {
            throw new MalformedResponse("a content-length that is not a single number");
        }
        return Long.parseLong(text);
    }

    private static boolean chunked(MultiMap headers, int minor) throws MalformedResponse {
        String coding = headers.get(HttpHeaders.TRANSFER_ENCODING);
        if (coding == null) {
            return false;
        }
        if (minor == 0 || !coding.equalsIgnoreCase("chunked")
                || headers.getAll(HttpHeaders.TRANSFER_ENCODING).size() != 1) {
            throw new MalformedResponse("a transfer-encoding other than chunked");
        }
        return true;
    }

    private static boolean keepAlive(MultiMap headers, int minor) {
        if (minor == 0) {
            return false;
        }
        String first = headers.get(HttpHeaders.CONNECTION);
        if (first == null || first.equalsIgnoreCase("keep-alive")) {
            return first == null || headers.getAll(HttpHeaders.CONNECTION).size() == 1;
        }
        List<String> lines = headers.getAll(HttpHeaders.CONNECTION);
        return lines.stream().noneMatch(line -> line.toLowerCase(Locale.ROOT).contains("close"));
    }
}
