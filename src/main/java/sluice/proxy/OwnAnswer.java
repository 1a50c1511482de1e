package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import sluice.inbound.Discard;
import sluice.inbound.InboundResponse;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.OfCaller;
import sluice.quota.Ending;

/**
 * Gives a call an answer of the gateway's own, with status 200. The rest of the call's body is discarded first, within
 * bounds. If it took a request, that stays spent, to discourage polling.
 */
final class OwnAnswer {
    private final Vertx vertx;
    private final GatewayHeaders gatewayHeaders;

    OwnAnswer(Vertx vertx, GatewayHeaders gatewayHeaders) {
        this.vertx = vertx;
        this.gatewayHeaders = gatewayHeaders;
    }

    Future<Answer> give(OfCaller call, String type, Buffer body) {
        return Discard.rest(vertx, call.request()).map(clean -> write(call, type, body, clean));
    }

    private Answer write(OfCaller call, String type, Buffer body, boolean clean) {
        InboundResponse response = call.arrival().response();
        if (response.isClosed()) {
            return new Answer(call, new Spent.Told(499, Outcome.CLIENT_GONE, "", 0, ModelUse.nothing()),
                    Ending.NOT_RUN);
        }
        response.header(HttpHeaders.CONTENT_TYPE, type);
        response.header(HttpHeaders.CACHE_CONTROL, "no-store");
        response.header("x-request-id", call.origin().requestId());
        gatewayHeaders.add(response, call);
        if (!clean) {
            response.closing();
        }
        if (call.request().method().equals(HttpMethod.HEAD)) {
            response.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
            response.end();
        } else {
            response.end(body);
        }
        if (!clean && response.isMultiplexed()) {
            Discard.andStop(vertx, call.request());
        }
        return new Answer(call, new Spent.Told(200, Outcome.ANSWERED, "", body.length(), ModelUse.nothing()),
                Ending.NOT_RUN);
    }
}
