package sluice.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicReference;

/** The simulator's own pages under {@code /simulator}: what it has seen, and what shall go wrong. Never shows a key. */
final class Steering {
    private final Statistics statistics;
    private final AtomicReference<Faults> faults;

    Steering(Statistics statistics, AtomicReference<Faults> faults) {
        this.statistics = statistics;
        this.faults = faults;
    }

    void addTo(Router router) {
        router.get("/simulator/statistics").handler(context -> answer(context, 200, statistics.toJson().toBuffer()));
        router.get("/simulator/requests").handler(context -> answer(context, 200, requests()));
        router.get("/simulator/faults").handler(context -> answer(context, 200, faults.get().toJson().toBuffer()));
        router.put("/simulator/faults").handler(this::change);
    }

    private Buffer requests() {
        JsonArray shown = new JsonArray();
        statistics.lastRequests().forEach(request -> shown.add(request.redacted()));
        return shown.toBuffer();
    }

    private void change(RoutingContext context) {
        context.request().body().onSuccess(body -> {
            try {
                faults.set(Faults.fromJson(body.toJsonObject()));
                answer(context, 200, faults.get().toJson().toBuffer());
            } catch (DecodeException | ClassCastException e) {
                answer(context, 400, problem("not a JSON object"));
            } catch (IllegalArgumentException e) {
                answer(context, 400, problem(String.valueOf(e.getMessage())));
            }
        });
    }

    private static Buffer problem(String message) {
        return new JsonObject().put("error", new JsonObject().put("message", message)).toBuffer();
    }

    private static void answer(RoutingContext context, int status, Buffer body) {
        HttpServerResponse response = context.response();
        response.setStatusCode(status).putHeader("content-type", "application/json");
        response.end(body);
    }
}
