package sluice.proxy.socket;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.net.CloseCodes;
import sluice.net.IdleWatch;
import sluice.net.SocketWire;
import sluice.net.Timeouts;
import sluice.openai.Endpoint;
import sluice.openai.MalformedBody;
import sluice.openai.SocketEvent;
import sluice.openai.SocketMessage;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.body.BodyWork;
import sluice.proxy.refusal.ErrorResponse;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.proxy.socket.SocketEnd.Hold;
import sluice.quota.Ending;

/**
 * One WebSocket of a caller and the one behind it. Whatever one side sends goes to the other at its pace, except a
 * message that runs a model: it waits in its lane until {@link TalkCharges} has admitted it. Where there are no lanes,
 * because every message may depend on the one before, nothing more is read from the caller until then. It is over when
 * both have ended.
 */
final class Talk implements Conversation {
    private static final Logger LOG = LoggerFactory.getLogger(Talk.class);
    private static final int NOT_SENT = 1006;

    /** The most messages that wait in lanes. */
    private static final int MOST_WAITING = 256;

    /** Both sockets and the connections beneath them. */
    record Sockets(ServerWebSocket ours, SocketWire ourWire, WebSocket theirs, SocketWire theirWire) {}

    private final Vertx vertx;
    private final Caller call;
    private final TalkCharges charges;
    private final SocketEnd caller;
    private final SocketEnd upstream;
    private final Lanes lanes;
    private final BodyWork work;
    private final IdleWatch watch;
    private final long ageTimer;
    private final Promise<Void> callerEnded = Promise.promise();
    private final Promise<Void> upstreamEnded = Promise.promise();
    private @Nullable Outcome outcome;
    private String code = "";
    private long bytesOut;
    private boolean leaving;

    Talk(Vertx vertx, Means means, Caller call, TalkCharges charges, Sockets sockets,
            Timeouts silence, Timeouts deaf) {
        this.vertx = vertx;
        this.call = call;
        this.charges = charges;
        this.lanes = new Lanes(means.bodies().part(call.holder()),
                call.endpoint() == Endpoint.RESPONSES_SOCKET ? MOST_WAITING : 1, new Door());
        this.work = means.work();
        Converse.Settings settings = means.settings();
        this.caller = new SocketEnd(vertx, sockets.ours(), sockets.ourWire(),
                new SocketEnd.Bounds(settings.maxMessageBytes(), means.bodies().part(call.holder()),
                        new Pace(settings.messagesPerSecond(), means.time()), deaf, false,
                        means.bodies().part(call.holder()), means.turnstile()),
                work, new FromCaller());
        this.upstream = new SocketEnd(vertx, sockets.theirs(), sockets.theirWire(),
                new SocketEnd.Bounds(settings.maxMessageBytes(), means.bodies().part(call.holder()), null, deaf, true,
                        means.bodies().part(call.holder()), means.turnstile()),
                work, new FromUpstream());
        sockets.ourWire().then(callerEnded::tryComplete);
        sockets.theirWire().then(upstreamEnded::tryComplete);
        this.watch = new IdleWatch(silence,
                () -> end(CloseCodes.GOING_AWAY, "No messages for " + settings.idle().toSeconds() + " s."));
        this.ageTimer = vertx.setTimer(Math.max(1, settings.maxAge().toMillis()),
                old -> end(CloseCodes.GOING_AWAY,
                        "This WebSocket has reached its maximum age. Please open a new one."));
    }

    /** Starts. Completes when both sides have ended; never fails. */
    Future<Answer> run() {
        call.times().answers();
        upstream.start();
        caller.start();
        return Future.all(callerEnded.future(), upstreamEnded.future())
                .map(ended -> answer());
    }

    void stopTimers() {
        watch.stop();
        vertx.cancelTimer(ageTimer);
        lanes.close();
    }

    @Override
    public Credential credential() {
        return call.caller().credential();
    }

    @Override
    public void leave() {
        leaving = true;
        endIfIdle();
    }

    @Override
    public void end() {
        end(CloseCodes.GOING_AWAY, "This replica of the gateway is shutting down.");
    }

    @Override
    public void endByRevocation() {
        end(CloseCodes.POLICY, "The key has been revoked.");
    }

    private void endIfIdle() {
        if (leaving && charges.open() == 0) {
            end();
        }
    }

    private void asked(Text text) {
        if (isOver()) {
            return;
        }
        watch.heard();
        caller.hold(Hold.VERDICT);
        work.on(text.bytes(), () -> SocketMessage.read(text.characters())).onComplete(message -> judge(text, message),
                fault -> {
                    if (fault instanceof MalformedBody bad) {
                        refuse(new Reason.BadBody(bad), "");
                        caller.release(Hold.VERDICT);
                    } else {
                        failed(fault);
                    }
                });
    }

    private void judge(Text text, SocketMessage message) {
        if (isOver()) {
            return;
        }
        Future<Void> room = message.runsModel()
                ? lanes.add(text, message)
                : charges.admit(message, text.characters().length())
                        .transform(verdict -> decided(text, message, verdict));
        room.onComplete(given -> caller.release(Hold.VERDICT));
    }

    private Future<Void> decided(Text text, SocketMessage message, AsyncResult<Void> verdict) {
        if (verdict.succeeded()) {
            upstream.say(text.characters());
        } else {
            refuse(Refusal.reasonOf(verdict.cause()), message.lane());
        }
        return Future.succeededFuture();
    }

    /** Sends the caller the error; the conversation continues. */
    private void refuse(Reason reason, String lane) {
        ErrorResponse shown = ErrorResponse.of(reason);
        caller.say(shown.error().toSocketEvent(shown.status(), lane));
    }

    private void told(Text text) {
        if (isOver()) {
            return;
        }
        watch.heard();
        bytesOut += text.bytes();
        Future<SocketEvent> event = work.on(text.bytes(), () -> SocketEvent.read(text.characters()));
        if (!event.isComplete()) {
            upstream.hold(Hold.VERDICT);
        }
        event.onComplete(read -> {
            if (isOver()) {
                return;
            }
            charges.heard(read);
            caller.say(text.characters());
            upstream.release(Hold.VERDICT);
            endIfIdle();
        }, this::failed);
    }

    /** A large message may still be with the workers then. */
    private boolean isOver() {
        return outcome != null;
    }

    private void end(int code, String why) {
        end(code, why, CloseCodes.NORMAL, Outcome.ANSWERED);
    }

    /** Ends both, each with its own code; what is in flight is settled at once. */
    private void end(int toCaller, String why, int toUpstream, Outcome ended) {
        if (isOver()) {
            return;
        }
        outcome = ended;
        charges.close(ended == Outcome.UPSTREAM);
        caller.close(toCaller, why);
        upstream.close(toUpstream, "");
    }

    private void endForRoom() {
        end(CloseCodes.TRY_LATER, "The gateway is out of memory for messages. Please try again.", CloseCodes.NORMAL,
                Outcome.GATEWAY);
    }

    private void endByUpstream() {
        end(CloseCodes.BROKEN, "The upstream closed the connection.", CloseCodes.NORMAL, Outcome.UPSTREAM);
    }

    private void failed(Throwable fault) {
        LOG.error("call {} failed", call.origin().id(), fault);
        code = "internal_error";
        end(CloseCodes.BROKEN, "The gateway failed. Please try again.", CloseCodes.NORMAL, Outcome.GATEWAY);
    }

    private Answer answer() {
        Outcome ended = outcome == null ? Outcome.ANSWERED : outcome;
        return new Answer(charges.facts(), new Spent.Told(101, ended, code, bytesOut, charges.used()),
                Ending.AS_RESERVED);
    }

    private static boolean broken(@Nullable Integer code) {
        return code == null || code == NOT_SENT || code == CloseCodes.BROKEN;
    }

    /** The code to close the other side with; one that must never be sent is a protocol error of its sender. */
    private static int passing(@Nullable Integer code) {
        if (code == null || code == NOT_SENT) {
            return CloseCodes.NORMAL;
        }
        return CloseCodes.maySend(code) ? code : CloseCodes.PROTOCOL_ERROR;
    }

    /** Forwards messages to the upstream, or tells the caller why not. */
    private final class Door implements Lanes.Doorkeeper {

        @Override
        public Future<Void> admit(SocketMessage message, long length) {
            return charges.admit(message, length);
        }

        @Override
        public void pass(Text text) {
            upstream.say(text.characters());
        }

        @Override
        public void refuse(Reason reason, String lane) {
            Talk.this.refuse(reason, lane);
        }
    }

    private final class FromCaller implements SocketEnd.Hearer {

        @Override
        public void said(Text text) {
            asked(text);
        }

        @Override
        public void sent(Buffer bytes) {
            end(CloseCodes.UNSUPPORTED, "Binary messages are not supported. Send text.");
        }

        @Override
        public void full(boolean full) {
            if (full) {
                upstream.hold(Hold.OTHER_QUEUE);
            } else {
                upstream.release(Hold.OTHER_QUEUE);
            }
        }

        @Override
        public void broken(int code, String why) {
            end(code, why, CloseCodes.NORMAL, Outcome.TENANT);
        }

        @Override
        public void crowded() {
            endForRoom();
        }

        @Override
        public void deaf() {
            end(CloseCodes.POLICY, "The client is not reading its messages.", CloseCodes.NORMAL,
                    Outcome.CLIENT_GONE);
            caller.cut();
        }

        @Override
        public void left(@Nullable Integer code, String reason) {
            boolean inMid = charges.open() > 0;
            end(passing(code), reason, passing(code), inMid ? Outcome.CLIENT_GONE : Outcome.ANSWERED);
        }

        @Override
        public void failed(Throwable fault) {
            Talk.this.failed(fault);
        }
    }

    private final class FromUpstream implements SocketEnd.Hearer {

        @Override
        public void said(Text text) {
            told(text);
        }

        @Override
        public void sent(Buffer bytes) {
            bytesOut += bytes.length();
            caller.send(bytes);
        }

        @Override
        public void full(boolean full) {
            if (full) {
                caller.hold(Hold.OTHER_QUEUE);
            } else {
                caller.release(Hold.OTHER_QUEUE);
            }
        }

        @Override
        public void broken(int code, String why) {
            end(CloseCodes.BROKEN, "The upstream sent a message that cannot be read.", code, Outcome.UPSTREAM);
        }

        @Override
        public void crowded() {
            endForRoom();
        }

        @Override
        public void deaf() {
            endByUpstream();
            upstream.cut();
        }

        @Override
        public void left(@Nullable Integer code, String reason) {
            if (Talk.broken(code)) {
                endByUpstream();
            } else {
                end(passing(code), reason, passing(code), Outcome.ANSWERED);
            }
        }

        @Override
        public void failed(Throwable fault) {
            Talk.this.failed(fault);
        }
    }
}
