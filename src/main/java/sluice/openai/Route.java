package sluice.openai;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a request goes. The decoded path decides, but the caller's own bytes are sent upstream. */
public sealed interface Route {

    /**
     * A route that is served.
     *
     * @param endpoint the route's endpoint
     * @param target   path and query, relative to the upstream's base URL
     * @param model    the model named by the path: an engine, an Azure deployment, or an entry in the list of models;
     *                 null if none
     */
    record Known(Endpoint endpoint, String target, @Nullable String model) implements Route {}

    /** Not a route of the API. */
    record Unknown() implements Route {}

    /** Not a route, although its path begins like those of the gateway's own. */
    record UnknownOwn() implements Route {}

    /** A route for other methods; among them {@link Endpoint#WEBSOCKET} if it can be opened as one. */
    record WrongMethod(List<String> allowed) implements Route {}

    /** A route that cannot be upgraded to the WebSocket that the request asks for. */
    record NoUpgrade() implements Route {}

    /** A path that two readers could interpret differently, or an invalid model name. */
    record Malformed(String reason) implements Route {}

    /**
     * Routes a request line.
     *
     * @param method    as sent
     * @param uri       the request target as sent, with its query
     * @param webSocket whether the request asks to become a WebSocket
     */
    static Route of(String method, String uri, boolean webSocket) {
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        if (!webSocket) {
            Endpoint usual = RouteTable.usual(method, path);
            if (usual != null) {
                return new Known(usual, uri.substring(RouteTable.PREFIX.length()), null);
            }
        }
        List<String> raw = new ArrayList<>();
        List<String> segments = new ArrayList<>();
        String fault = PathSegments.split(path, raw, segments);
        if (fault != null) {
            return new Malformed(fault);
        }
        String query = question < 0 ? "" : uri.substring(question);
        Route route = new Resolution(method, webSocket, raw, segments, query).route();
        boolean named = (route instanceof Known known && known.model() != null && !ModelName.fits(known.model()))
                || (webSocket && !QueryModels.of(uri).stream().allMatch(ModelName::fits));
        return named ? new Malformed("the model that it names is not the name of one") : route;
    }
}
