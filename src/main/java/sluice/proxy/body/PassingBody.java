package sluice.proxy.body;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Objects;
import sluice.inbound.InboundRequest;
import sluice.net.GatheredWrites;
import sluice.net.Timeouts;
import sluice.net.Timeouts.Timeout;
import sluice.openai.Envelope;
import sluice.openai.MalformedBody;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.upstream.call.UpstreamRequest;

/**
 * A body that is passed on as it arrives. The upstream sets the pace: while it accepts no more, the caller is not
 * read. A {@link Form} is kept back until its model is known, as far as possible.
 */
public final class PassingBody implements Body {
    private final InboundRequest from;
    private final Form form;
    private final BodyWatch.Bounds pace;
    private final Promise<Void> sent = Promise.promise();
    private final boolean empty;
    private boolean begun;
    private boolean over;

    /**
     * Takes a paused request.
     *
     * @param form what is already known of it, if it is a form; otherwise {@link Form#none}
     * @param pace how slowly the caller may send
     */
    public PassingBody(InboundRequest request, Form form, BodyWatch.Bounds pace) {
        this.from = request;
        this.form = form;
        this.pace = pace;
        this.empty = !form.begun() && nothingComes();
    }

    @Override
    public Envelope envelope() {
        return Envelope.NONE;
    }

    @Override
    public String lateModel() {
        String model = form.model();
        return model == null ? "" : model;
    }

    @Override
    public boolean repeatable() {
        return !begun || form.whole() || empty;
    }

    @Override
    public Future<Void> send(UpstreamRequest to, Timeouts stall, ModelCheck late) {
        begun = true;
        if (form.whole()) {
            return form.end(late)
                    .compose(end -> to.end(Buffer.buffer().appendBuffer(form.keptBack()).appendBuffer(end)));
        }
        String length = from.header(HttpHeaders.CONTENT_LENGTH);
        if (length != null && !form.grows()) {
            to.headers().set(HttpHeaders.CONTENT_LENGTH, length);
        }
        if (empty) {
            from.resume();
            return to.end();
        }
        new Passage(to, stall, late).start();
        return sent.future();
    }

    @Override
    public void answered() {
        // It may still be passing: the upstream may answer at any time.
    }

    @Override
    public void release() {
        over = true;
        form.release();
        sent.tryFail("given up");
    }

    /** Whether there is no body, according to the head. */
    private boolean nothingComes() {
        String length = from.header(HttpHeaders.CONTENT_LENGTH);
        if (length != null || from.isEnded()) {
            return from.isEnded() || "0".equals(length);
        }
        boolean http2 = from.response().isMultiplexed();
        return http2 ? !from.method().equals(HttpMethod.POST) : !from.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    /** The transfer itself. */
    private final class Passage {
        private final UpstreamRequest to;
        private final ModelCheck late;
        private final Timeouts stall;
        private final BodyWatch watch;
        private final GatheredWrites writes;
        private Timeout stalled = () -> {};

        Passage(UpstreamRequest to, Timeouts stall, ModelCheck late) {
            this.to = to;
            this.stall = stall;
            this.late = late;
            this.watch = new BodyWatch(pace, () -> fail(new Reason.BodyTimeout()));
            this.writes = new GatheredWrites(to::write, Objects.requireNonNull(Vertx.currentContext()));
            sent.future().onComplete(done -> {
                writes.stop();
                watch.stop();
                stalled.cancel();
            });
        }

        void start() {
            from.read(this::piece, this::ended, broken -> fail(BrokenRequest.reason(broken)));
            if (from.waitsToBeAsked() && !form.begun()) {
                from.askForBody();
            }
            writes.write(form.keptBack());
            flow();
        }

        private void piece(Buffer piece) {
            if (over) {
                return;
            }
            watch.heard(piece.length());
            Buffer out;
            try {
                out = form.accept(piece);
            } catch (MalformedBody fault) {
                fail(new Reason.BadBody(fault));
                return;
            }
            writes.write(out);
            Future<Void> verdict = form.judge(late);
            if (verdict.succeeded()) {
                flow();
            } else {
                stop();
                verdict.onSuccess(allowed -> flow()).onFailure(this::fail);
            }
        }

        /** Reads on if the upstream accepts more; otherwise waits until it does, for a limited time. */
        private void flow() {
            stalled.cancel();
            if (over) {
                return;
            }
            if (to.writeQueueFull()) {
                stop();
                stalled = stall.start(() -> fail(new Reason.UpstreamTimeout(false)));
                to.drainHandler(this::flow);
            } else {
                watch.resume();
                from.resume();
            }
        }

        private void stop() {
            watch.pause();
            from.pause();
        }

        private void ended() {
            if (over) {
                return;
            }
            watch.pause();
            form.end(late).onSuccess(rest -> {
                if (over) {
                    return;
                }
                writes.write(rest);
                writes.flush();
                stalled = stall.start(() -> fail(new Reason.UpstreamTimeout(false)));
                to.end().onComplete(taken -> sent.tryComplete(), sent::tryFail);
            }).onFailure(this::fail);
        }

        private void fail(Reason reason) {
            fail(new Refusal(reason));
        }

        /** The refusal discards what has not arrived yet. */
        private void fail(Throwable refusal) {
            over = true;
            if (!from.isEnded()) {
                from.abandon();
            }
            sent.tryFail(refusal);
        }
    }
}
