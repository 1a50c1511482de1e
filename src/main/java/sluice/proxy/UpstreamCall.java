package sluice.proxy;

import io.vertx.core.Future;
import sluice.upstream.call.UpstreamRequest;

/** One request to the upstream and its answer. Closing it cuts whatever is not over. */
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

    /** Its body is on its way; the future completes when the socket has taken the last byte. */
    void sending(Future<Void> body) {
        sending = body;
    }

    /** Whether its body is still on its way. */
    boolean sending() {
        return !sending.isComplete();
    }

    /** Whether the socket has taken all of it, so that whoever reads it may act on it. */
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

    /** Cuts whatever is not over. */
    void close() {
        if (answered && whole()) {
            return;
        }
        request.cut();
    }
}
