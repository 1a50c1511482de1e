package sluice.account;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.codec.BodyCodec;
import sluice.net.BeginningOfBody;
import sluice.time.Time;
import sluice.upstream.AccountClient;
import sluice.upstream.ApiKey;
import sluice.upstream.Disposition;
import sluice.upstream.Fault;

/** Asks the upstream for its list of models, which any key may read, to find out whether it rejects the key itself. */
public final class KeyProbe {
    private static final long PATIENCE_MILLIS = 10_000;
    /** Enough for an error; the list itself is not needed. */
    private static final int MOST_BYTES = 64 * 1024;

    private final Time time;

    public KeyProbe(Time time) {
        this.time = time;
    }

    /** Whether the upstream rejects the key; fails if it does not answer. */
    public Future<Boolean> rejects(AccountClient client, ApiKey key) {
        BeginningOfBody body = new BeginningOfBody(MOST_BYTES);
        HttpRequest<Buffer> request = WebClient.wrap(client.http())
                .request(client.options(HttpMethod.GET, "/models")).timeout(PATIENCE_MILLIS);
        client.account().open(request.headers(), key);
        return request.as(BodyCodec.pipe(body)).send().map(response -> rejected(response, body.bytes()));
    }

    private boolean rejected(HttpResponse<Void> response, Buffer body) {
        int status = response.statusCode();
        Disposition disposition = Disposition.of(status, response.getHeader("content-type"));
        return Fault.of(status, response.headers(), disposition, body, time.now()) instanceof Fault.RejectedKey;
    }
}
