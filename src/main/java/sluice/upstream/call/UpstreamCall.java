package sluice.upstream.call;

import io.vertx.core.Future;

/** One request to the upstream and its answer. Closing it cuts off whatever is unfinished. */
public final class UpstreamCall {
    private final UpstreamRequest request;
    private Future<Void> sending = Future.failedFuture("not begun");
    private boolean answered;

    /** Takes a request that has its connection and has not been sent. */
    public UpstreamCall(UpstreamRequest request) {
        this.request = request;
    }

    public UpstreamRequest request() {
        return request;
    }

    /** Its body is being sent; the future completes when the socket has accepted the last byte. */
    public void sending(Future<Void> body) {
        sending = body;
    }

    /** Whether its body is still being sent. */
    public boolean sending() {
        return !sending.isComplete();
    }

    /** Whether the socket has accepted all of it, so that the upstream may act on it. */
    public boolean whole() {
        return sending.succeeded();
    }

    /** Its answer has ended. */
    public void answered() {
        answered = true;
    }

    /** Whether its answer has ended. */
    public boolean isAnswered() {
        return answered;
    }

    /** Cuts off whatever is unfinished. */
    public void close() {
        if (answered && whole()) {
            return;
        }
        request.cut();
    }
}
