package sluice.proxy;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names of subprotocols that a WebSocket is offered; browsers, which can set no header, hide a key among them. */
final class SubProtocols {
    private static final String HEADER = "sec-websocket-protocol";
    private static final String KEY = "openai-insecure-api-key.";

    private SubProtocols() {}

    /** The key among them, or null. */
    static @Nullable String key(MultiMap headers) {
        for (String name : offered(headers)) {
            if (name.startsWith(KEY)) {
                return name.substring(KEY.length());
            }
        }
        return null;
    }

    /** All that are no credentials, in order. */
    static List<String> passing(MultiMap headers) {
        return offered(headers).stream().filter(name -> !name.startsWith("openai-insecure-api-key")
                && !name.startsWith("openai-organization.") && !name.startsWith("openai-project.")).toList();
    }

    private static List<String> offered(MultiMap headers) {
        List<String> names = new ArrayList<>();
        for (String header : headers.getAll(HEADER)) {
            for (String name : header.split(",", -1)) {
                names.add(name.strip());
            }
        }
        return names;
    }
}
