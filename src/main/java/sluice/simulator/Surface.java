package sluice.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import sluice.simulator.objects.Paths;
import sluice.simulator.wire.Reply;

/** All routes of the API, from a list. Routes without an implementation echo the request. */
final class Surface {
    private static final String LIST = "surface.txt";

    private Surface() {}

    static void addTo(Paths paths) {
        text().lines().map(line -> line.split(" ", -1)).forEach(route -> paths.free(HttpMethod.valueOf(route[0]),
                route[1], visit -> echo(visit.request(), Integer.parseInt(route[2]))));
    }

    private static Reply echo(HttpServerRequest request, int status) {
        Buffer body = new JsonObject().put("object", "echo").put("method", request.method().name())
                .put("path", request.path()).put("query", request.query()).toBuffer();
        return new Reply.Whole(status, Reply.JSON, Map.of(), body);
    }

    private static String text() {
        try (InputStream list = Objects.requireNonNull(Surface.class.getResourceAsStream(LIST))) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
