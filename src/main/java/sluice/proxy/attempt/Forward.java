package sluice.proxy.attempt;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.util.Set;
import sluice.account.KeyProbe;
import sluice.account.LearnedQuotas;
import sluice.account.LiveAccount;
import sluice.metrics.GatewayMeters;
import sluice.net.Timeouts;
import sluice.net.Timeouts.Timeout;
import sluice.openai.Endpoint;
import sluice.proxy.ActiveCalls;
import sluice.proxy.Attempt.Connected;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.body.Body;
import sluice.proxy.owned.Ownership;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Reason.ModelNotServed.Bound;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.quota.Verdict;
import sluice.schedule.Permit;
import sluice.tenancy.Tenancy;
import sluice.time.Time;
import sluice.upstream.ApiKey;
import sluice.upstream.Disposition;
import sluice.upstream.Fault;
import sluice.upstream.call.ShortAnswer;
import sluice.upstream.call.UpstreamRequest;
import sluice.upstream.call.UpstreamResponse;

/** Sends one attempt upstream and waits for the head of its answer. */
public final class Forward implements Stage<Connected, Opened> {
    /** The label, in metrics and traces, of an attempt given up on our side. */
    private static final String CANCELLED = "cancelled";
    /** How much of an error is read, and for how long. */
    private static final int LONGEST_ERROR = 64 * 1024;
    private static final long ERROR_MILLIS = 5_000;

    private final Vertx vertx;
    private final RetryRule rule;
    private final Timeouts firstByte;
    private final GatewayMeters meters;
    private final ActiveCalls active;
    private final Ownership ownership;
    private final Time time;
    private final KeyProbe probe;

    public Forward(Vertx vertx, RetryRule rule, Timeouts firstByte, GatewayMeters meters, ActiveCalls active,
            Ownership ownership, Time time) {
        this.vertx = vertx;
        this.rule = rule;
        this.firstByte = firstByte;
        this.meters = meters;
        this.active = active;
        this.ownership = ownership;
        this.time = time;
        this.probe = new KeyProbe(time);
    }

    @Override
    public Future<Opened> apply(Connected connected) {
        if (connected.departure().gone()) {
            return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        }
        if (active.isRevoked(connected.caller().credential())) {
            return Refusal.of(new Reason.KeyRevoked(Ending.NOT_SENT));
        }
        Attempt attempt = new Attempt(connected);
        active.add(attempt);
        return Stage.begun(attempt::send).onComplete(done -> {
            active.remove(attempt);
            attempt.over();
        });
    }

    /** A model that a form names after its file: checked like any other, and charged to the limits of its family. */
    private static Future<Void> lateModel(Funded funded, Permit permit, String model) {
        Tenancy tenancy = funded.tenancy();
        if (!tenancy.tenant().mayUse(model)) {
            return Refusal.of(new Reason.ModelNotAllowed(model));
        }
        if (!permit.account().serves(model)) {
            return Refusal.of(new Reason.ModelNotServed(model, Bound.FORM));
        }
        return tenancy.quota().takeTokens(model, 0).compose(verdict -> switch (verdict) {
            case Verdict.Granted(var reservation) -> {
                funded.reservation().join(reservation);
                permit.named(model);
                yield Future.succeededFuture();
            }
            case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
        });
    }

    /** Checks what a body reveals only as it passes through. */
    private final class Late implements Body.ModelCheck {
        private final Funded funded;
        private final Permit permit;

        Late(Funded funded, Permit permit) {
            this.funded = funded;
            this.permit = permit;
        }

        @Override
        public Future<Void> apply(String model) {
            return lateModel(funded, permit, model);
        }

        @Override
        public Future<Void> objects(Set<String> ids) {
            return ownership.check(funded, ids);
        }
    }

    /** One request in flight, until the head of its answer arrives. The first ending counts. */
    private final class Attempt implements ActiveCalls.Call {
        private final Connected connected;
        private final Arrival arrival;
        private final LiveAccount account;
        private final Permit permit;
        private final UpstreamRequest request;
        private final ApiKey key;
        private final long sentAt = time.nanos();
        private final Promise<Opened> head = Promise.promise();
        private final Body body;
        private Timeout silence = () -> {};

        Attempt(Connected connected) {
            this.connected = connected;
            this.arrival = connected.arrival();
            this.body = connected.body();
            this.account = connected.capacity();
            this.permit = connected.grant().permit();
            this.request = connected.call().request();
            this.key = account.watch().key();
        }

        Future<Opened> send() {
            Endpoint endpoint = arrival.endpoint();
            Headers.toUpstream(arrival.request().headers(), request.headers(),
                    connected.client().account(), key,
                    endpoint.answerIsRead());
            arrival.trace().sent(request.headers(), connected);
            arrival.departure().onLeave(() -> end(new Reason.ClientGone(read()), CANCELLED));
            LearnedQuotas.Mark mark = account.mark(permit.need());
            connected.grant().send();
            request.response().onSuccess(response -> guarded(() -> opened(response, mark)))
                    .onFailure(failure -> guarded(() -> broke(failure)));
            Future<Void> sent = body.send(request, firstByte, new Late(connected.funded(), permit));
            connected.call().sending(sent);
            sent.onSuccess(whole -> awaitHead()).onFailure(failure -> guarded(() -> stopped(failure)));
            return head.future();
        }

        void over() {
            silence.cancel();
            arrival.departure().ignore();
            arrival.times().upstream(time.nanos() - sentAt);
        }

        @Override
        public Credential credential() {
            return connected.caller().credential();
        }

        @Override
        public void revoked() {
            end(new Reason.KeyRevoked(read()), CANCELLED);
        }

        @Override
        public void cut() {
            end(new Reason.Draining(read()), CANCELLED);
        }

        /** The ending of a call given up on our side: its input may have been read, and nothing came back. */
        private Ending read() {
            return new Ending.Used(connected.inputTokens());
        }

        /** The request is sent, and the upstream's time is running. */
        private void awaitHead() {
            if (!head.future().isComplete()) {
                silence = firstByte.start(this::tooLate);
            }
        }

        /** The call's body will not be complete. A failed connection to the upstream is left to {@link #broke}. */
        private void stopped(Throwable failure) {
            if (failure instanceof Refusal refusal) {
                Reason reason = Refusal.reasonOf(refusal);
                switch (reason) {
                    case Reason.UpstreamTimeout timeout -> tooLate();
                    case Reason.ClientGone gone -> end(new Reason.ClientGone(read()), CANCELLED);
                    default -> end(reason, CANCELLED);
                }
            }
        }

        /** The upstream accepts nothing, or does not answer. */
        private void tooLate() {
            if (!head.future().isComplete()) {
                end(new Reason.UpstreamTimeout(connected.call().whole()), "timeout");
                account.watch().failed(permit.need());
            }
        }

        private void opened(UpstreamResponse response, LearnedQuotas.Mark mark) {
            if (head.future().isComplete()) {
                return;
            }
            silence.cancel();
            int status = response.status();
            meters.upstream(account.name(), Integer.toString(status));
            account.watch().answered(permit.need(), key, mark, status, response.headers());
            Disposition disposition = Disposition.of(status, response.header(HttpHeaders.CONTENT_TYPE));
            if (disposition == Disposition.RELAY
                    && !rule.mayRetry(connected.funded(), status, connected.past())) {
                body.answered();
                head.complete(new Opened(connected, response));
                return;
            }
            arrival.trace().failed(Integer.toString(status));
            new ShortAnswer(vertx, connected.call(), response, LONGEST_ERROR, ERROR_MILLIS).read()
                    .onSuccess(error -> guarded(() -> faulty(
                            Fault.of(status, response.headers(), disposition, error, time.now()))));
        }

        private void faulty(Fault fault) {
            account.watch().met(permit.need(), fault);
            head.tryFail(new Refusal(fault instanceof Fault.RejectedKey
                    ? rejectedKey()
                    : new Reason.UpstreamFault(fault)));
        }

        private Reason rejectedKey() {
            return new Reason.UpstreamRejectedKey(account.watch().suspected(key,
                    () -> probe.rejects(connected.client(), key)));
        }

        private void broke(Throwable failure) {
            if (!head.future().isComplete()) {
                account.watch().failed(permit.need());
            }
            end(new Reason.UpstreamBroke(connected.call().whole() && !request.untouched(failure)), "broken");
        }

        /** An internal fault ends the attempt too. */
        private void guarded(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException fault) {
                head.tryFail(fault);
            }
        }

        /** Ends without an answer. */
        private void end(Reason reason, String word) {
            if (head.tryFail(new Refusal(reason))) {
                if (word.equals(CANCELLED)) {
                    account.watch().abandoned(permit.need());
                }
                meters.upstream(account.name(), word);
                arrival.trace().failed(word);
            }
        }
    }
}
