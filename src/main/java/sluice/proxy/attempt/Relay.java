package sluice.proxy.attempt;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.OptionalLong;
import sluice.cache.AnswerCache;
import sluice.cache.Flight;
import sluice.cache.Leader;
import sluice.cache.WholeAnswer;
import sluice.inbound.InboundResponse;
import sluice.isolation.Bulkhead;
import sluice.metrics.GatewayMeters;
import sluice.metrics.ModelUse;
import sluice.net.Timeouts;
import sluice.openai.Endpoint;
import sluice.openai.EndpointClass;
import sluice.openai.MadeObjects;
import sluice.openai.Served;
import sluice.openai.StoredRoute;
import sluice.openai.StreamEnd;
import sluice.openai.Trait;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.body.HeldBody;
import sluice.proxy.body.Payload;
import sluice.proxy.owned.Ownership;
import sluice.proxy.refusal.ErrorResponse;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.time.Time;
import sluice.upstream.call.UpstreamResponse;

/**
 * Relays the answer to the caller as it arrives, and to those that follow it, learns its usage, and offers it to the
 * cache. Once the head is written nothing fails any more: the way the answer ends shows what happened.
 */
public final class Relay implements Stage<Opened, Answer> {
    /** Anything below is not a final answer. */
    private static final int FIRST_STATUS = 200;
    private static final int FIRST_REDIRECT = 300;
    private static final String EVENTS = "text/event-stream";

    private final Vertx vertx;
    private final AnswerCache cache;
    private final Bulkhead recordings;
    private final GatewayHeaders gatewayHeaders;
    private final Timeouts idle;
    private final Timeouts unread;
    private final GatewayMeters meters;
    private final ActiveCalls active;
    private final Ownership ownership;
    private final Time time;

    public Relay(Vertx vertx, AnswerCache cache, Bulkhead recordings, GatewayHeaders gatewayHeaders, Timeouts idle,
            Timeouts unread,
            GatewayMeters meters, ActiveCalls active,
            Ownership ownership, Time time) {
        this.vertx = vertx;
        this.cache = cache;
        this.recordings = recordings;
        this.gatewayHeaders = gatewayHeaders;
        this.idle = idle;
        this.unread = unread;
        this.meters = meters;
        this.active = active;
        this.ownership = ownership;
        this.time = time;
    }

    @Override
    public Future<Answer> apply(Opened opened) {
        int status = opened.response().status();
        if (status < FIRST_STATUS || status > ErrorResponse.LAST_STATUS) {
            return Refusal.of(new Reason.UpstreamStatus(status));
        }
        long begun = time.nanos();
        boolean events = isEvents(opened);
        writeHead(opened, events);
        opened.arrival().trace().relaying();
        Payload payload = telling(opened, events
                ? new Payload.Events(opened.endpoint(), asksForUsage(opened))
                : new Payload.Plain(opened.endpoint().usageAt()));
        begin(opened, events);
        Pump pump = new Pump(vertx, opened, payload, idle, unread, time);
        active.add(pump);
        meters.streams(events ? 1 : 0);
        Future<Answer> relayed = Stage.begun(pump::run);
        if (active.isRevoked(pump.credential())) {
            pump.revoked();
        }
        return relayed.onComplete(over -> {
            active.remove(pump);
            meters.streams(events ? -1 : 0);
            opened.times().upstream(time.nanos() - begun - opened.times().blocked());
            if (over.succeeded() && payload.whole()) {
                keep(opened, events, served(over.result()));
            }
        });
    }

    /** Objects made by an answer belong to its caller from the moment the caller may learn of them. */
    private Payload telling(Opened opened, Payload payload) {
        int status = opened.response().status();
        if (status >= FIRST_REDIRECT || !ownership.kept() || !mayMakeObjects(opened)) {
            return payload;
        }
        StoredRoute route = StoredRoute.of(opened.arrival().route().target());
        String method = opened.request().method().name();
        if (route != null && !route.id().isEmpty()) {
            if (method.equals("DELETE") && route.isObject()) {
                ownership.gone(opened, route.id());
            } else if (opened.endpoint() == Endpoint.LIVE_CALLS && route.below().equals("accept")) {
                ownership.made(opened, route.kind(), route.id());
            }
        }
        // Only tools that run upstream make more than the answer itself.
        boolean onlyOne = opened.endpoint().endpointClass() == EndpointClass.INFERENCE
                && !opened.envelope().traits().contains(Trait.HOSTED_TOOL);
        return new Payload.Telling(payload, new MadeObjects(opened.endpoint(), route, method, onlyOne,
                (kind, id) -> ownership.made(opened, kind, id)));
    }

    private boolean mayMakeObjects(Opened opened) {
        Endpoint endpoint = opened.endpoint();
        return endpoint.endpointClass().hasOwners() || endpoint == Endpoint.LIVE_CALLS
                || (endpoint.endpointClass() == EndpointClass.INFERENCE && opened.envelope().stores(endpoint)
                        && ownership.isShared(opened));
    }

    /** Whether the usage in its stream is for the gateway alone. */
    private static boolean asksForUsage(Opened opened) {
        return opened.body() instanceof HeldBody body && body.asksForUsage();
    }

    /** Whether it is an event stream that can be read here. */
    private static boolean isEvents(Opened opened) {
        String type = opened.response().header(HttpHeaders.CONTENT_TYPE);
        return type != null && type.regionMatches(true, 0, EVENTS, 0, EVENTS.length())
                && opened.endpoint().streamEnd() != StreamEnd.NONE
                && !opened.response().headers().contains(HttpHeaders.CONTENT_ENCODING);
    }

    private void writeHead(Opened opened, boolean events) {
        UpstreamResponse from = opened.response();
        InboundResponse to = opened.arrival().response();
        to.status(from.status());
        Headers.toClient(from.headers(), to.headers());
        if (!from.headers().contains("x-request-id")) {
            to.header("x-request-id", opened.origin().requestId());
        }
        gatewayHeaders.add(to, opened);
        String length = from.header(HttpHeaders.CONTENT_LENGTH);
        if (length != null && !events) {
            to.header(HttpHeaders.CONTENT_LENGTH, length);
        } else if (mayHaveBody(from.status(), opened.request().method())) {
            to.open();
        }
        if (opened.call().sending()) {
            to.closing();
        }
        opened.times().answers();
    }

    private static boolean mayHaveBody(int status, HttpMethod method) {
        return status != 204 && status != 304 && !method.equals(HttpMethod.HEAD);
    }

    /** Others may follow an answer that may be cached. */
    private void begin(Opened opened, boolean events) {
        if (opened.lead().isEmpty()) {
            return;
        }
        Leader lead = opened.lead().get();
        UpstreamResponse from = opened.response();
        if (from.status() != 200) {
            lead.fail();
            return;
        }
        String length = events ? null : from.header(HttpHeaders.CONTENT_LENGTH);
        lead.begin(new Flight.Head(Headers.worthKeeping(from.headers()),
                length == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(length)), events),
                recordings.part(opened.holder()), cache.settings().maxEntryBytes());
    }

    private static Served served(Answer answer) {
        ModelUse use = answer.told().use();
        return new Served(use.model(), use.serviceTier(), use.reported());
    }

    private void keep(Opened opened, boolean events, Served served) {
        opened.lead().ifPresent(lead -> lead.whole().ifPresent(body -> {
            WholeAnswer answer = new WholeAnswer(opened.endpoint(), events, opened.ask().retention(),
                    Headers.worthKeeping(opened.response().headers()), body, served);
            opened.funded().miss().key().ifPresent(key -> cache.offer(key, answer));
            lead.deliver(answer);
        }));
    }
}
