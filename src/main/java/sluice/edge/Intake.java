package sluice.edge;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundRequest;
import sluice.inbound.Peer;
import sluice.metrics.AccessLog;
import sluice.metrics.CallId;
import sluice.metrics.CallTrace;
import sluice.metrics.Origin;
import sluice.metrics.Software;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.net.ConnectionEnd;
import sluice.net.Connections;
import sluice.net.Departure;
import sluice.net.ForwardedCertificate;
import sluice.net.Timeouts;
import sluice.openai.Endpoint;
import sluice.openai.Route;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Refuse;
import sluice.proxy.RequestPath;
import sluice.proxy.Welcome;
import sluice.proxy.refusal.Reason;
import sluice.proxy.socket.UpgradeRequest;
import sluice.quota.Ending;
import sluice.upstream.UpstreamClient;

/**
 * Where requests become calls, on one event loop and for one configuration: each is checked by its head and routed,
 * sent down the request path or refused, and recorded once when it is over.
 */
final class Intake {

    /** What outlives a configuration. */
    record Surroundings(Vertx vertx, Connections connections, AccessLog log, Timeouts unread) {}

    /** The endpoint label of requests that are refused here. */
    private static final String NO_ENDPOINT = "none";

    private final Vertx vertx;
    private final Services services;
    private final Connections connections;
    private final AccessLog log;
    private final Timeouts unread;
    private final RequestPath path;
    private final Refuse refuse;
    private final Welcome welcome;
    private final UpstreamClient upstream;
    private final Provenance provenance;

    Intake(Surroundings around, Services services, RequestPath path, Refuse refuse, Welcome welcome,
            UpstreamClient upstream) {
        this.vertx = around.vertx();
        this.connections = around.connections();
        this.log = around.log();
        this.unread = around.unread();
        this.services = services;
        this.path = path;
        this.refuse = refuse;
        this.welcome = welcome;
        this.upstream = upstream;
        this.provenance = new Provenance(services.listen().peers().trustedProxies(), services.trust());
    }

    /** Stage 0: turns a request into an arrival, or refuses it for its head or its route. */
    void take(HttpServerRequest request) {
        Peer peer;
        try {
            peer = provenance.of(request);
        } catch (ForwardedCertificate.Malformed unclear) {
            refuse(request, inbound(request, provenance.direct(request)), new Reason.BadHeader(Provenance.CERTIFICATE,
                    "what Envoy writes, such as 'Hash=…;URI=spiffe://cluster.local/ns/search/sa/indexer'"));
            return;
        }
        VertxRequest inbound = inbound(request, peer);
        if (services.drain().leaving()) {
            connections.tell(request.connection());
        }
        Optional<Reason> fault = HeadRule.fault(inbound, request.authority());
        if (fault.isPresent()) {
            refuse(request, inbound, fault.get());
            return;
        }
        Route route = Route.of(request.method().name(), HeadRule.originForm(inbound.target()),
                UpgradeRequest.isOne(inbound));
        if (services.drain().refuses(connections.isLate(request.connection()))) {
            refuse(request, inbound, new Reason.Draining(Ending.NOT_SENT));
            return;
        }
        switch (route) {
            case Route.Known known -> {
                Departure departure = new Departure();
                Untaken untaken = new Untaken();
                request.response().closeHandler(closed -> {
                    untaken.taken();
                    if (!request.response().ended()) {
                        departure.happened();
                    }
                });
                request.response().exceptionHandler(broken -> {
                    // The close handler deals with it.
                });
                Stopwatch times = new Stopwatch(services.time());
                Origin origin = origin(inbound, known.endpoint().label());
                CallTrace trace = services.tracing().begin(origin, request.headers());
                connections.begun();
                upstream.hold();
                path.take(new Arrival(inbound, known, origin, times, trace, departure)).onComplete(done -> {
                    upstream.release();
                    connections.over(request.connection());
                    untaken.cutLater(request, done.result().told().bytes());
                    record(origin, times, trace, done.result());
                });
            }
            case Route.Unknown() ->
                refuse(request, inbound, new Reason.UnknownUrl(request.method().name(), inbound.path()));
            case Route.WrongMethod(var allowed) -> refuse(request, inbound, allowed.equals(List.of(Endpoint.WEBSOCKET))
                    ? new Reason.UpgradeRequired(inbound.path())
                    : new Reason.WrongMethod(request.method().name(), inbound.path(), allowed.stream()
                            .filter(method -> !method.equals(Endpoint.WEBSOCKET)).collect(Collectors.joining(", "))));
            case Route.NoUpgrade() -> refuse(request, inbound, new Reason.UpgradeNotSupported(inbound.path()));
            case Route.Malformed(String why) -> {
                if (Welcome.isAskedFor(inbound)) {
                    welcome(request, inbound);
                } else {
                    refuse(request, inbound, new Reason.MalformedPath(why));
                }
            }
        }
    }

    /**
     * Over HTTP/2, a finished answer may still wait for its peer while the connection makes progress. Pending writes
     * cannot be inspected there, so each byte gets its time; after that the connection is closed, since streams that
     * have ended cannot be reset. Nor can handlers be added to them any more, so an earlier one reports their end.
     */
    private final class Untaken {
        private Timeouts.@Nullable Timeout timeout;

        void cutLater(HttpServerRequest request, long bytes) {
            HttpServerResponse response = request.response();
            if (response.streamId() < 0 || response.closed()) {
                return;
            }
            long atFloor = TimeUnit.SECONDS.toMillis(bytes / services.listen().peers().bodyFloor());
            timeout = unread.start(() -> vertx.setTimer(Math.max(1, atFloor), slow -> {
                if (!response.closed() && request.isEnded()) {
                    ConnectionEnd.abort(request.connection());
                }
            }));
        }

        void taken() {
            if (timeout != null) {
                timeout.cancel();
            }
        }
    }

    private VertxRequest inbound(HttpServerRequest request, Peer peer) {
        return new VertxRequest(request, connections::claim, peer,
                connections.lastCredential(request.connection()));
    }

    private void refuse(HttpServerRequest request, VertxRequest inbound, Reason reason) {
        answer(request, inbound, (origin, times) -> refuse.apply(inbound, origin, times, reason));
    }

    private void welcome(HttpServerRequest request, VertxRequest inbound) {
        answer(request, inbound, (origin, times) -> welcome.apply(inbound, origin, times));
    }

    /** Answers without the request path. */
    private void answer(HttpServerRequest request, VertxRequest inbound,
            BiFunction<Origin, Stopwatch, Future<Answer>> answering) {
        Stopwatch times = new Stopwatch(services.time());
        Origin origin = origin(inbound, NO_ENDPOINT);
        Untaken untaken = new Untaken();
        request.response().closeHandler(closed -> untaken.taken());
        answering.apply(origin, times).onComplete(done -> {
            connections.answered(request.connection());
            untaken.cutLater(request, done.result().told().bytes());
            record(origin, times, CallTrace.OFF, done.result());
        });
    }

    private Origin origin(InboundRequest request, String endpoint) {
        String id = CallId.at(services.time().now());
        return new Origin(id, request.method().name(), endpoint, request.peer().address(),
                Software.of(request.headers()));
    }

    /** Records a call that is over, once. */
    private void record(Origin origin, Stopwatch times, CallTrace trace, Answer answer) {
        Spent spent = services.recorder().call(origin, answer.facts(), answer.told(), times.stop());
        log.write(spent);
        trace.over(spent);
    }

    /** Refuses what cannot be parsed as a request. */
    void takeInvalid(HttpServerRequest request) {
        refuse(request, inbound(request, provenance.direct(request)), malformed(request));
    }

    private static Reason malformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof TooLongHttpLineException) {
            return new Reason.MalformedHttp(414, "The request line is too long.");
        }
        return cause instanceof TooLongHttpHeaderException
                ? new Reason.MalformedHttp(431, "The request headers are too large.")
                : new Reason.MalformedHttp(400, "The request is not valid HTTP.");
    }
}
