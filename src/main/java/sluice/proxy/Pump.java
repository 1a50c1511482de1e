package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Journal;
import sluice.metrics.Journal.Outcome;
import sluice.openai.OpenAiError;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Opened;
import sluice.quota.Ending;
import sluice.time.Time;

/**
 * Moves the body of one answer from the upstream to the caller. A caller that reads slowly pauses the upstream, and that
 * time counts neither as the upstream's silence nor as the gateway's work. A body that did not come whole never ends
 * cleanly.
 */
final class Pump {
    /** The reset that tells a peer of a fault on our side (HTTP/2: INTERNAL_ERROR; HTTP/1.1: the connection closes). */
    private static final long ABORT = 2;

    private final Vertx vertx;
    private final Opened opened;
    private final HttpClientResponse from;
    private final HttpServerResponse to;
    private final Payload payload;
    private final Recording recording;
    private final Journal journal;
    private final Time time;
    private final Promise<Answer> answer = Promise.promise();
    private final IdleWatch watch;
    /** Of the length that the upstream has declared, what has not come yet; below 0 if it has declared none. */
    private long missing;
    private Buffer last = Buffer.buffer();
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
        this.journal = opened.arrival().journal();
        this.time = time;
        this.unread = unread;
        this.missing = missing(from);
        this.watch = new IdleWatch(idle, () -> cut("The upstream fell silent."));
    }

    private static long missing(HttpClientResponse from) {
        String length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? -1 : Long.parseLong(length);
    }

    /** Begins; completes, never fails, when the answer is over. */
    Future<Answer> run() {
        opened.arrival().departure().then(this::clientGone);
        from.handler(this::piece);
        from.endHandler(end -> ended());
        from.exceptionHandler(broken -> cut("The upstream closed the connection before its answer was whole."));
        from.resume();
        return answer.future();
    }

    /** The gateway must end before the answer does. */
    void cutByGateway() {
        abort("This replica of the gateway is shutting down.", Outcome.GATEWAY, "draining");
    }

    /** The key that asked is no longer taken. */
    void cutByRevocation() {
        abort("The key has been revoked.", Outcome.TENANT, "invalid_api_key");
    }

    String keyId() {
        return journal.keyId;
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
            to.drainHandler(drained -> unblock());
            awaitTaken();
        }
    }

    /** A stream of HTTP/2 is cut if nothing of it is taken for too long; a connection is as a whole. */
    private void awaitTaken() {
        if (to.streamId() >= 0) {
            cut = unread.start(() -> {
                clientGone();
                to.reset(Forward.CANCEL);
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
            journal.blockedNanos += time.nanos() - blockedSince;
            from.resume();
        }
    }

    /** The last piece of a known length waits for the end, which comes with it, so that both go as one. */
    private void write(Buffer out) {
        if (out.length() > 0) {
            journal.bytesOut += out.length();
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
        Buffer rest = payload.end();
        if (payload.whole()) {
            write(rest);
            from.trailers().forEach(to::putTrailer);
            end();
        } else {
            cut("The upstream ended the stream before its end mark.");
        }
    }

    /** A stream that is cut behind its end mark is whole all the same. */
    private void cut(String why) {
        if (payload.whole() && !answer.future().isComplete()) {
            end();
        } else {
            abort(why, Outcome.UPSTREAM, "upstream_error");
        }
    }

    /** Ends cleanly. A caller that is still sending is read on for a while, lest it meet a reset before it has read. */
    private void end() {
        finish(Answer.relayed(from.statusCode()));
        if (opened.sending().isComplete()) {
            to.end(last);
            return;
        }
        if (last.length() > 0) {
            to.write(last);
        }
        opened.ask().body().release();
        from.request().reset(Forward.CANCEL);
        HttpServerRequest request = opened.arrival().request();
        new Discard(vertx, request, Discard.MOST_BYTES, Discard.LINGER_MILLIS).run()
                .onComplete(read -> to.end().onComplete(written -> {
                    if (to.streamId() < 0) {
                        request.connection().close();
                    }
                }));
    }

    /** Tells of the fault where the format allows it, and in any case ends so that no client takes it for a clean end. */
    private void abort(String why, Outcome outcome, String code) {
        if (answer.future().isComplete()) {
            return;
        }
        journal.code = code;
        finish(new Answer(from.statusCode(), outcome, Ending.USED));
        from.request().reset(Forward.CANCEL);
        if (payload.mayTellError()) {
            OpenAiError error = new OpenAiError(why + " What you have received is not complete.", "server_error", null,
                    journal.code);
            to.write(error.toEvent(opened.arrival().endpoint(), payload.events())).onComplete(told -> to.reset(ABORT));
        } else {
            to.reset(ABORT);
        }
    }

    /** A caller that leaves behind the end mark has all it wanted. */
    private void clientGone() {
        finish(payload.whole()
                ? Answer.relayed(from.statusCode())
                : new Answer(from.statusCode(), Outcome.CLIENT_GONE, Ending.USED));
        from.request().reset(Forward.CANCEL);
    }

    private void finish(Answer result) {
        if (answer.tryComplete(result)) {
            watch.stop();
            taken();
            opened.arrival().departure().ignore();
            if (blocked) {
                journal.blockedNanos += time.nanos() - blockedSince;
            }
        }
    }
}
