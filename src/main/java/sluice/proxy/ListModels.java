package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.time.Duration;
import java.util.HashMap;
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
    private final UpstreamClient upstream;
    private final Map<String, AccountCapacity> capacities;
    private final Duration patience;
    private final OurHeaders ours;
    private final GatewayMeters meters;
    private final Time time;
    private final Map<String, WebClient> clients = new HashMap<>();

    ListModels(UpstreamClient upstream, Map<String, AccountCapacity> capacities, Duration patience, OurHeaders ours,
            GatewayMeters meters, Time time) {
        this.upstream = upstream;
        this.capacities = capacities;
        this.patience = patience;
        this.ours = ours;
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
        return request(account, arrival).send()
                .onFailure(broken -> meters.upstream(journal.account, "broken"))
                .recover(broken -> Refusal.of(new Reason.UpstreamUnreachable()))
                .compose(response -> {
                    journal.upstreamNanos = time.nanos() - sentAt;
                    meters.upstream(journal.account, Integer.toString(response.statusCode()));
                    return answer(funded, response);
                });
    }

    private HttpRequest<Buffer> request(AccountClient account, Arrival arrival) {
        WebClient client = clients.computeIfAbsent(account.account().name(), name -> WebClient.wrap(account.http()));
        HttpRequest<Buffer> request = client
                .request(account.options(HttpMethod.GET, arrival.route().target())).timeout(patience.toMillis());
        ApiKey key = Objects.requireNonNull(capacities.get(account.account().name())).watch().key();
        Headers.toUpstream(arrival.request().headers(), request.headers(), account.account(), key, true);
        arrival.journal().trace.sent(request.headers());
        return request;
    }

    private Future<Answer> answer(Funded funded, HttpResponse<Buffer> response) {
        Disposition disposition = Disposition.of(response.statusCode(), response.getHeader("content-type"));
        if (disposition != Disposition.RELAY) {
            return Refusal
                    .of(UpstreamFault.of(response.statusCode(), response.headers(), disposition, response.body(),
                            time.now()));
        }
        Buffer body = response.body() == null ? Buffer.buffer() : response.body();
        Buffer allowed = response.statusCode() == 200 ? allowed(body, funded.ask().tenancy().tenant()) : body;
        Journal journal = funded.arrival().journal();
        HttpServerResponse to = funded.arrival().response().setStatusCode(response.statusCode());
        Headers.toClient(response.headers(), to.headers());
        ours.add(to, journal, funded.ask().tenancy());
        to.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(allowed.length()));
        journal.bytesOut = allowed.length();
        to.end(allowed);
        return Future.succeededFuture(Answer.relayed(response.statusCode()));
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
