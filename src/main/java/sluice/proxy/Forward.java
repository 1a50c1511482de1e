package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Journal;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Granted;
import sluice.proxy.Exchange.Opened;
import sluice.time.Time;
import sluice.upstream.AccountClient;
import sluice.upstream.Disposition;

/**
 * Sends the call upstream and waits for the head of its answer. A call whose connection had served before and dies
 * without a byte of an answer is sent once more, over a new connection and with a permit of its own: the upstream had
 * most likely closed it already.
 */
final class Forward implements Stage<Granted, Opened> {
    /** Tells the upstream that its answer is no longer wanted (HTTP/2: CANCEL; HTTP/1.1: the connection closes). */
    static final long CANCEL = 8;

    private final Vertx vertx;
    private final Schedule schedule;
    private final Duration firstByte;
    private final GatewayMeters meters;
    private final Time time;

    Forward(Vertx vertx, Schedule schedule, Duration firstByte, GatewayMeters meters, Time time) {
        this.vertx = vertx;
        this.schedule = schedule;
        this.firstByte = firstByte;
        this.meters = meters;
        this.time = time;
    }

    @Override
    public Future<Opened> apply(Granted granted) {
        return attempt(granted, false);
    }

    private Future<Opened> attempt(Granted granted, boolean onFreshConnection) {
        Arrival arrival = granted.funded().arrival();
        AccountClient client = granted.line().client();
        Journal journal = arrival.journal();
        journal.account = client.account().name();
        journal.attempts++;
        return client.open(HttpMethod.valueOf(arrival.endpoint().method()), arrival.route().target(), onFreshConnection)
                .recover(unreachable -> {
                    meters.upstream(journal.account, "unreachable");
                    granted.permit().giveBack();
                    return Refusal.of(new Reason.UpstreamUnreachable());
                }).compose(ready -> permitted(granted, ready).compose(still -> new Attempt(still, ready).send()))
                .recover(failure -> {
                    granted.line().close();
                    return Refusal.reasonOf(failure) instanceof Reason.UpstreamBroke(boolean stale) && stale
                            ? retry(granted.funded())
                            : Future.failedFuture(failure);
                });
    }

    private Future<Opened> retry(Funded funded) {
        meters.retry(funded.arrival().journal().account, "stale_connection");
        return schedule.again(funded).compose(granted -> attempt(granted, true));
    }

    /** A permit is good for half a second; a call whose connection took longer to open asks for another one. */
    private Future<Granted> permitted(Granted granted, AccountClient.Ready ready) {
        Future<Granted> permitted = granted.permit().fresh()
                ? Future.succeededFuture(granted)
                : schedule.renew(granted);
        return permitted.onFailure(refused -> ready.request().reset(CANCEL));
    }

    /** One request on its way, until the head of its answer. */
    private final class Attempt {
        private final Granted granted;
        private final Arrival arrival;
        private final AccountClient client;
        private final HttpClientRequest request;
        private final boolean reused;
        private final long sentAt = time.nanos();
        private final Promise<Opened> head = Promise.promise();

        Attempt(Granted granted, AccountClient.Ready ready) {
            this.granted = granted;
            this.arrival = granted.funded().arrival();
            this.client = granted.line().client();
            this.request = ready.request();
            this.reused = ready.reused();
        }

        Future<Opened> send() {
            if (arrival.departure().gone()) {
                granted.permit().giveBack();
                request.reset(CANCEL);
                return Refusal.of(new Reason.ClientGone(false));
            }
            Headers.toUpstream(arrival.request().headers(), request.headers(), client.account(), client.key());
            long timer = vertx.setTimer(firstByte.toMillis(), late -> end(new Reason.UpstreamTimeout(), "timeout"));
            arrival.departure().then(() -> end(new Reason.ClientGone(true), "cancelled"));
            granted.permit().sent();
            request.send(granted.funded().ask().body().toBuffer()).onSuccess(this::opened)
                    .onFailure(broken -> end(new Reason.UpstreamBroke(reused), "broken"));
            return head.future().onComplete(over -> {
                vertx.cancelTimer(timer);
                arrival.departure().ignore();
            });
        }

        private void opened(HttpClientResponse response) {
            if (head.future().isComplete()) {
                return;
            }
            response.pause();
            meters.upstream(client.account().name(), Integer.toString(response.statusCode()));
            granted.funded().ask().body().release();
            Disposition disposition = Disposition.of(response.statusCode(),
                    response.getHeader(HttpHeaders.CONTENT_TYPE));
            if (disposition == Disposition.RELAY) {
                head.complete(new Opened(granted, response, sentAt));
            } else {
                UpstreamFault.read(vertx, response, disposition)
                        .onComplete(read -> head.tryFail(new Refusal(read.result())));
            }
        }

        /** Ends without an answer; the first ending counts. */
        private void end(Reason reason, String word) {
            if (head.tryFail(new Refusal(reason))) {
                meters.upstream(client.account().name(), word);
                request.reset(CANCEL);
            }
        }
    }
}
