package sluice.simulator;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import sluice.simulator.objects.Paths;
import sluice.time.Time;

/** Routes every request to its handler, and counts it. */
final class Dispatcher {
    private static final String PREFIX = "/v1/";
    private static final Pattern PARAMETER = Pattern.compile(":[a-z_]+");

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
        for (Paths.Route route : paths.routes()) {
            String name = route.method() + " /" + PARAMETER.matcher(route.path()).replaceAll("{}");
            router.route(route.method(), PREFIX + route.path()).handler(context -> lead(context, route, name));
        }
        router.route().last().handler(this::unknown);
    }

    private void lead(RoutingContext context, Paths.Route route, String name) {
        Exchange exchange = open(context, name);
        switch (route) {
            case Paths.ModelRoute call -> calls.take(call.reader(), context.pathParams(), exchange);
            case Paths.FreeRoute free -> desk.serve(free.answer(), context.pathParams(), exchange);
        }
    }

    private void unknown(RoutingContext context) {
        HttpServerRequest request = context.request();
        Exchange exchange = open(context, "");
        exchange.body(any -> exchange.fail(Refusals.unknownUrl(request)));
    }

    private Exchange open(RoutingContext context, String route) {
        return Exchange.begin(context.request(), route, statistics, time);
    }
}
