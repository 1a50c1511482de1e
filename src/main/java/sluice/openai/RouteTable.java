package sluice.openai;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of {@link Endpoint}, arranged for fast lookup. */
final class RouteTable {
    static final String PREFIX = "/v1";

    private static final String ONE = "{}";
    private static final String ANY = "**";
    /** What {@code *} stands for. */
    private static final List<String> PLAIN = List.of("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH");

    private record Row(Endpoint endpoint, List<String> segments) {

        boolean covers(List<String> path) {
            boolean open = segments.getLast().equals(ANY);
            int fixed = open ? segments.size() - 1 : segments.size();
            if (open ? path.size() < fixed : path.size() != fixed) {
                return false;
            }
            for (int i = 0; i < fixed; i++) {
                if (!segments.get(i).equals(ONE) && !segments.get(i).equals(path.get(i))) {
                    return false;
                }
            }
            return true;
        }

        boolean allows(String method) {
            return endpoint.method().equals(method) || (endpoint.method().equals("*") && PLAIN.contains(method));
        }
    }

    private static final List<Row> ROWS = Arrays.stream(Endpoint.values())
            .map(endpoint -> new Row(endpoint, List.of(endpoint.path().substring(1).split("/", -1)))).toList();
    private static final Map<String, Endpoint> USUAL = new HashMap<>();

    static {
        for (Endpoint endpoint : Endpoint.values()) {
            if (endpoint.method().equals("POST") && !endpoint.path().contains(ONE) && !endpoint.path().contains(ANY)) {
                USUAL.put(PREFIX + endpoint.path(), endpoint);
            }
        }
    }

    private RouteTable() {}

    /** The endpoint of a POST to a path that is in the table literally; null for anything else. */
    static @Nullable Endpoint usual(String method, String path) {
        return method.equals("POST") ? USUAL.get(path) : null;
    }

    /**
     * The first row that serves the method and the path after the version, including {@link Endpoint#OTHER}; or null.
     */
    static @Nullable Endpoint find(String method, List<String> path) {
        String asked = method.equals("HEAD") ? "GET" : method;
        for (Row row : ROWS) {
            if (row.covers(path) && row.allows(asked)) {
                return row.endpoint();
            }
        }
        return null;
    }

    /** The methods of the rows that serve the path, except {@link Endpoint#OTHER}; empty if there are none. */
    static Set<String> methods(List<String> path) {
        Set<String> methods = new LinkedHashSet<>();
        for (Row row : ROWS) {
            if (row.endpoint() != Endpoint.OTHER && row.covers(path)) {
                switch (row.endpoint().method()) {
                    case "*" -> methods.addAll(PLAIN);
                    case "GET" -> methods.addAll(List.of("GET", "HEAD"));
                    case String other -> methods.add(other);
                }
            }
        }
        return methods;
    }
}
