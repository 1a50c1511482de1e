package sluice.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import sluice.time.Time;

/** The simulator's own endpoints under {@code /simulator}: statistics, faults and costs. They never show a key. */
final class Steering {
    private final Statistics statistics;
    private final AtomicReference<Faults> faults;
    private final Organization organization;
    private final Time time;

    Steering(Statistics statistics, AtomicReference<Faults> faults, Organization organization, Time time) {
        this.statistics = statistics;
        this.faults = faults;
        this.organization = organization;
        this.time = time;
    }

    void addTo(Router router) {
        router.get("/simulator/statistics").handler(context -> answer(context, 200, statistics.toJson().toBuffer()));
        router.get("/simulator/accepted")
                .handler(context -> answer(context, 200,
                        accepted(String.valueOf(context.request().getParam("account")))));
        router.get("/simulator/requests").handler(context -> answer(context, 200, requests()));
        router.get("/simulator/faults").handler(context -> answer(context, 200, faults.get().toJson().toBuffer()));
        router.put("/simulator/faults").handler(this::change);
        router.put("/simulator/costs").handler(this::costs);
    }

    /** When the account's calls were accepted, as ages so that no shared clock is needed. */
    private Buffer accepted(String account) {
        JsonArray ages = new JsonArray();
        Arrays.stream(statistics.acceptedMillisAgo(account, time.nanos())).forEach(ages::add);
        return new JsonObject().put("account", account).put("millisAgo", ages).toBuffer();
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

    /** Days and what they have cost in dollars: {@code {"2026-11-28": 12.5}}. */
    private void costs(RoutingContext context) {
        context.request().body().onSuccess(body -> {
            try {
                body.toJsonObject().forEach(day -> organization.cost(LocalDate.parse(day.getKey()),
                        new BigDecimal(String.valueOf(day.getValue()))));
                answer(context, 200, body);
            } catch (DecodeException | DateTimeParseException | NumberFormatException e) {
                answer(context, 400, problem("not days and dollars, such as {\"2026-11-28\": 12.5}"));
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
