package sluice.simulator;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import sluice.simulator.objects.Paths;
import sluice.time.Time;

/** Routes every request to its handler, and counts it. */
final class Dispatcher {
    private static final String PREFIX = "/v1/";

    private final Router router;
    private final ModelCalls calls;
    private final Desk desk;
    private final Statistics statistics;
    private final Time time;

    Dispatcher(Router router, ModelCalls calls, Desk desk, Statistics statistics, Time time) {
        this.router = router;
        this.calls = calls;
        this.desk = desk;
        this.statistics = statistics;
        this.time = time;
    }

    /** Serves these paths, and answers every other as unknown. */
    void serve(Paths paths) {
        paths.routes().forEach(
                route -> router.route(route.method(), PREFIX + route.path()).handler(context -> lead(context, route)));
        router.route().last().handler(this::unknown);
    }

    private void lead(RoutingContext context, Paths.Route route) {
        Exchange exchange = open(context);
        switch (route) {
            case Paths.ModelRoute call -> calls.take(call.reader(), context.pathParams(), exchange);
            case Paths.FreeRoute free -> desk.serve(free.answer(), context.pathParams(), exchange);
        }
    }

    private void unknown(RoutingContext context) {
        HttpServerRequest request = context.request();
        Exchange exchange = open(context);
        exchange.body(any -> exchange.fail(Refusals.unknownUrl(request)));
    }

    private Exchange open(RoutingContext context) {
        return Exchange.begin(context.request(), statistics, time);
    }
}
