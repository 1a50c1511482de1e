package sluice.simulator;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;
import sluice.time.Time;

/** Where the routes under {@code /v1} are declared. Every request is counted and needs a valid key. */
final class Paths {
    private static final String PREFIX = "/v1/";

    private final Router router;
    private final ModelCalls calls;
    private final Desk desk;
    private final Statistics statistics;
    private final Time time;

    Paths(Router router, ModelCalls calls, Desk desk, Statistics statistics, Time time) {
        this.router = router;
        this.calls = calls;
        this.desk = desk;
        this.statistics = statistics;
        this.time = time;
    }

    /** A call that asks a model for something and spends quota. */
    void call(String path, AskReader reader) {
        router.post(PREFIX + path).handler(context -> calls.take(reader, context.pathParams(), open(context)));
    }

    void get(String path, Function<Visit, Reply> answer) {
        free(HttpMethod.GET, path, answer);
    }

    void post(String path, Function<Visit, Reply> answer) {
        free(HttpMethod.POST, path, answer);
    }

    void delete(String path, Function<Visit, Reply> answer) {
        free(HttpMethod.DELETE, path, answer);
    }

    /** A request that spends no quota. */
    void free(HttpMethod method, String path, Function<Visit, Reply> answer) {
        router.route(method, PREFIX + path).handler(context -> desk.serve(answer, context.pathParams(), open(context)));
    }

    /** Answers every other path as unknown. */
    void close() {
        router.route().last().handler(this::unknown);
    }

    private void unknown(RoutingContext context) {
        HttpServerRequest request = context.request();
        Exchange exchange = open(context);
        exchange.body(any -> exchange.fail(ApiError.unknownUrl(request)));
    }

    private Exchange open(RoutingContext context) {
        return Exchange.begin(context.request(), statistics, time);
    }
}
