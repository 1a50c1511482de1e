package sluice.proxy;

import io.vertx.core.Future;
import sluice.upstream.call.UpstreamRequest;

/** One request to the upstream and its answer. Closing it cuts off whatever is unfinished. */
final class UpstreamCall {
    private final UpstreamRequest request;
    private Future<Void> sending = Future.failedFuture("not begun");
    private boolean answered;

    /** Takes a request that has its connection and has not been sent. */
    UpstreamCall(UpstreamRequest request) {
        this.request = request;
    }

    UpstreamRequest request() {
        return request;
    }

    /** Its body is being sent; the future completes when the socket has accepted the last byte. */
    void sending(Future<Void> body) {
        sending = body;
    }

    /** Whether its body is still being sent. */
    boolean sending() {
        return !sending.isComplete();
    }

    /** Whether the socket has accepted all of it, so that the upstream may act on it. */
    boolean whole() {
        return sending.succeeded();
    }

    /** Its answer has ended. */
    void answered() {
        answered = true;
    }

    /** Whether its answer has ended. */
    boolean isAnswered() {
        return answered;
    }

    /** Cuts off whatever is unfinished. */
    void close() {
        if (answered && whole()) {
            return;
        }
        request.cut();
    }
}
