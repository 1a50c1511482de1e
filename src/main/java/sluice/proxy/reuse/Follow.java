package sluice.proxy.reuse;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import sluice.cache.AnswerCache;
import sluice.cache.End;
import sluice.cache.Flight;
import sluice.cache.Follower;
import sluice.inbound.InboundResponse;
import sluice.isolation.Room;
import sluice.metrics.GatewayMeters;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.net.Timeouts;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Found.Joined;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.time.Time;

/**
 * Gives a caller the answer of an identical call: what has arrived of it, then the rest at the caller's own pace. An
 * answer that breaks off for the other call never ends cleanly here.
 */
public final class Follow implements Stage<Joined, Answer> {
    /** The most that one write passes on, in bytes. */
    private static final int PIECE = 16 * 1024;

    private final GatewayHeaders gatewayHeaders;
    private final AnswerCache cache;
    private final Timeouts unread;
    private final GatewayMeters meters;
    private final ActiveCalls active;
    private final Time time;

    public Follow(GatewayHeaders gatewayHeaders, AnswerCache cache, Timeouts unread, GatewayMeters meters,
            ActiveCalls active, Time time) {
        this.gatewayHeaders = gatewayHeaders;
        this.cache = cache;
        this.unread = unread;
        this.meters = meters;
        this.active = active;
        this.time = time;
    }

    @Override
    public Future<Answer> apply(Joined joined) {
        // It will not be sent.
        joined.body().release();
        if (active.isRevoked(joined.caller().credential())) {
            return Refusal.of(new Reason.KeyRevoked(Ending.NOT_SENT));
        }
        int streams = joined.head().events() ? 1 : 0;
        Reading reading = new Reading(joined);
        active.add(reading);
        meters.streams(streams);
        return Stage.begun(reading::run).onComplete(over -> {
            active.remove(reading);
            meters.streams(-streams);
        });
    }

    private Ending ending() {
        return cache.settings().hitsCount() ? Ending.AS_RESERVED : Ending.NOT_SENT;
    }

    /** One follower. */
    private final class Reading implements ActiveCalls.Call {
        private final Joined joined;
        private final Follower follower;
        private final InboundResponse to;
        private final Promise<Answer> answer = Promise.promise();
        private final long since = time.nanos();
        private long bytes;
        private long blockedNanos;
        private long blockedSince;
        private boolean blocked;
        private Timeouts.@Nullable Timeout cut;

        Reading(Joined joined) {
            this.joined = joined;
            this.follower = joined.follower();
            this.to = joined.arrival().response();
        }

        Future<Answer> run() {
            joined.departure().onLeave(() -> finish(Outcome.CLIENT_GONE, ""));
            follower.onChange(this::more);
            more();
            return answer.future();
        }

        @Override
        public Credential credential() {
            return joined.caller().credential();
        }

        @Override
        public void revoked() {
            abort(Outcome.TENANT, "invalid_api_key");
        }

        @Override
        public void cut() {
            abort(Outcome.GATEWAY, "draining");
        }

        /** Passes on what has arrived, as fast as the caller reads. */
        private void more() {
            while (!answer.future().isComplete() && !blocked) {
                Buffer piece = follower.read(PIECE);
                End end = follower.end();
                if (piece.length() > 0) {
                    pass(piece, end);
                } else if (!over(end)) {
                    return;
                }
            }
        }

        /** The last piece is written together with the end. */
        private void pass(Buffer piece, End end) {
            writeHead();
            bytes += piece.length();
            if (end instanceof End.Whole) {
                whole(piece);
                return;
            }
            to.write(piece);
            if (to.writeQueueFull()) {
                block();
            }
        }

        /** Everything that has arrived was passed on; returns whether that was all. */
        private boolean over(End end) {
            switch (end) {
                case End.NotYet() -> {
                    return false;
                }
                case End.Whole() -> {
                    writeHead();
                    whole(Buffer.buffer());
                }
                case End.LeftBehind() -> cutShort(Outcome.CLIENT_GONE, "", Buffer.buffer());
                case End.Cut(Buffer lastWords) -> cutShort(Outcome.UPSTREAM, "upstream_error", lastWords);
            }
            return true;
        }

        private void writeHead() {
            if (bytes > 0 || to.headWritten()) {
                return;
            }
            Flight.Head head = joined.head();
            head.headers().forEach(header -> to.header(header.getKey(), header.getValue()));
            if (joined.repeats()) {
                to.header(Headers.REPLAYED, "true");
            }
            to.header("x-request-id", joined.origin().requestId());
            gatewayHeaders.add(to, joined);
            if (head.length().isPresent()) {
                to.header(HttpHeaders.CONTENT_LENGTH, Long.toString(head.length().getAsLong()));
            } else {
                to.open();
            }
            joined.times().answers();
        }

        private void whole(Buffer last) {
            finish(Outcome.ANSWERED, "");
            Future<Void> written = to.end(last);
            if (to.endsWithConnection()) {
                written.onComplete(over -> joined.request().closeConnection());
            }
        }

        private void cutShort(Outcome outcome, String code, Buffer lastWords) {
            if (bytes == 0) {
                // It was left behind just as its answer was about to begin.
                answer.tryFail(new Refusal(new Reason.Overloaded(Reason.Overloaded.ANSWERS, Room.NONE)));
                return;
            }
            finish(outcome, code);
            if (lastWords.length() == 0) {
                to.abort();
            } else {
                to.write(lastWords).onComplete(told -> to.abort());
            }
        }

        /** Writes no last event, since what was passed on may end within one. */
        private void abort(Outcome outcome, String code) {
            if (!answer.future().isComplete()) {
                finish(outcome, code);
                to.abort();
            }
        }

        private void block() {
            blocked = true;
            follower.stalls(true);
            blockedSince = time.nanos();
            to.drainHandler(this::unblock);
            if (to.isMultiplexed()) {
                // HTTP/1 connections are cut elsewhere, as a whole.
                cut = unread.start(() -> {
                    finish(Outcome.CLIENT_GONE, "");
                    to.cancel();
                });
            }
        }

        private void unblock() {
            if (blocked) {
                taken();
                more();
            }
        }

        private void taken() {
            blocked = false;
            follower.stalls(false);
            blockedNanos += time.nanos() - blockedSince;
            if (cut != null) {
                cut.cancel();
                cut = null;
            }
        }

        private void finish(Outcome outcome, String code) {
            if (answer.future().isComplete()) {
                return;
            }
            if (blocked) {
                taken();
            }
            joined.departure().ignore();
            joined.times().blocked(blockedNanos);
            joined.times().upstream(time.nanos() - since - blockedNanos);
            answer.complete(
                    new Answer(joined, new Spent.Told(200, outcome, code, bytes, ModelUse.nothing()), ending()));
        }
    }
}
