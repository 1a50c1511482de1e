package sluice.edge;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.net.HeadText;
import sluice.net.NameCache;
import sluice.openai.Endpoint;
import sluice.openai.EndpointClass;
import sluice.openai.Reads;

/**
 * Reads the heads of plain calls from their bytes. It does not judge: what is not exactly as expected, faulty or merely
 * unusual, is no plain call, and the server's own decoder reads it. So there is nothing that two readers could
 * interpret differently (RFC 9112, section 11.2). For one event loop.
 */
final class PlainHeadReader {
    private static final byte[] METHOD = "POST ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_LENGTH = 10;

    /** All that has arrived is part of a head. */
    static final int MORE = -1;
    /** Not the head of a plain call. */
    static final int OTHER_CALL = -2;

    /** Headers that decide how a message is framed, or what becomes of its connection; each is a bit. */
    private static final int HOST = 1;
    private static final int LENGTH = 2;
    private static final int TYPE = 4;
    private static final int CONNECTION = 8;
    private static final int UNUSUAL = 16;
    private static final int OTHER = 0;

    private final Set<String> targets;
    private final NameCache names = new NameCache();
    /** Nearly all calls name the same one. */
    private @Nullable String knownHost;

    /** @param targets the paths of plain calls */
    PlainHeadReader(Set<String> targets) {
        this.targets = Set.copyOf(targets);
    }

    /** For the calls that run a model, by the paths that the API has literally. */
    static PlainHeadReader ofInferenceCalls() {
        return new PlainHeadReader(Arrays.stream(Endpoint.values())
                .filter(endpoint -> endpoint.method().equals("POST") && endpoint.reads() == Reads.JSON
                        && endpoint.endpointClass() == EndpointClass.INFERENCE && !endpoint.path().contains("{"))
                .map(endpoint -> "/v1" + endpoint.path()).collect(Collectors.toSet()));
    }

    /** Whether what has arrived can be the beginning of a plain call. */
    static boolean mayBegin(ByteBuf in) {
        int count = Math.min(in.readableBytes(), METHOD.length);
        for (int i = 0; i < count; i++) {
            if (in.getByte(in.readerIndex() + i) != METHOD[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Where a head ends, behind its empty line; {@link #MORE} if it goes on, {@link #OTHER_CALL} as soon as it cannot
     * be that of a plain call.
     */
    int end(byte[] bytes, int from, int to) {
        if (!begins(bytes, from, Math.min(to, from + METHOD.length), METHOD)) {
            return OTHER_CALL;
        }
        for (int line = from;;) {
            int end = text(bytes, line, to);
            if (end == to || (end + 1 == to && bytes[end] == '\r')) {
                return MORE;
            }
            if (bytes[end] != '\r' || bytes[end + 1] != '\n') {
                return OTHER_CALL;
            }
            if (end == line) {
                return end + 2;
            }
            if (line == from ? target(bytes, from, end + 2) == null : !isNamed(bytes, line, end)) {
                return OTHER_CALL;
            }
            line = end + 2;
        }
    }

    /**
     * Reads a head that is complete; null if it is not that of a plain call after all.
     *
     * @param to where it {@link #end ends}
     */
    @Nullable
    PlainHead read(byte[] bytes, int from, int to) {
        String target = target(bytes, from, to);
        if (target == null) {
            return null;
        }
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        int seen = 0;
        long length = 0;
        for (int at = from + METHOD.length + target.length() + VERSION.length; at < to - 2;) {
            int end = text(bytes, at, to);
            int colon = token(bytes, at, end);
            String name = names.name(bytes, at, colon);
            String value = value(bytes, colon + 1, end);
            int kind = kind(name);
            if ((kind & seen) != 0 || !fits(kind, value)) {
                return null;
            }
            if (kind == LENGTH) {
                length = Long.parseLong(value);
            }
            seen |= kind;
            headers.add(name, value);
            at = end + 2;
        }
        return (seen & HOST) != 0 && length > 0 ? new PlainHead(target, headers, length) : null;
    }

    /** The path in a request line that is exactly as expected, up to its line end; null if it is not. */
    private @Nullable String target(byte[] bytes, int from, int to) {
        int path = from + METHOD.length;
        if (to - from < METHOD.length || !begins(bytes, from, path, METHOD)) {
            return null;
        }
        int end = path;
        while (bytes[end] > ' ') {
            end++;
        }
        int line = end + VERSION.length;
        if (line > to || !begins(bytes, end, line, VERSION)) {
            return null;
        }
        String target = names.name(bytes, path, end);
        return targets.contains(target) ? target : null;
    }

    private static boolean begins(byte[] bytes, int from, int to, byte[] with) {
        for (int at = from; at < to; at++) {
            if (bytes[at] != with[at - from]) {
                return false;
            }
        }
        return true;
    }

    /** The first byte that a value may not hold. */
    private static int text(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && HeadText.isOfValue(bytes[at] & 0xff)) {
            at++;
        }
        return at;
    }

    /** The first byte that a name may not hold. */
    private static int token(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && HeadText.isOfToken(bytes[at])) {
            at++;
        }
        return at;
    }

    /** Whether a line begins with the name of a header. */
    private static boolean isNamed(byte[] bytes, int from, int end) {
        int colon = token(bytes, from, end);
        return colon > from && colon < end && bytes[colon] == ':';
    }

    @SuppressWarnings("deprecation") // The bytes are characters of ISO 8859-1, and nothing is faster.
    private static String value(byte[] bytes, int from, int end) {
        int begin = from;
        int last = end;
        while (begin < last && isBlank(bytes[begin])) {
            begin++;
        }
        while (last > begin && isBlank(bytes[last - 1])) {
            last--;
        }
        return new String(bytes, 0, begin, last - begin);
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\t';
    }

    private static int kind(String name) {
        return switch (name.length()) {
            case 4 -> is(HttpHeaders.HOST, name) ? HOST : OTHER;
            case 6 -> is(HttpHeaders.EXPECT, name) ? UNUSUAL : OTHER;
            case 7 -> is(HttpHeaders.UPGRADE, name) ? UNUSUAL : OTHER;
            case 10 -> is(HttpHeaders.CONNECTION, name) ? CONNECTION : OTHER;
            case 12 -> is(HttpHeaders.CONTENT_TYPE, name) ? TYPE : OTHER;
            case 14 -> is(HttpHeaders.CONTENT_LENGTH, name) ? LENGTH : OTHER;
            case 17 -> is(HttpHeaders.TRANSFER_ENCODING, name) ? UNUSUAL : OTHER;
            default -> OTHER;
        };
    }

    private static boolean is(CharSequence header, String name) {
        return AsciiString.contentEqualsIgnoreCase(header, name);
    }

    private boolean fits(int kind, String value) {
        return switch (kind) {
            case HOST -> isHost(value);
            case LENGTH -> value.length() <= LONGEST_LENGTH && HeadText.isLength(value);
            case CONNECTION -> value.equalsIgnoreCase("keep-alive");
            case UNUSUAL -> false;
            default -> true;
        };
    }

    private boolean isHost(String value) {
        if (value.equals(knownHost)) {
            return true;
        }
        HostAndPort authority = HostAndPort.parseAuthority(value, -1);
        if (authority == null || authority.host().isEmpty()) {
            return false;
        }
        knownHost = value;
        return true;
    }
}
