package sluice.proxy.attempt;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cache.Leader;
import sluice.inbound.Discard;
import sluice.inbound.InboundResponse;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.net.IdleWatch;
import sluice.net.Timeouts;
import sluice.openai.OpenAiError;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Headers;
import sluice.proxy.body.Payload;
import sluice.quota.Ending;
import sluice.time.Time;
import sluice.upstream.call.UpstreamResponse;

/**
 * Relays the body of one answer from the upstream to the caller. A caller that reads slowly pauses the upstream, and
 * that time counts neither as upstream silence nor as the gateway's work. A body that did not arrive whole never ends
 * cleanly.
 */
final class Pump implements ActiveCalls.Call {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    /** How far a caller may lag behind those that follow its answer, in bytes. */
    private static final long MOST_AHEAD = 1024 * 1024;

    private final Vertx vertx;
    private final Opened opened;
    private final UpstreamResponse from;
    private final InboundResponse to;
    private final Payload payload;
    private final Optional<Leader> lead;
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
    /** Bytes that the caller has yet to take, beyond what its socket holds. */
    private long ahead;
    private @Nullable Seen seen;

    /** How the caller saw the answer end, while it continued for others. */
    private record Seen(Outcome outcome, String code) {}

    Pump(Vertx vertx, Opened opened, Payload payload, Timeouts idle, Timeouts unread, Time time) {
        this.vertx = vertx;
        this.opened = opened;
        this.from = opened.response();
        this.to = opened.arrival().response();
        this.payload = payload;
        this.lead = opened.lead();
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
        opened.departure().onEveryLeave(this::callerLeft);
        lead.ifPresent(leader -> leader.onFollowers(this::followersChanged));
        from.read(piece -> guarded(() -> piece(piece)), () -> guarded(this::ended),
                broken -> cutShort("The upstream closed the connection before its answer was complete."));
        from.resume();
        return answer.future();
    }

    @Override
    public void cut() {
        abort("This replica of the gateway is shutting down.", Outcome.GATEWAY, "draining");
    }

    /** Its followers continue. */
    @Override
    public void revoked() {
        if (isFollowed()) {
            leaveCaller(words("The key has been revoked.", "invalid_api_key"), Outcome.TENANT, "invalid_api_key");
        } else {
            abort("The key has been revoked.", Outcome.TENANT, "invalid_api_key");
        }
    }

    @Override
    public Credential credential() {
        return opened.caller().credential();
    }

    private void piece(Buffer piece) {
        if (answer.future().isComplete()) {
            return;
        }
        watch.heard();
        write(payload.accept(piece));
        keepPace();
    }

    /**
     * The caller sets the pace of the upstream. Its followers run ahead of it as far as memory allows; if one of them waits
     * for more even so, the answer continues without its caller. Then the fastest follower sets the pace.
     */
    private void keepPace() {
        if (lead.isPresent() && isFollowed()) {
            keepPace(lead.get());
        } else if (isDeaf() || !to.writeQueueFull()) {
            unblock();
        } else {
            block();
        }
    }

    private void keepPace(Leader leader) {
        boolean slow = !isDeaf() && to.writeQueueFull() && ahead >= MOST_AHEAD;
        if (slow && leader.isAwaited()) {
            leaveCaller(Buffer.buffer(), Outcome.CLIENT_GONE, "");
            slow = false;
        }
        if (slow || leader.isChased() || (isDeaf() && !leader.isAwaited())) {
            block();
        } else {
            unblock();
        }
    }

    private void block() {
        if (blocked) {
            return;
        }
        blocked = true;
        blockedSince = time.nanos();
        watch.pause();
        from.pause();
        if (!isDeaf() && to.writeQueueFull()) {
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
                if (isFollowed()) {
                    seen = new Seen(Outcome.CLIENT_GONE, "");
                    unblock();
                } else {
                    clientGone();
                }
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
            if (lead.isPresent()) {
                lead.get().add(out);
            }
            missing -= out.length();
            if (missing == 0) {
                last = out;
            } else if (!isDeaf()) {
                send(out);
            }
        }
    }

    private void send(Buffer out) {
        Future<Void> written = to.write(out);
        if (lead.isPresent() && to.writeQueueFull()) {
            ahead += out.length();
            written.onComplete(taken -> ahead -= out.length());
        }
    }

    /** Whether the caller is done while others still follow. */
    private boolean isDeaf() {
        return seen != null || opened.departure().left();
    }

    private boolean isFollowed() {
        return lead.isPresent() && lead.get().isFollowed();
    }

    private void followersChanged() {
        opened.departure().reconsider();
        if (blocked) {
            keepPace();
        }
    }

    private void callerLeft() {
        if (opened.departure().gone()) {
            clientGone();
        } else {
            if (seen == null && !payload.whole()) {
                seen = new Seen(Outcome.CLIENT_GONE, "");
            }
            unblock();
        }
    }

    /** Ends the answer for its own caller alone. */
    private void leaveCaller(Buffer words, Outcome outcome, String code) {
        if (!isDeaf() && !answer.future().isComplete()) {
            seen = new Seen(outcome, code);
            end(words);
            unblock();
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
        boolean deaf = isDeaf();
        finish(relayed());
        if (deaf) {
            return;
        }
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
        boolean deaf = isDeaf();
        Buffer words = words(why, code);
        lead.ifPresent(leader -> leader.cut(words));
        finish(cut(outcome, code));
        if (!deaf) {
            end(words);
        }
    }

    /** The error event for the fault, if the answer is at a point where it can carry one. */
    private Buffer words(String why, String code) {
        return payload.mayTellError()
                ? new OpenAiError(why + " What you have received is incomplete.", "server_error", null, code)
                        .toEvent(opened.endpoint(), payload.events())
                : Buffer.buffer();
    }

    /** Ends it so that no client takes it for a clean end. */
    private void end(Buffer words) {
        if (words.length() > 0) {
            to.write(words).onComplete(told -> to.abort());
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

    private void complete(Leader leader) {
        if (payload.failed()) {
            leader.seal();
        }
        leader.complete(payload.served());
    }

    private Answer asSeen(Answer result) {
        return seen == null ? result : result.seen(seen.outcome(), seen.code());
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
        if (answer.future().isComplete()) {
            return;
        }
        if (payload.whole() && lead.isPresent()) {
            complete(lead.get());
        }
        if (answer.tryComplete(asSeen(result))) {
            watch.stop();
            taken();
            opened.departure().ignore();
            if (blocked) {
                opened.times().blocked(time.nanos() - blockedSince);
            }
        }
    }
}
