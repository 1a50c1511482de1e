package sluice.proxy.socket;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import java.util.function.Function;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/**
 * The wait for an upstream WebSocket: it ends when that is open or refused, when its caller leaves or loses its key,
 * when the gateway shuts down, or when it takes too long.
 */
final class Opening implements Conversation {
    private final Caller caller;
    private final Promise<WebSocket> opened = Promise.promise();
    private final Promise<Void> abandoned = Promise.promise();

    Opening(Caller caller) {
        this.caller = caller;
    }

    /**
     * Starts waiting.
     *
     * @param connect opens it, unless its argument completes first
     */
    Future<WebSocket> run(Function<Future<Void>, Future<WebSocket>> connect) {
        caller.departure().onLeave(() -> abandon(new Reason.ClientGone(Ending.NOT_SENT)));
        if (!opened.future().isComplete()) {
            connect.apply(abandoned.future()).onSuccess(opened::tryComplete).onFailure(opened::tryFail);
        }
        return opened.future().onComplete(over -> caller.departure().ignore());
    }

    /** It has taken too long. */
    void late() {
        abandon(new Reason.UpstreamTimeout(false));
    }

    @Override
    public Credential credential() {
        return caller.credential();
    }

    @Override
    public void leave() {
        end();
    }

    @Override
    public void end() {
        abandon(new Reason.Draining(Ending.NOT_SENT));
    }

    @Override
    public void endByRevocation() {
        abandon(new Reason.WrongKey());
    }

    private void abandon(Reason reason) {
        if (opened.tryFail(new Refusal(reason))) {
            abandoned.complete();
        }
    }
}
