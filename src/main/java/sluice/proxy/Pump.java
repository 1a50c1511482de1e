package sluice.proxy;

import sluice.inbound.Discard;
import sluice.inbound.InboundResponse;
import sluice.upstream.call.UpstreamResponse;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.net.IdleWatch;
import sluice.net.Timeouts;
import sluice.openai.OpenAiError;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Opened;
import sluice.proxy.body.Payload;
import sluice.proxy.body.Recording;
import sluice.quota.Ending;
import sluice.time.Time;

/**
 * Relays the body of one answer from the upstream to the caller. A caller that reads slowly pauses the upstream, and
 * that time counts neither as upstream silence nor as the gateway's work. A body that did not arrive whole never ends
 * cleanly.
 */
final class Pump implements ActiveCalls.Call {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);

    private final Vertx vertx;
    private final Opened opened;
    private final UpstreamResponse from;
    private final InboundResponse to;
    private final Payload payload;
    private final Recording recording;
    private final Time time;
    private final Promise<Answer> answer = Promise.promise();
    private final IdleWatch watch;
    /** How much of the declared length is still to arrive; below 0 if none was declared. */
    private long missing;
    private Buffer last = Buffer.buffer();
    private long bytes;
    private boolean blocked;
    private long blockedSince;
    private final Timeouts unread;
    private Timeouts.@Nullable Timeout cut;

    Pump(Vertx vertx, Opened opened, Payload payload, Recording recording, Timeouts idle, Timeouts unread,
            Time time) {
        this.vertx = vertx;
        this.opened = opened;
        this.from = opened.response();
        this.to = opened.arrival().response();
        this.payload = payload;
        this.recording = recording;
        this.time = time;
        this.unread = unread;
        this.missing = missing(from);
        this.watch = new IdleWatch(idle, () -> cutShort("The upstream went silent."));
    }

    private static long missing(UpstreamResponse from) {
        String length = from.header(HttpHeaders.CONTENT_LENGTH);
        return length == null ? -1 : Long.parseLong(length);
    }

    /** Starts. Completes when the answer is over; never fails. */
    Future<Answer> run() {
        opened.departure().onLeave(this::clientGone);
        from.read(piece -> guarded(() -> piece(piece)), () -> guarded(this::ended),
                broken -> cutShort("The upstream closed the connection before its answer was complete."));
        from.resume();
        return answer.future();
    }

    @Override
    public void cut() {
        abort("This replica of the gateway is shutting down.", Outcome.GATEWAY, "draining");
    }

    @Override
    public void revoked() {
        abort("The key has been revoked.", Outcome.TENANT, "invalid_api_key");
    }

    @Override
    public String keyId() {
        return opened.keyId();
    }

    private void piece(Buffer piece) {
        if (answer.future().isComplete()) {
            return;
        }
        watch.heard();
        write(payload.accept(piece));
        if (to.writeQueueFull() && !blocked) {
            blocked = true;
            blockedSince = time.nanos();
            watch.pause();
            from.pause();
            to.drainHandler(this::unblock);
            awaitTaken();
        }
    }

    /**
     * Cuts an HTTP/2 stream if nothing of it is taken for too long; HTTP/1.1 connections are cut elsewhere, as a whole.
     */
    private void awaitTaken() {
        if (to.isMultiplexed()) {
            cut = unread.start(() -> {
                clientGone();
                to.cancel();
            });
        }
    }

    private void taken() {
        if (cut != null) {
            cut.cancel();
            cut = null;
        }
    }

    private void unblock() {
        if (blocked) {
            blocked = false;
            taken();
            watch.resume();
            opened.times().blocked(time.nanos() - blockedSince);
            from.resume();
        }
    }

    /**
     * Holds the last piece of a known length until the end, which arrives with it, so that both are written at once.
     */
    private void write(Buffer out) {
        if (out.length() > 0) {
            bytes += out.length();
            recording.accept(out);
            missing -= out.length();
            if (missing == 0) {
                last = out;
            } else {
                to.write(out);
            }
        }
    }

    private void ended() {
        if (answer.future().isComplete()) {
            return;
        }
        opened.call().answered();
        Buffer rest = payload.end();
        if (payload.whole()) {
            write(rest);
            if (!from.trailers().isEmpty()) {
                Headers.toClient(from.trailers(), to.trailers());
            }
            end();
        } else {
            cutShort("The upstream ended the stream before its end mark.");
        }
    }

    /** A stream that is cut after its end mark is still whole. */
    private void cutShort(String why) {
        if (payload.whole() && !answer.future().isComplete()) {
            end();
        } else {
            abort(why, Outcome.UPSTREAM, "upstream_error");
        }
    }

    /** Ends cleanly. Keeps reading from a caller that is still sending, so that no reset overtakes the answer. */
    private void end() {
        boolean sending = opened.call().sending();
        finish(relayed());
        if (!sending) {
            Future<Void> written = to.end(last);
            if (to.endsWithConnection()) {
                written.onComplete(over -> opened.request().closeConnection());
            }
            return;
        }
        opened.body().release();
        // Over HTTP/1 the head has said that the connection closes.
        to.end(last);
        Discard.andStop(vertx, opened.request());
    }

    /** Reports the fault if the format allows it, and never ends in a way that looks clean. */
    private void abort(String why, Outcome outcome, String code) {
        if (answer.future().isComplete()) {
            return;
        }
        finish(cut(outcome, code));
        if (payload.mayTellError()) {
            OpenAiError error = new OpenAiError(why + " What you have received is incomplete.", "server_error", null,
                    code);
            to.write(error.toEvent(opened.endpoint(), payload.events())).onComplete(told -> to.abort());
        } else {
            to.abort();
        }
    }

    /** A caller that leaves after the end mark received everything. */
    private void clientGone() {
        finish(payload.whole() ? relayed() : cut(Outcome.CLIENT_GONE, ""));
    }

    private Answer relayed() {
        if (payload.failed()) {
            return cut(Outcome.UPSTREAM, "upstream_error");
        }
        return Answer.relayed(opened, from.status(), bytes, payload.served());
    }

    private Answer cut(Outcome outcome, String code) {
        ModelUse use = from.status() >= 400
                ? ModelUse.nothing()
                : opened.used(payload.served(), payload.tokensSoFar());
        return new Answer(opened, new Spent.Told(from.status(), outcome, code, bytes, use), soFar());
    }

    /** What an answer has used that was not relayed to its end, if it does not say: at least its input. */
    private Ending soFar() {
        return new Ending.Used(Math.max(opened.inputTokens(), payload.tokensSoFar()));
    }

    /** An internal fault cuts the answer just like one of the upstream. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            LOG.error("call {} failed while its answer was relayed", opened.origin().id(), fault);
            abort("The gateway failed.", Outcome.GATEWAY, "internal_error");
        }
    }

    private void finish(Answer result) {
        if (answer.tryComplete(result)) {
            watch.stop();
            taken();
            opened.departure().ignore();
            if (blocked) {
                opened.times().blocked(time.nanos() - blockedSince);
            }
        }
    }
}
