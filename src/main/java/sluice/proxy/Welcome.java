package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import sluice.inbound.Discard;
import sluice.inbound.InboundRequest;
import sluice.inbound.InboundResponse;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.proxy.Exchange.Answer;
import sluice.quota.Ending;

/** Answers {@code GET /} for anyone who opens the gateway's address: what this is, and how to use it. Needs no key. */
public final class Welcome {
    private static final Buffer TEXT = new JsonObject().put("name", "Sluice")
            .put("description", "A gateway to the OpenAI API.").put("base_path", "/v1")
            .put("message", "Set your SDK's base URL to this address followed by /v1, and use the key you were given.")
            .toBuffer();

    private final Vertx vertx;
    private final GatewayHeaders gatewayHeaders;

    public Welcome(Vertx vertx, GatewayHeaders gatewayHeaders) {
        this.vertx = vertx;
        this.gatewayHeaders = gatewayHeaders;
    }

    /** Whether a request, whose path is no route, is for the root. */
    public static boolean isAskedFor(InboundRequest request) {
        return request.target().equals("/")
                && (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD));
    }

    /** Answers it. */
    public Future<Answer> apply(InboundRequest request, Origin origin, Stopwatch times) {
        return Discard.rest(vertx, request).map(clean -> write(request, origin, times, clean));
    }

    private Answer write(InboundRequest request, Origin origin, Stopwatch times, boolean clean) {
        InboundResponse response = request.response();
        if (response.isEnded() || response.isClosed()) {
            return new Answer(Facts.NONE, new Spent.Told(499, Outcome.CLIENT_GONE, "", 0, ModelUse.nothing()),
                    Ending.NOT_SENT);
        }
        response.status(200);
        response.header(HttpHeaders.CONTENT_TYPE, "application/json");
        response.header(HttpHeaders.CACHE_CONTROL, "no-store");
        response.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(TEXT.length()));
        gatewayHeaders.add(response, origin, times, Facts.NONE, null);
        if (!clean) {
            response.closing();
        }
        if (request.method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(TEXT);
        }
        return new Answer(Facts.NONE, new Spent.Told(200, Outcome.ANSWERED, "", TEXT.length(), ModelUse.nothing()),
                Ending.NOT_SENT);
    }
}
