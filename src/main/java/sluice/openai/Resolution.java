package sluice.openai;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the route of one request among OpenAI's paths, those of its 0.x SDKs, and Azure's. */
final class Resolution {
    /** First segments that are never a route, whatever follows them. */
    private static final Set<String> RESERVED = Set.of("v1", "openai", "engines");

    private final String method;
    private final boolean webSocket;
    private final List<String> raw;
    private final List<String> segments;
    private final boolean azure;
    private final String query;

    /**
     * Resolves a request.
     *
     * @param raw      the segments of the path as sent
     * @param segments the same, decoded byte by byte
     * @param query    as sent, with its question mark; empty if there is none
     */
    Resolution(String method, boolean webSocket, List<String> raw, List<String> segments, String query) {
        this.method = webSocket && method.equals("GET") ? Endpoint.WEBSOCKET : method;
        this.webSocket = webSocket;
        this.raw = raw;
        this.segments = segments;
        this.azure = segments.getFirst().equals("openai");
        this.query = azure ? withoutApiVersion(query) : query;
    }

    /** An upgrade request is never treated as the plain request it would otherwise be. */
    Route route() {
        return switch (found()) {
            case Route.Known known when webSocket && !known.endpoint().socket() -> new Route.NoUpgrade();
            case Route.WrongMethod wrong when webSocket -> new Route.NoUpgrade();
            case Route found -> found;
        };
    }

    private Route found() {
        return switch (segments.getFirst()) {
            case "v1" -> isAt(1, "engines") ? engine(2) : plain(1);
            case "openai" -> isAt(1, "deployments") ? engine(2) : plain(isAt(1, "v1") ? 2 : 1);
            default -> new Route.Unknown();
        };
    }

    /** {@code /v1/engines/{engine}/…} and {@code /openai/deployments/{deployment}/…}, mapped to their modern paths. */
    private Route engine(int at) {
        if (segments.size() <= at + 1) {
            return new Route.Unknown();
        }
        List<String> rest = segments.subList(at + 1, segments.size());
        Endpoint endpoint = RouteTable.find("POST", rest);
        if (endpoint == null || !takesModelInPath(endpoint)) {
            return new Route.Unknown();
        }
        return method.equals("POST")
                ? new Route.Known(endpoint, target(at + 1), PathSegments.text(segments.get(at)))
                : new Route.WrongMethod(List.of("POST"));
    }

    private boolean takesModelInPath(Endpoint endpoint) {
        return switch (endpoint) {
            case COMPLETIONS, CHAT_COMPLETIONS, EMBEDDINGS -> true;
            default -> azure && endpoint.endpointClass() == EndpointClass.INFERENCE;
        };
    }

    private Route plain(int from) {
        List<String> path = segments.subList(from, segments.size());
        if (path.isEmpty() || RESERVED.contains(path.getFirst())) {
            return new Route.Unknown();
        }
        Endpoint endpoint = find(path);
        if (endpoint == null || endpoint == Endpoint.OTHER) {
            Set<String> methods = RouteTable.methods(path);
            if (!methods.isEmpty()) {
                return new Route.WrongMethod(List.copyOf(methods));
            }
        }
        if (isLikeOwn(endpoint, path)) {
            return new Route.UnknownOwn();
        }
        if (endpoint == null || differsForOthers(endpoint, path)) {
            return new Route.Unknown();
        }
        return new Route.Known(endpoint, target(from), model(endpoint, path));
    }

    /** Whether it would be one of the gateway's own, of which there are no others. */
    private static boolean isLikeOwn(@Nullable Endpoint endpoint, List<String> path) {
        return (endpoint == null || endpoint == Endpoint.OTHER) && path.getFirst().equalsIgnoreCase("sluice");
    }

    private @Nullable Endpoint find(List<String> path) {
        Endpoint socket = method.equals(Endpoint.WEBSOCKET) ? RouteTable.find(method, path) : null;
        return socket != null ? socket : RouteTable.find(method.equals(Endpoint.WEBSOCKET) ? "GET" : method, path);
    }

    /** Whether a reader that ignores case or decodes slashes first would find another route. */
    private boolean differsForOthers(Endpoint endpoint, List<String> path) {
        boolean ofModel = endpoint == Endpoint.MODEL || endpoint == Endpoint.MODEL_DELETION;
        boolean slash = path.stream().anyMatch(segment -> segment.indexOf('/') >= 0);
        if (slash && !ofModel) {
            return true;
        }
        if (endpoint == Endpoint.OTHER && !raw.stream().allMatch(Resolution::isPlain)) {
            return true;
        }
        List<String> lower = path.stream().map(segment -> segment.toLowerCase(Locale.ROOT)).toList();
        boolean known = endpoint == Endpoint.OTHER && !RouteTable.methods(lower).isEmpty();
        return known || (!ofModel && find(lower) != endpoint);
    }

    private static boolean isPlain(String segment) {
        return segment.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || c == '_' || c == '-' || c == '.');
    }

    private static @Nullable String model(Endpoint endpoint, List<String> path) {
        return switch (endpoint) {
            case MODEL, MODEL_DELETION -> PathSegments.text(path.getLast());
            default -> null;
        };
    }

    private boolean isAt(int index, String segment) {
        return segments.size() > index && segments.get(index).equals(segment);
    }

    private String target(int from) {
        return "/" + String.join("/", raw.subList(from, raw.size())) + query;
    }

    /** Azure's version means nothing to the upstream; the rest of the query stays as sent. */
    private static String withoutApiVersion(String query) {
        if (!query.contains("api-version=")) {
            return query;
        }
        String rest = Stream.of(query.substring(1).split("&", -1)).filter(field -> !field.startsWith("api-version="))
                .collect(Collectors.joining("&"));
        return rest.isEmpty() ? "" : "?" + rest;
    }
}
