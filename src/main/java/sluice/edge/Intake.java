package sluice.edge;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import sluice.inbound.InboundRequest;
import sluice.inbound.Peer;
import sluice.metrics.AccessLog;
import sluice.metrics.CallId;
import sluice.metrics.CallTrace;
import sluice.metrics.Origin;
import sluice.metrics.Software;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
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

    private final Services services;
    private final Connections connections;
    private final AccessLog log;
    private final VertxReceived.Untaken untaken;
    private final RequestPath path;
    private final Refuse refuse;
    private final Welcome welcome;
    private final UpstreamClient upstream;
    private final Provenance provenance;

    Intake(Surroundings around, Services services, RequestPath path, Refuse refuse, Welcome welcome,
            UpstreamClient upstream) {
        this.connections = around.connections();
        this.log = around.log();
        this.services = services;
        this.untaken = new VertxReceived.Untaken(around.vertx(), around.unread(),
                services.listen().peers().bodyFloor());
        this.path = path;
        this.refuse = refuse;
        this.welcome = welcome;
        this.upstream = upstream;
        this.provenance = new Provenance(services.listen().peers().trustedProxies(), services.trust());
    }

    /**
     * Takes a request that Vert.x has read.
     *
     * @param times since it arrived
     */
    void take(HttpServerRequest request, Stopwatch times) {
        take(received(request), times, inbound -> HeadRule.fault(inbound, request.authority()));
    }

    /** Takes a request whose head has been checked as it was read. */
    void take(PlainRequest request, Stopwatch times) {
        take(request, times, inbound -> Optional.empty());
    }

    /** Stage 0: turns a request into an arrival, or refuses it for its head or its route. */
    private void take(Received received, Stopwatch times, Function<InboundRequest, Optional<Reason>> rule) {
        Peer peer;
        try {
            peer = provenance.of(received);
        } catch (ForwardedCertificate.Malformed unclear) {
            refuse(received, times, received.from(provenance.direct(received)),
                    new Reason.BadHeader(Provenance.CERTIFICATE,
                            "what Envoy writes, such as 'Hash=…;URI=spiffe://cluster.local/ns/search/sa/indexer'"));
            return;
        }
        InboundRequest inbound = received.from(peer);
        HttpConnection connection = received.connection();
        if (services.drain().leaving()) {
            connections.tell(connection);
        }
        Optional<Reason> fault = rule.apply(inbound);
        if (fault.isPresent()) {
            refuse(received, times, inbound, fault.get());
            return;
        }
        Route route = Route.of(inbound.method().name(), HeadRule.originForm(inbound.target()),
                UpgradeRequest.isOne(inbound));
        if (services.drain().refuses(connections.isLate(connection))) {
            refuse(received, times, inbound, new Reason.Draining(Ending.NOT_SENT));
            return;
        }
        switch (route) {
            case Route.Known known -> call(received, times, inbound, known);
            case Route.Unknown() ->
                refuse(received, times, inbound, new Reason.UnknownUrl(inbound.method().name(), inbound.path()));
            case Route.UnknownOwn() -> refuse(received, times, inbound,
                    new Reason.UnknownOwnUrl(inbound.method().name(), inbound.path()));
            case Route.WrongMethod(var allowed) -> refuse(received, times, inbound,
                    allowed.equals(List.of(Endpoint.WEBSOCKET))
                            ? new Reason.UpgradeRequired(inbound.path())
                            : new Reason.WrongMethod(inbound.method().name(), inbound.path(), allowed.stream()
                                    .filter(method -> !method.equals(Endpoint.WEBSOCKET))
                                    .collect(Collectors.joining(", "))));
            case Route.NoUpgrade() -> refuse(received, times, inbound, new Reason.UpgradeNotSupported(inbound.path()));
            case Route.Malformed(String why) -> {
                if (Welcome.isAskedFor(inbound)) {
                    answer(received, times, inbound, origin -> welcome.apply(inbound, origin, times));
                } else {
                    refuse(received, times, inbound, new Reason.MalformedPath(why));
                }
            }
        }
    }

    /** Sends a call down the request path. */
    private void call(Received received, Stopwatch times, InboundRequest inbound, Route.Known route) {
        Departure departure = new Departure();
        received.onLeave(departure::happened);
        Origin origin = origin(inbound, route.endpoint().label());
        CallTrace trace = services.tracing().begin(origin, received.headers());
        connections.begun();
        upstream.hold();
        path.take(new Arrival(inbound, route, origin, times, trace, departure)).onComplete(done -> {
            upstream.release();
            connections.over(received.connection());
            received.answered(done.result().told().bytes());
            record(origin, times, trace, done.result());
        });
    }

    private Received received(HttpServerRequest request) {
        return new VertxReceived(request, connections::claim, connections.lastCredential(request.connection()),
                untaken);
    }

    private void refuse(Received received, Stopwatch times, InboundRequest inbound, Reason reason) {
        answer(received, times, inbound, origin -> refuse.apply(inbound, origin, times, reason));
    }

    /** Answers without the request path. */
    private void answer(Received received, Stopwatch times, InboundRequest inbound,
            Function<Origin, Future<Answer>> answering) {
        Origin origin = origin(inbound, NO_ENDPOINT);
        received.onLeave(() -> {
            // Its answer goes nowhere.
        });
        answering.apply(origin).onComplete(done -> {
            connections.answered(received.connection());
            received.answered(done.result().told().bytes());
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
    void takeInvalid(HttpServerRequest request, Stopwatch times) {
        Received received = received(request);
        refuse(received, times, received.from(provenance.direct(received)), malformed(request));
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
