package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.metrics.Journal;
import sluice.openai.QueryModels;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.tenant.Tenant;
import sluice.upstream.Account;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;

/** Opens a WebSocket to the tenant's home account, then to the caller, and relays between them until one closes. */
final class Converse implements Stage<Admitted, Answer> {
    private final Vertx vertx;
    private final UpstreamClient upstream;
    private final Services services;
    private final ActiveTalks active;
    private final Timeouts idle;

    Converse(Vertx vertx, UpstreamClient upstream, Services services, ActiveTalks active) {
        this.vertx = vertx;
        this.upstream = upstream;
        this.services = services;
        this.active = active;
        this.idle = new Timeouts(vertx, services.time(), services.listen().sockets().idle());
    }

    @Override
    public Future<Answer> apply(Admitted admitted) {
        Tenant tenant = admitted.caller().tenancy().tenant();
        Journal journal = admitted.caller().arrival().journal();
        List<String> models = QueryModels.of(admitted.caller().arrival().request().uri());
        if (models.size() > 1) {
            return Refusal.of(new Reason.TwoModels(models.getFirst()));
        }
        for (String model : models) {
            journal.model = model;
            if (!tenant.mayUse(model)) {
                return Refusal.of(new Reason.ModelNotAllowed(model));
            }
        }
        Patience patience;
        try {
            patience = Patience.of(admitted.caller().arrival().request().headers(), admitted.caller().tenancy());
        } catch (Patience.Unclear unclear) {
            return Refusal.of(unclear.reason());
        }
        AccountCapacity home = Objects.requireNonNull(services.capacities().get(tenant.home()));
        Holder holder = admitted.caller().tenancy().holder();
        Room room = upstream.takeSocket(holder);
        if (!room.given()) {
            return Refusal.of(new Reason.Overloaded(Reason.Overloaded.SOCKETS, room));
        }
        return open(admitted, home).compose(theirs -> accept(admitted, theirs).compose(ours -> {
            Talk talk = new Talk(vertx, services, idle, admitted, home, patience, ours, theirs);
            active.add(talk);
            return talk.run().onComplete(over -> active.remove(talk));
        })).onComplete(over -> upstream.giveBackSocket(holder));
    }

    private Future<WebSocket> open(Admitted admitted, AccountCapacity home) {
        Exchange.Arrival arrival = admitted.caller().arrival();
        Journal journal = arrival.journal();
        journal.account = home.name();
        journal.attempts = 1;
        Account account = upstream.account(home.name()).account();
        ApiKey key = home.key();
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        Headers.toUpstream(arrival.request().headers(), headers, account, key, false);
        // The handshake with the upstream is one of its own.
        Set.copyOf(headers.names()).stream().filter(name -> name.startsWith("sec-websocket-")).forEach(headers::remove);
        long sentAt = services.time().nanos();
        return upstream.connect(arrival.route().target(), headers, SubProtocols.passing(arrival.request().headers()))
                .onComplete(done -> journal.upstreamNanos += services.time().nanos() - sentAt)
                .onSuccess(socket -> services.meters().upstream(home.name(), "101"))
                .recover(failure -> refused(home, key, failure));
    }

    private Future<WebSocket> refused(AccountCapacity home, ApiKey key, Throwable failure) {
        if (!(failure instanceof UpgradeRejectedException rejected)) {
            services.meters().upstream(home.name(), "unreachable");
            home.failed();
            return Refusal.of(new Reason.UpstreamUnreachable());
        }
        int status = rejected.getStatus();
        services.meters().upstream(home.name(), Integer.toString(status));
        return switch (status) {
            case 401 -> {
                home.rejected(key);
                yield Refusal.of(new Reason.UpstreamRejectedAccount(status));
            }
            case 403 -> Refusal.of(new Reason.UpstreamRejectedAccount(status));
            case 402, 429 -> Refusal.of(new Reason.UpstreamQuota(TimeUnit.SECONDS.toNanos(1)));
            default -> Refusal.of(new Reason.UpgradeRefused(status));
        };
    }

    private Future<ServerWebSocket> accept(Admitted admitted, WebSocket theirs) {
        HttpServerRequest request = admitted.caller().arrival().request();
        theirs.pause();
        request.response().putHeader(Headers.REQUEST_ID, admitted.caller().arrival().journal().id);
        return request.toWebSocket().onFailure(gone -> theirs.close())
                .recover(gone -> Refusal.of(new Reason.ClientGone(false)));
    }
}
