package sluice.simulator.objects;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import sluice.simulator.wire.Reply;

/** The routes under {@code /v1}, each with what answers it; of two that fit a request, the first does. */
public final class Paths {
    private final List<Route> routes = new ArrayList<>();

    /** A method and a path, and who reads or answers its requests. */
    public sealed interface Route {
        HttpMethod method();

        String path();
    }

    /** Asks a model for something and spends quota. */
    public record ModelRoute(String path, AskReader reader) implements Route {
        @Override
        public HttpMethod method() {
            return HttpMethod.POST;
        }
    }

    /** Spends no quota. */
    public record FreeRoute(HttpMethod method, String path, Function<Visit, Reply> answer) implements Route {}

    /** A call that asks a model for something and spends quota. */
    public void call(String path, AskReader reader) {
        routes.add(new ModelRoute(path, reader));
    }

    void get(String path, Function<Visit, Reply> answer) {
        free(HttpMethod.GET, path, answer);
    }

    public void post(String path, Function<Visit, Reply> answer) {
        free(HttpMethod.POST, path, answer);
    }

    void delete(String path, Function<Visit, Reply> answer) {
        free(HttpMethod.DELETE, path, answer);
    }

    /** A request that spends no quota. */
    public void free(HttpMethod method, String path, Function<Visit, Reply> answer) {
        routes.add(new FreeRoute(method, path, answer));
    }

    public List<Route> routes() {
        return List.copyOf(routes);
    }
}
