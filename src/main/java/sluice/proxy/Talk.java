package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketBase;
import sluice.metrics.Journal;
import sluice.metrics.Journal.Outcome;
import sluice.openai.MalformedBody;
import sluice.openai.SocketEvent;
import sluice.openai.SocketMessage;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.quota.Ending;

/**
 * One WebSocket of a caller and the one behind it. Whatever one side says goes to the other at its pace, but for a message
 * that runs a model: until {@link TalkCharges} has let it in, nothing more is read of the caller.
 */
final class Talk {
    private static final short GOING_AWAY = 1001;
    private static final short BROKEN = 1011;
    private static final short UNSUPPORTED = 1003;
    private static final short POLICY = 1008;
    private static final short NORMAL = 1000;
    private static final short NO_STATUS = 1005;
    private static final short ABNORMAL = 1006;

    private final ServerWebSocket ours;
    private final WebSocket theirs;
    private final Journal journal;
    private final TalkCharges charges;
    private final IdleWatch watch;
    private final Vertx vertx;
    private final long ageTimer;
    private final Promise<Answer> over = Promise.promise();
    private boolean leaving;

    Talk(Vertx vertx, Services services, Timeouts idle, Admitted admitted, AccountCapacity home, Patience patience,
            ServerWebSocket ours, WebSocket theirs) {
        this.vertx = vertx;
        this.ours = ours;
        this.theirs = theirs;
        this.journal = admitted.caller().arrival().journal();
        this.charges = new TalkCharges(vertx, services, admitted.caller(), home, patience);
        Listener.Sockets settings = services.listen().sockets();
        this.watch = new IdleWatch(idle,
                () -> close(GOING_AWAY, "Nothing was said for " + settings.idle().toSeconds() + " s."));
        this.ageTimer = vertx.setTimer(Math.max(1, settings.maxAge().toMillis()),
                old -> close(GOING_AWAY, "Open for as long as may be. Please open another one."));
        journal.firstByteNanos = services.time().nanos() - journal.startedAt;
    }

    /** Begins; completes, never fails, when either side has closed. */
    Future<Answer> run() {
        ours.textMessageHandler(this::asked);
        ours.binaryMessageHandler(bytes -> close(UNSUPPORTED, "Send text: binary messages are not read here."));
        theirs.textMessageHandler(this::told);
        theirs.binaryMessageHandler(bytes -> {
            journal.bytesOut += bytes.length();
            ours.writeBinaryMessage(bytes);
            flow(theirs, ours);
        });
        ours.exceptionHandler(broken -> {
            // The close handler tells of it.
        });
        theirs.exceptionHandler(broken -> {
            // The close handler tells of it.
        });
        ours.closeHandler(closed -> closedByCaller());
        theirs.closeHandler(closed -> closedByUpstream());
        theirs.resume();
        return over.future();
    }

    /** The gateway takes nothing new: it ends when no answer is under way. */
    void leave() {
        leaving = true;
        endIfIdle();
    }

    /** It ends now. */
    void end() {
        close(GOING_AWAY, "This replica of the gateway is shutting down.");
    }

    /** The key that opened it is no longer taken. */
    void endByRevocation() {
        close(POLICY, "The key has been revoked.");
    }

    String keyId() {
        return journal.keyId;
    }

    private void asked(String text) {
        watch.heard();
        ours.pause();
        SocketMessage message;
        try {
            message = SocketMessage.read(text);
        } catch (MalformedBody fault) {
            refuse(new Reason.BadBody(fault));
            return;
        }
        Future<Void> verdict = charges.admit(message, text.length());
        if (verdict.succeeded()) {
            pass(text);
        } else {
            verdict.onSuccess(allowed -> pass(text)).onFailure(failure -> refuse(Refusal.reasonOf(failure)));
        }
    }

    private void pass(String text) {
        if (theirs.isClosed()) {
            return;
        }
        theirs.writeTextMessage(text);
        flow(ours, theirs);
    }

    /** The caller is told, and may go on. */
    private void refuse(Reason reason) {
        if (ours.isClosed()) {
            return;
        }
        Wording wording = Wording.of(reason);
        ours.writeTextMessage(wording.error().toSocketEvent(wording.status()));
        ours.resume();
    }

    private void told(String text) {
        watch.heard();
        journal.bytesOut += text.length();
        charges.heard(SocketEvent.read(text));
        ours.writeTextMessage(text);
        flow(theirs, ours);
        endIfIdle();
    }

    /** Reads on from one side if the other one takes more, else when it does. */
    private static void flow(WebSocketBase from, WebSocketBase to) {
        if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(drained -> from.resume());
        } else {
            from.resume();
        }
    }

    private void endIfIdle() {
        if (leaving && charges.open() == 0) {
            end();
        }
    }

    private void close(short code, String why) {
        ours.close(code, why);
        theirs.close(NORMAL, "");
        finish(new Answer(101, Outcome.ANSWERED, Ending.AS_RESERVED));
    }

    private void closedByCaller() {
        theirs.close(sendable(ours.closeStatusCode()));
        boolean inMid = charges.open() > 0;
        finish(new Answer(101, inMid ? Outcome.CLIENT_GONE : Outcome.ANSWERED, Ending.AS_RESERVED));
    }

    private void closedByUpstream() {
        Short code = theirs.closeStatusCode();
        boolean broken = code == null || code == ABNORMAL || code == BROKEN;
        String reason = theirs.closeReason() == null ? "" : theirs.closeReason();
        ours.close(broken ? BROKEN : sendable(code), broken ? "The upstream closed the connection." : reason);
        finish(new Answer(101, broken ? Outcome.UPSTREAM : Outcome.ANSWERED, Ending.AS_RESERVED));
    }

    /** Some codes only say that none came, and must not be sent. */
    private static short sendable(Short code) {
        return code == null || code == NO_STATUS || code == ABNORMAL ? NORMAL : code;
    }

    private void finish(Answer answer) {
        if (over.tryComplete(answer)) {
            watch.stop();
            vertx.cancelTimer(ageTimer);
            charges.close();
        }
    }
}
