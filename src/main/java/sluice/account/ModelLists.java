package sluice.account;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.codec.BodyCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import sluice.net.BeginningOfBody;
import sluice.time.Time;
import sluice.upstream.AccountClient;
import sluice.upstream.UpstreamClient;

/**
 * The lists of models of accounts that a call itself does not ask, for one event loop. Each account is asked at most once
 * a minute; while it does not answer, its last list counts.
 */
public final class ModelLists {
    private static final long PATIENCE_MILLIS = 5_000;
    private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

    private final UpstreamClient upstream;
    private final int mostBytes;
    private final Time time;
    private final Map<String, Asked> asked = new HashMap<>();

    private record Asked(long at, Future<Buffer> list) {

        boolean isFresh(long now) {
            return !list.isComplete() || now - at < KEPT_NANOS;
        }
    }

    /** @param mostBytes of a list; the rest of a longer one is discarded */
    public ModelLists(UpstreamClient upstream, int mostBytes, Time time) {
        this.upstream = upstream;
        this.mostBytes = mostBytes;
        this.time = time;
    }

    /** The body of the account's list; empty if it has never answered. Never fails. */
    public Future<Buffer> of(LiveAccount account) {
        long now = time.nanos();
        Asked last = asked.get(account.name());
        if (last != null && last.isFresh(now)) {
            return last.list();
        }
        Future<Buffer> before = last == null ? Future.succeededFuture(Buffer.buffer()) : last.list();
        Future<Buffer> list = ask(account).recover(away -> before);
        asked.put(account.name(), new Asked(now, list));
        return list;
    }

    private Future<Buffer> ask(LiveAccount account) {
        AccountClient client = upstream.account(account.name());
        BeginningOfBody body = new BeginningOfBody(mostBytes);
        HttpRequest<Buffer> request = WebClient.wrap(client.http())
                .request(client.options(HttpMethod.GET, "/models")).timeout(PATIENCE_MILLIS);
        client.account().open(request.headers(), account.watch().key());
        return request.as(BodyCodec.pipe(body)).send().compose(response -> whole(response, body));
    }

    private static Future<Buffer> whole(HttpResponse<Void> response, BeginningOfBody body) {
        return response.statusCode() == 200
                ? Future.succeededFuture(body.bytes())
                : Future.failedFuture("status " + response.statusCode());
    }
}
