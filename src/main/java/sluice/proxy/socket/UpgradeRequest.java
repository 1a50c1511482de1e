package sluice.proxy.socket;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundRequest;
import sluice.proxy.refusal.Reason;

/** Which requests ask for a WebSocket and can have one (RFC 6455, section 4.2.1), checked before any is opened. */
public final class UpgradeRequest {
    private static final int KEY_BYTES = 16;

    private UpgradeRequest() {}

    /** Whether a request asks, among other things, to become a WebSocket. */
    public static boolean isOne(InboundRequest request) {
        return request.headers().contains(HttpHeaders.UPGRADE) && request.headers().getAll(HttpHeaders.UPGRADE).stream()
                .flatMap(line -> Stream.of(line.split(",", -1)))
                .anyMatch(name -> name.strip().equalsIgnoreCase("websocket"));
    }

    /** Why it cannot become one; null if it can. */
    static @Nullable Reason fault(InboundRequest request) {
        if (request.version() != HttpVersion.HTTP_1_1) {
            return new Reason.UpgradeRequired(request.path());
        }
        String connection = request.header(HttpHeaders.CONNECTION);
        // Vert.x reads the first line only.
        if (connection == null || !connection.toLowerCase(Locale.ROOT).contains("upgrade")) {
            return new Reason.BadHeader("connection", "'Connection: Upgrade' with 'Upgrade: websocket'");
        }
        if (!"13".equals(request.header("sec-websocket-version"))) {
            return new Reason.BadHeader("sec-websocket-version", "13");
        }
        if (!isKey(request.header("sec-websocket-key"))) {
            return new Reason.BadHeader("sec-websocket-key", "16 random bytes in base64");
        }
        String length = request.header(HttpHeaders.CONTENT_LENGTH);
        if ((length != null && !length.equals("0")) || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return new Reason.BadHeader("content-length", "no body in a WebSocket request");
        }
        return isUri(request.target())
                ? null
                : new Reason.MalformedPath(
                        "a query whose reserved characters are percent-encoded");
    }

    /** The client that opens the upstream WebSocket accepts nothing else. */
    private static boolean isUri(String target) {
        try {
            new URI(target);
            return true;
        } catch (URISyntaxException broken) {
            return false;
        }
    }

    private static boolean isKey(@Nullable String key) {
        try {
            return key != null && Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
        } catch (IllegalArgumentException broken) {
            return false;
        }
    }
}
