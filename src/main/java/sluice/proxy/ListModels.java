package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Journal;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Funded;
import sluice.tenant.Tenant;
import sluice.time.Time;
import sluice.upstream.AccountClient;
import sluice.upstream.ApiKey;
import sluice.upstream.Disposition;
import sluice.upstream.UpstreamClient;

/** Answers {@code GET /models}: the upstream's list, less what the tenant may not use. Spends no model quota. */
final class ListModels implements Stage<Funded, Answer> {
    /** A list of a thousand models takes some hundred kilobytes. */
    private static final int LONGEST = 4 * 1024 * 1024;

    private final UpstreamClient upstream;
    private final Map<String, AccountCapacity> capacities;
    private final Duration patience;
    private final OurHeaders ours;
    private final GatewayMeters meters;
    private final Time time;
    private final BodyWork work;

    ListModels(UpstreamClient upstream, Map<String, AccountCapacity> capacities, Duration patience, OurHeaders ours,
            BodyWork work, GatewayMeters meters, Time time) {
        this.upstream = upstream;
        this.capacities = capacities;
        this.patience = patience;
        this.ours = ours;
        this.work = work;
        this.meters = meters;
        this.time = time;
    }

    @Override
    public Future<Answer> apply(Funded funded) {
        Tenant tenant = funded.ask().tenancy().tenant();
        AccountClient account = upstream.account(tenant.accounts().getFirst());
        Arrival arrival = funded.arrival();
        arrival.request().resume();
        Journal journal = arrival.journal();
        journal.account = account.account().name();
        journal.attempts = 1;
        long sentAt = time.nanos();
        return send(account, arrival)
                .compose(response -> body(response).compose(body -> {
                    journal.upstreamNanos = time.nanos() - sentAt;
                    meters.upstream(journal.account, Integer.toString(response.statusCode()));
                    return answer(funded, response, body);
                }))
                .recover(failure -> {
                    if (failure instanceof Refusal) {
                        return Future.failedFuture(failure);
                    }
                    meters.upstream(journal.account, "broken");
                    return Refusal.of(new Reason.UpstreamUnreachable());
                });
    }

    private Future<HttpClientResponse> send(AccountClient account, Arrival arrival) {
        ApiKey key = Objects.requireNonNull(capacities.get(account.account().name())).key();
        return account.http().request(
                account.options(HttpMethod.GET, arrival.route().target()).setTimeout(patience.toMillis()))
                .compose(request -> {
                    Headers.toUpstream(arrival.request().headers(), request.headers(), account.account(), key, true);
                    arrival.journal().trace.sent(request.headers());
                    return request.send();
                });
    }

    /** The whole body, if it is no longer than a list of models may be. */
    private static Future<Buffer> body(HttpClientResponse response) {
        Promise<Buffer> whole = Promise.promise();
        Buffer read = Buffer.buffer();
        response.handler(piece -> {
            if (read.length() + piece.length() <= LONGEST) {
                read.appendBuffer(piece);
            } else if (whole.tryFail(new Refusal(new Reason.UpstreamTooLong()))) {
                response.request().reset(Forward.CANCEL);
            }
        });
        response.endHandler(end -> whole.tryComplete(read));
        response.exceptionHandler(whole::tryFail);
        return whole.future();
    }

    private Future<Answer> answer(Funded funded, HttpClientResponse response, Buffer body) {
        int status = response.statusCode();
        Disposition disposition = Disposition.of(status, response.getHeader("content-type"));
        if (disposition != Disposition.RELAY) {
            return Refusal.of(UpstreamFault.of(status, response.headers(), disposition, body));
        }
        Tenant tenant = funded.ask().tenancy().tenant();
        return (status == 200 ? work.on(body.length(), () -> allowed(body, tenant)) : Future.succeededFuture(body))
                .map(allowed -> write(funded, response, allowed));
    }

    private Answer write(Funded funded, HttpClientResponse response, Buffer allowed) {
        Journal journal = funded.arrival().journal();
        HttpServerResponse to = funded.arrival().response().setStatusCode(response.statusCode());
        Headers.toClient(response.headers(), to.headers());
        ours.add(to, journal, funded.ask().tenancy());
        to.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(allowed.length()));
        journal.bytesOut = allowed.length();
        to.end(allowed);
        return Answer.relayed(response.statusCode());
    }

    /** The list without the models that the tenant's allow-list does not name; an empty one if it is no such list. */
    private static Buffer allowed(Buffer body, Tenant tenant) {
        try {
            JsonObject list = new JsonObject(body);
            JsonArray kept = new JsonArray();
            for (Object model : list.getJsonArray("data", new JsonArray())) {
                if (model instanceof JsonObject entry && tenant.mayUse(entry.getString("id", ""))) {
                    kept.add(entry);
                }
            }
            return list.put("data", kept).toBuffer();
        } catch (DecodeException | ClassCastException e) {
            return new JsonObject().put("object", "list").put("data", new JsonArray()).toBuffer();
        }
    }
}
