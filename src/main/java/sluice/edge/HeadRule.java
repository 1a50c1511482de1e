package sluice.edge;

import io.netty.util.AsciiString;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundRequest;
import sluice.net.HeadText;
import sluice.proxy.refusal.Reason;

/**
 * What a request head must look like in any version of HTTP (RFC 9110, sections 5.1, 5.5 and 7.2). Checked once, on
 * arrival: a head that passes can be written in any version of HTTP and read in only one way.
 */
final class HeadRule {
    private HeadRule() {}

    /**
     * Why the head is refused, if it is.
     *
     * @param authority as the protocol gives it; null if absent or unreadable
     */
    static Optional<Reason> fault(InboundRequest request, @Nullable HostAndPort authority) {
        if (request.method().equals(HttpMethod.CONNECT)) {
            return http("CONNECT is not served here");
        }
        if (!isToken(request.method().name())) {
            return http("The method is not a token");
        }
        if (!isTarget(request.target())) {
            return http("The request target must be a path and a query of printable ASCII, the rest percent-encoded");
        }
        return headers(request, authority);
    }

    /** A target without the scheme and host that an absolute one names (RFC 9112, section 3.2.2). */
    static String originForm(String target) {
        if (!target.regionMatches(true, 0, "http://", 0, 7) && !target.regionMatches(true, 0, "https://", 0, 8)) {
            return target;
        }
        int host = target.indexOf("//") + 2;
        int end = host;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String rest = target.substring(end);
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    /** Everything to know about a head's lines, in one pass. */
    private static final class Lines implements BiConsumer<String, String> {
        private @Nullable String fault;
        private int types;
        private int lengths;
        private boolean oddLength;
        private int hosts;

        @Override
        public void accept(String name, String value) {
            if (fault != null) {
                return;
            }
            if (!isToken(name)) {
                fault = "The name of a header is not a token";
            } else if (!isText(value)) {
                fault = "The header " + name + " holds a control character";
            } else if (is(HttpHeaders.HOST, name)) {
                hosts++;
            } else if (is(HttpHeaders.CONTENT_TYPE, name)) {
                types++;
            } else if (is(HttpHeaders.CONTENT_LENGTH, name)) {
                lengths++;
                oddLength |= !HeadText.isLength(value);
            }
        }

        private static boolean is(CharSequence header, String name) {
            return header.length() == name.length() && AsciiString.contentEqualsIgnoreCase(header, name);
        }
    }

    /** Every request names its host exactly once; before HTTP/1.1 it need not. */
    private static Optional<Reason> headers(InboundRequest request, @Nullable HostAndPort authority) {
        Lines lines = new Lines();
        request.headers().forEach(lines);
        if (lines.fault != null) {
            return header(lines.fault);
        }
        if (lines.types > 1) {
            return header("The header content-type appears twice");
        }
        if (lines.lengths > 1 || lines.oddLength) {
            return header("The header content-length must be one length");
        }
        boolean may = request.version() == HttpVersion.HTTP_1_0 && lines.hosts == 0;
        return may || (lines.hosts <= 1 && authority != null && !authority.host().isEmpty())
                ? Optional.empty()
                : header("The request must name one host, as HOST or HOST:PORT");
    }

    private static boolean isToken(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!HeadText.isOfToken(name.charAt(i))) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    private static boolean isText(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (!HeadText.isOfValue(value.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTarget(String uri) {
        if (uri == null || uri.isEmpty()) {
            return false;
        }
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return false;
            }
        }
        return true;
    }

    private static Optional<Reason> http(String why) {
        return Optional.of(new Reason.MalformedHttp(400, why + "."));
    }

    private static Optional<Reason> header(String why) {
        return Optional.of(new Reason.MalformedHeader(why + "."));
    }
}
