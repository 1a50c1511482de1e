package sluice.proxy.socket;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sluice.account.KeyProbe;
import sluice.account.LiveAccount;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.net.SocketWire;
import sluice.net.SubProtocols;
import sluice.net.Timeouts;
import sluice.openai.Endpoint;
import sluice.openai.QueryModels;
import sluice.openai.StoredRoute;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Headers;
import sluice.proxy.Patience;
import sluice.proxy.Stage;
import sluice.proxy.owned.CheckOwner;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Reason.ModelNotServed.Bound;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.schedule.Need;
import sluice.tenancy.Tenant;
import sluice.upstream.Account;
import sluice.upstream.ApiKey;
import sluice.upstream.Disposition;
import sluice.upstream.Fault;
import sluice.upstream.UpstreamClient;

/**
 * Opens a WebSocket to an account, usually the tenant's home account, then to the caller, and relays between them until
 * one closes. The {@code while…} methods give back what it takes.
 */
public final class Converse implements Stage<Admitted, Answer> {
    /**
     * The bounds of WebSockets.
     *
     * @param idle              the longest silence in both directions
     * @param maxAge            after which one is closed
     * @param maxMessageBytes   the largest message of either side
     * @param messagesPerSecond from a caller; beyond that, reading is delayed
     */
    public record Settings(Duration idle, Duration maxAge, int maxMessageBytes, int messagesPerSecond) {}

    /** The timeouts that all talks on one event loop share. */
    private record Waits(Timeouts connect, Timeouts silence, Timeouts deaf) {}

    private final Vertx vertx;
    private final UpstreamClient upstream;
    private final Means means;
    private final ActiveTalks active;
    private final Waits waits;
    private final KeyProbe probe;

    public Converse(Vertx vertx, UpstreamClient upstream, Means means, ActiveTalks active) {
        this.vertx = vertx;
        this.upstream = upstream;
        this.means = means;
        this.active = active;
        Duration idle = means.settings().idle();
        Duration deaf = means.writeIdle();
        this.waits = new Waits(timeouts(means.connect()), timeouts(idle),
                timeouts(idle.compareTo(deaf) < 0 ? idle : deaf));
        this.probe = new KeyProbe(means.time());
    }

    private Timeouts timeouts(Duration length) {
        return new Timeouts(vertx, means.time(), length);
    }

    @Override
    public Future<Answer> apply(Admitted admitted) {
        Arrival arrival = admitted.arrival();
        List<String> models = QueryModels.of(arrival.request().target());
        Reason refusal = UpgradeRequest.fault(arrival.request());
        if (refusal == null) {
            refusal = judge(admitted.declared(), models);
        }
        if (refusal != null) {
            return Refusal.of(refusal);
        }
        Patience patience;
        try {
            patience = Patience.of(arrival.request().headers(), admitted.tenancy());
        } catch (Patience.Unclear unclear) {
            return Refusal.of(unclear.reason());
        }
        String model = models.isEmpty() ? "" : models.getFirst();
        LiveAccount account = account(admitted, model);
        if (!account.serves(model)) {
            return Refusal.of(new Reason.ModelNotServed(model,
                    storesNothing(admitted.endpoint()) ? Bound.NOTHING : Bound.SOCKET));
        }
        Holder holder = admitted.holder();
        Room room = upstream.takeSocket(holder);
        if (!room.given()) {
            return Refusal.of(new Reason.Overloaded(Reason.Overloaded.SOCKETS, room));
        }
        Spoken spoken = new Spoken(admitted, model, account.name());
        return Stage.begun(() -> means.ownership().check(spoken, named(spoken))
                .compose(own -> whileOpening(spoken, account))
                .compose(theirs -> whileOpenUpstream(spoken, account, patience, theirs)))
                .recover(failure -> Future.failedFuture(Refusal.known(failure, spoken)))
                .onComplete(over -> upstream.giveBackSocket(holder));
    }

    /** The home account or, for a session that stores nothing, the first account that serves its model. */
    private LiveAccount account(Admitted admitted, String model) {
        LiveAccount home = Objects.requireNonNull(means.capacities().get(admitted.declared().home()));
        return storesNothing(admitted.endpoint())
                ? admitted.declared().accounts().stream().map(means.capacities()::get).filter(Objects::nonNull)
                        .filter(account -> account.serves(model)).findFirst().orElse(home)
                : home;
    }

    private static boolean storesNothing(Endpoint endpoint) {
        return endpoint == Endpoint.REALTIME_SOCKET || endpoint == Endpoint.REALTIME_TRANSLATIONS;
    }

    /** The stored objects that its path names. */
    private static List<String> named(Spoken spoken) {
        StoredRoute route = CheckOwner.route(spoken);
        return route == null || route.id().isEmpty() ? List.of() : List.of(route.id());
    }

    private static @Nullable Reason judge(Tenant tenant, List<String> models) {
        if (models.size() > 1) {
            return new Reason.TwoModels(models.getFirst());
        }
        return models.isEmpty() || tenant.mayUse(models.getFirst())
                ? null
                : new Reason.ModelNotAllowed(models.getFirst());
    }

    private Future<WebSocket> whileOpening(Spoken spoken, LiveAccount account) {
        Opening opening = new Opening(spoken.caller());
        Timeouts.Timeout late = waits.connect().start(opening::late);
        active.add(opening);
        return Stage.begun(() -> opening.run(abandoned -> open(spoken, account, abandoned)))
                .onComplete(over -> {
                    late.cancel();
                    active.remove(opening);
                });
    }

    private Future<WebSocket> open(Spoken spoken, LiveAccount account, Future<Void> abandoned) {
        Arrival arrival = spoken.arrival();
        Account address = upstream.account(account.name()).account();
        ApiKey key = account.watch().key();
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        Headers.toUpstream(arrival.request().headers(), headers, address, key, false);
        long sentAt = means.time().nanos();
        return upstream
                .connect(address, arrival.route().target(), headers, SubProtocols.passing(arrival.request().headers()),
                        abandoned)
                .onComplete(done -> arrival.times().upstream(means.time().nanos() - sentAt))
                .onSuccess(socket -> {
                    means.meters().upstream(account.name(), "101");
                    account.watch().accepted(key, sentAt);
                })
                .recover(failure -> abandoned.isComplete()
                        ? Future.failedFuture(failure)
                        : refused(spoken, account, key, failure));
    }

    private Future<WebSocket> refused(Spoken spoken, LiveAccount account, ApiKey key, Throwable failure) {
        if (!(failure instanceof UpgradeRejectedException rejected)) {
            means.meters().upstream(account.name(), "unreachable");
            account.watch().unreachable(upstream.account(account.name()).why(failure), failure);
            return Refusal.of(new Reason.UpstreamUnreachable());
        }
        int status = rejected.getStatus();
        means.meters().upstream(account.name(), Integer.toString(status));
        Disposition disposition = Disposition.of(status, rejected.getHeaders().get(HttpHeaders.CONTENT_TYPE));
        if (disposition == Disposition.RELAY || disposition == Disposition.WRAP) {
            return Refusal.of(new Reason.UpgradeRefused(status));
        }
        Fault fault = Fault.of(status, rejected.getHeaders(), disposition, rejected.getBody(), means.time().now());
        account.watch().met(new Need(spoken.tenant(), spoken.model(), "", 0), fault);
        if (fault instanceof Fault.RejectedKey) {
            account.watch().suspected(key, () -> probe.rejects(upstream.account(account.name()), key));
        }
        return Refusal.of(new Reason.UpstreamFault(fault));
    }

    private Future<Answer> whileOpenUpstream(Spoken spoken, LiveAccount account, Patience patience,
            WebSocket theirs) {
        theirs.pause();
        SocketWire wire = SocketWire.of(theirs);
        account.lines(1);
        return Stage.begun(() -> accept(spoken.arrival())
                .compose(ours -> whileBothOpen(spoken, account, patience, ours, theirs, wire)))
                .onComplete(over -> {
                    account.lines(-1);
                    wire.cut();
                });
    }

    private Future<ServerWebSocket> accept(Arrival arrival) {
        if (arrival.departure().gone()) {
            return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        }
        if (!arrival.request().endsHttp()) {
            // Vert.x would lose what arrived after it, and never continue reading.
            return Refusal.of(new Reason.MalformedHttp(400,
                    "Nothing may follow a WebSocket request before its answer."));
        }
        return Stage.begun(() -> {
            arrival.response().header(Headers.REQUEST_ID, arrival.origin().id());
            return arrival.request().toWebSocket();
        }).recover(gone -> Refusal.of(new Reason.ClientGone(Ending.NOT_SENT)));
    }

    private Future<Answer> whileBothOpen(Spoken spoken, LiveAccount account, Patience patience,
            ServerWebSocket ours, WebSocket theirs, SocketWire theirWire) {
        SocketWire wire = SocketWire.of(ours);
        TalkCharges charges = new TalkCharges(vertx, means, spoken, account, patience);
        return Stage.begun(() -> whileTalking(new Talk(vertx, means, spoken.caller(), charges,
                new Talk.Sockets(ours, wire, theirs, theirWire), waits.silence(), waits.deaf())))
                .onComplete(over -> {
                    charges.close(false);
                    wire.cut();
                });
    }

    private Future<Answer> whileTalking(Talk talk) {
        return Stage.begun(() -> {
            Future<Answer> over = talk.run();
            active.add(talk);
            return over;
        }).onComplete(over -> {
            active.remove(talk);
            talk.stopTimers();
        });
    }
}
