package sluice.proxy.reuse;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import sluice.cache.AnswerCache;
import sluice.cache.End;
import sluice.cache.Flight;
import sluice.cache.Source;
import sluice.inbound.InboundResponse;
import sluice.isolation.Room;
import sluice.isolation.Turnstile;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.net.Timeouts;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Found;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.time.Time;

/**
 * Gives one caller an answer that is in memory, or still arrives there: at the caller's own pace, and a little in each turn
 * of the event loop. Used on one event loop.
 */
public final class Reading implements ActiveCalls.Call {
    /** What is passed on in one turn of the event loop, in bytes: a record of TLS. */
    private static final int PIECE = 16 * 1024;

    /**
     * What all of an event loop use.
     *
     * @param gatewayHeaders of every answer
     * @param cache          says whether such calls count
     * @param unread         how long a caller may take nothing
     * @param active         those that a revocation ends
     * @param turnstile      bounds what is written in one turn of the event loop
     */
    public record Surroundings(GatewayHeaders gatewayHeaders, AnswerCache cache, Timeouts unread, ActiveCalls active,
            Turnstile turnstile, Time time) {}

    private final Surroundings around;
    private final Found known;
    private final Flight.Head head;
    private final boolean repeats;
    private final Source source;
    private final LongConsumer took;
    private final InboundResponse to;
    private final Promise<Answer> answer = Promise.promise();
    private final long since;
    private long bytes;
    private long blockedNanos;
    private long blockedSince;
    private boolean blocked;
    private boolean turnComes;
    private Timeouts.@Nullable Timeout cut;

    /**
     * Reads nothing yet.
     *
     * @param known   of the call
     * @param repeats whether it repeats a call by its {@code Idempotency-Key}
     * @param took    is told how long the answer took, in nanoseconds, without the times when its caller took nothing
     */
    Reading(Surroundings around, Found known, Flight.Head head, boolean repeats, Source source, LongConsumer took) {
        this.around = around;
        this.known = known;
        this.head = head;
        this.repeats = repeats;
        this.source = source;
        this.took = took;
        this.to = known.arrival().response();
        this.since = around.time().nanos();
    }

    /** Gives it all of the answer; completes when that is written, or as much of it as ever will be. */
    Future<Answer> run() {
        around.active().add(this);
        return Stage.begun(this::begin).onComplete(over -> around.active().remove(this));
    }

    private Future<Answer> begin() {
        known.departure().onLeave(() -> finish(Outcome.CLIENT_GONE, ""));
        source.onChange(this::more);
        more();
        return answer.future();
    }

    @Override
    public Credential credential() {
        return known.caller().credential();
    }

    @Override
    public void revoked() {
        abort(Outcome.TENANT, "invalid_api_key");
    }

    @Override
    public void cut() {
        abort(Outcome.GATEWAY, "draining");
    }

    /** Passes on what is there, as fast as the caller reads. */
    private void more() {
        int left = PIECE;
        while (!answer.future().isComplete() && !blocked && !turnComes) {
            if (left == 0) {
                turnComes = true;
                around.turnstile().enterLater(known.holder(), this::nextTurn);
                return;
            }
            Buffer piece = source.read(left);
            left -= piece.length();
            End end = source.end();
            if (piece.length() > 0) {
                pass(piece, end);
            } else if (!over(end)) {
                return;
            }
        }
    }

    private void nextTurn() {
        turnComes = false;
        more();
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
        head.headers().forEach(header -> to.header(header.getKey(), header.getValue()));
        if (repeats) {
            to.header(Headers.REPLAYED, "true");
        }
        to.header("x-request-id", known.origin().requestId());
        around.gatewayHeaders().add(to, known);
        if (head.length().isPresent()) {
            to.header(HttpHeaders.CONTENT_LENGTH, Long.toString(head.length().getAsLong()));
        } else {
            to.open();
        }
        known.times().answers();
    }

    private void whole(Buffer last) {
        finish(Outcome.ANSWERED, "");
        Future<Void> written = to.end(last);
        if (to.endsWithConnection()) {
            written.onComplete(over -> known.request().closeConnection());
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
        source.stalls(true);
        blockedSince = around.time().nanos();
        to.drainHandler(this::unblock);
        if (to.isMultiplexed()) {
            // HTTP/1 connections are cut elsewhere, as a whole.
            cut = around.unread().start(() -> {
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
        source.stalls(false);
        blockedNanos += around.time().nanos() - blockedSince;
        if (cut != null) {
            cut.cancel();
            cut = null;
        }
    }

    private Ending ending() {
        return around.cache().settings().hitsCount() ? Ending.AS_RESERVED : Ending.NOT_SENT;
    }

    private void finish(Outcome outcome, String code) {
        if (answer.future().isComplete()) {
            return;
        }
        if (blocked) {
            taken();
        }
        known.departure().ignore();
        known.times().blocked(blockedNanos);
        took.accept(around.time().nanos() - since - blockedNanos);
        answer.complete(
                new Answer(known, new Spent.Told(200, outcome, code, bytes, ModelUse.nothing()), ending()));
    }
}
