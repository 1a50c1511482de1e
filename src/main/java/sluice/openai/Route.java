package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a request goes: decided on its decoded path, while the caller's own bytes are what is sent upstream. */
public sealed interface Route {

    /**
     * A route that is served.
     *
     * @param endpoint which
     * @param target   path and query behind the upstream's base URL
     * @param model    the model that the path names, on legacy engine routes
     */
    record Known(Endpoint endpoint, String target, @Nullable String model) implements Route {}

    /** No route of the API. */
    record Unknown() implements Route {}

    /** A route, but with another method. */
    record WrongMethod(String allowed) implements Route {}

    /** A path that different readers could understand differently. */
    record Malformed(String reason) implements Route {}

    /**
     * Decides on a request line.
     *
     * @param method as sent
     * @param uri    the request target as sent, with its query
     */
    static Route of(String method, String uri) {
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        Endpoint usual = Routes.BY_PATH.get(path);
        if (usual != null) {
            return allowed(method, new Known(usual, uri.substring(Routes.PREFIX.length()), null));
        }
        List<String> segments = new ArrayList<>();
        String fault = Routes.split(path, segments);
        if (fault != null) {
            return new Malformed(fault);
        }
        if (!segments.getFirst().equals("v1")) {
            return new Unknown();
        }
        Endpoint encoded = Routes.BY_SEGMENTS.get(segments.subList(1, segments.size()));
        if (encoded != null) {
            return allowed(method, new Known(encoded, uri.substring(uri.indexOf('/', 1)), null));
        }
        if (segments.size() > 3 && segments.get(1).equals("engines")) {
            return engine(method, segments, question < 0 ? "" : uri.substring(question));
        }
        return new Unknown();
    }

    /** {@code /v1/engines/{engine}/completions} and its like, which the 0.x SDKs call, on their modern path. */
    private static Route engine(String method, List<String> segments, String query) {
        Endpoint endpoint = Routes.BY_SEGMENTS.get(segments.subList(3, segments.size()));
        return switch (endpoint) {
            case COMPLETIONS, CHAT_COMPLETIONS, EMBEDDINGS ->
                allowed(method, new Known(endpoint, endpoint.path() + query, Routes.text(segments.get(2))));
            case null, default -> new Unknown();
        };
    }

    private static Route allowed(String method, Known route) {
        String allowed = route.endpoint().method();
        return allowed.equals(method) ? route : new WrongMethod(allowed);
    }
}

/** The table of routes, and how a path is taken apart. */
final class Routes {
    static final String PREFIX = "/v1";
    static final Map<String, Endpoint> BY_PATH = new HashMap<>();
    static final Map<List<String>, Endpoint> BY_SEGMENTS = new HashMap<>();

    static {
        for (Endpoint endpoint : Endpoint.values()) {
            BY_PATH.put(PREFIX + endpoint.path(), endpoint);
            BY_SEGMENTS.put(Arrays.asList(endpoint.path().substring(1).split("/", -1)), endpoint);
        }
    }

    private Routes() {}

    /** A segment was decoded byte by byte; this is the text that the bytes stand for. */
    static String text(String segment) {
        return new String(segment.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /**
     * Adds the decoded segments of a path.
     *
     * @return what is wrong with the path, or null
     */
    static @Nullable String split(String path, List<String> segments) {
        if (!path.startsWith("/")) {
            return "it does not begin with a slash";
        }
        for (String raw : path.substring(1).split("/", -1)) {
            StringBuilder segment = new StringBuilder(raw.length());
            for (int i = 0; i < raw.length(); i++) {
                char c = raw.charAt(i);
                if (c == '%') {
                    boolean whole = i + 2 < raw.length();
                    int high = whole ? Character.digit(raw.charAt(i + 1), 16) : -1;
                    int low = whole ? Character.digit(raw.charAt(i + 2), 16) : -1;
                    if (high < 0 || low < 0) {
                        return "a percent sign is not followed by two hexadecimal digits";
                    }
                    c = (char) (high << 4 | low);
                    i += 2;
                }
                if (c < 0x20 || c == 0x7f || c == '\\') {
                    return "it holds a control character or a backslash";
                }
                segment.append(c);
            }
            String decoded = segment.toString();
            if (decoded.isEmpty() || decoded.equals(".") || decoded.equals("..")) {
                return "it holds an empty or a dot segment";
            }
            segments.add(decoded);
        }
        return null;
    }
}
