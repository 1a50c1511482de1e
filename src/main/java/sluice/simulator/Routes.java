package sluice.simulator;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import sluice.time.Time;

/** The paths under {@code /v1}; all that are not here are unknown URLs. */
final class Routes {
    private static final String PREFIX = "/v1/";
    private static final String MODEL = "model";

    private final ModelCalls calls;
    private final Catalogue catalogue;
    private final Statistics statistics;
    private final Time time;

    Routes(ModelCalls calls, Catalogue catalogue, Statistics statistics, Time time) {
        this.calls = calls;
        this.catalogue = catalogue;
        this.statistics = statistics;
        this.time = time;
    }

    void addTo(Router router) {
        call(router, "chat/completions", Endpoint.CHAT);
        call(router, "completions", Endpoint.COMPLETIONS);
        call(router, "responses", Endpoint.RESPONSES);
        call(router, "embeddings", Endpoint.EMBEDDINGS);
        call(router, "moderations", Endpoint.MODERATIONS);
        call(router, "engines/:model/completions", Endpoint.COMPLETIONS);
        call(router, "engines/:model/embeddings", Endpoint.EMBEDDINGS);
        router.get(PREFIX + "models").handler(context -> catalogue.list(open(context)));
        router.get(PREFIX + "models/:model")
                .handler(context -> catalogue.one(String.valueOf(context.pathParam(MODEL)), open(context)));
        router.route().last().handler(this::unknown);
    }

    private void call(Router router, String path, Endpoint endpoint) {
        router.post(PREFIX + path)
                .handler(context -> calls.take(endpoint, context.pathParam(MODEL), open(context)));
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
