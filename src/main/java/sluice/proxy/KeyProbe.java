package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import sluice.time.Time;
import sluice.upstream.AccountClient;
import sluice.upstream.ApiKey;
import sluice.upstream.Disposition;

/** Asks the upstream for its list of models, which any key may read, to find out whether it rejects the key as such. */
final class KeyProbe {
    private static final long PATIENCE_MILLIS = 10_000;

    private final Vertx vertx;
    private final Time time;

    KeyProbe(Vertx vertx, Time time) {
        this.vertx = vertx;
        this.time = time;
    }

    /** Whether the upstream rejects the key; fails if it does not say. */
    Future<Boolean> rejects(AccountClient client, ApiKey key) {
        return client.http().request(client.options(HttpMethod.GET, "/models")).compose(request -> {
            Headers.toUpstream(MultiMap.caseInsensitiveMultiMap(), request.headers(), client.account(), key, true);
            UpstreamCall call = new UpstreamCall(request);
            call.begin();
            call.sending(request.idleTimeout(PATIENCE_MILLIS).end());
            return request.response().compose(response -> rejects(call, response.pause()))
                    .onComplete(done -> call.close());
        });
    }

    private Future<Boolean> rejects(UpstreamCall call, HttpClientResponse response) {
        Disposition disposition = Disposition.of(response.statusCode(), response.getHeader(HttpHeaders.CONTENT_TYPE));
        return UpstreamFault.read(vertx, call, response, disposition, time.now())
                .map(reason -> reason instanceof Reason.UpstreamRejectedKey);
    }
}
