package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Journal;
import sluice.net.ConnectionEnd;
import sluice.openai.Endpoint;
import sluice.openai.UsageAt;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Granted;
import sluice.proxy.Exchange.Opened;
import sluice.proxy.Timeouts.Timeout;
import sluice.quota.Verdict;
import sluice.schedule.Permit;
import sluice.time.Time;
import sluice.upstream.AccountClient;
import sluice.upstream.ApiKey;
import sluice.upstream.Disposition;

/**
 * Sends the call upstream and waits for the head of its answer. What failed in a way that cannot have run the model is
 * tried again, each time with a permit of its own and at another account where there is one: {@link RetryRule} says what
 * and how often.
 */
final class Forward implements Stage<Granted, Opened> {
    /** Tells the upstream that its answer is no longer wanted (HTTP/2: CANCEL; HTTP/1.1: the connection closes). */
    static final long CANCEL = 8;

    private final Vertx vertx;
    private final Schedule schedule;
    private final RetryRule rule;
    private final Timeouts firstByte;
    private final GatewayMeters meters;
    private final Time time;
    private final KeyProbe probe;

    Forward(Vertx vertx, Schedule schedule, RetryRule rule, Timeouts firstByte, GatewayMeters meters, Time time) {
        this.vertx = vertx;
        this.schedule = schedule;
        this.rule = rule;
        this.firstByte = firstByte;
        this.meters = meters;
        this.time = time;
        this.probe = new KeyProbe(vertx, time);
    }

    @Override
    public Future<Opened> apply(Granted granted) {
        rule.called(granted.funded());
        return attempt(granted, new RetryRule.Past(0, 0), false);
    }

    private Future<Opened> attempt(Granted granted, RetryRule.Past past, boolean onFreshConnection) {
        Arrival arrival = granted.funded().arrival();
        AccountClient client = granted.line().client();
        Journal journal = arrival.journal();
        journal.account = client.account().name();
        journal.attempts++;
        return client.open(arrival.request().method(), arrival.route().target(), onFreshConnection)
                .recover(unreachable -> {
                    meters.upstream(journal.account, "unreachable");
                    granted.line().account().watch().unreachable(client.why(unreachable), unreachable);
                    granted.permit().giveBack();
                    return Refusal.of(new Reason.UpstreamUnreachable());
                }).onSuccess(ready -> granted.line().account().watch().connected())
                .compose(ready -> permitted(granted, ready).compose(still -> new Attempt(still, ready, past).send()))
                .recover(failure -> {
                    granted.line().close();
                    return again(granted.funded(), journal.account, past, failure);
                });
    }

    /** The next attempt, if the rule allows one; where the queue has no permit for it, the first failure stands. */
    private Future<Opened> again(Funded funded, String account, RetryRule.Past past, Throwable failure) {
        Reason reason = Refusal.reasonOf(failure);
        long left = funded.ask().patience().waitNanos() - (time.nanos() - funded.arrival().journal().startedAt);
        return rule.after(funded, reason, past, left).map(retry -> {
            meters.retry(account, retry.reason());
            funded.arrival().journal().waitNanos += retry.delayNanos();
            return pause(funded.arrival(), retry.delayNanos())
                    .compose(waited -> schedule.again(funded, account))
                    .recover(denied -> Refusal.reasonOf(denied) instanceof Reason.ClientGone
                            ? Future.failedFuture(denied)
                            : Future.failedFuture(failure))
                    .compose(granted -> attempt(granted, retry.past(), reason instanceof Reason.UpstreamBroke));
        }).orElseGet(() -> Future.failedFuture(failure));
    }

    private Future<Void> pause(Arrival arrival, long nanos) {
        if (nanos == 0) {
            return Future.succeededFuture();
        }
        Promise<Void> over = Promise.promise();
        long timer = vertx.setTimer(Math.max(1, nanos / 1_000_000), now -> over.tryComplete());
        arrival.departure().then(() -> {
            vertx.cancelTimer(timer);
            over.tryFail(new Refusal(new Reason.ClientGone(false)));
        });
        return over.future().onComplete(done -> arrival.departure().ignore());
    }

    /** A permit is good for half a second; a call whose connection took longer to open asks for another one. */
    private Future<Granted> permitted(Granted granted, AccountClient.Ready ready) {
        if (granted.permit().fresh()) {
            return Future.succeededFuture(granted);
        }
        granted.permit().giveBack();
        return schedule.renew(granted).onFailure(refused -> ready.request().reset(CANCEL));
    }

    /** A model that a form names behind its file: judged as any other, and charged to the limits of its family. */
    private static Future<Void> lateModel(Funded funded, String model) {
        Tenancy tenancy = funded.ask().tenancy();
        funded.arrival().journal().model = model;
        if (!tenancy.tenant().mayUse(model)) {
            return Refusal.of(new Reason.ModelNotAllowed(model));
        }
        return tenancy.quota().takeTokens(model, 0).compose(verdict -> switch (verdict) {
            case Verdict.Granted(var reservation) -> {
                funded.reservation().join(reservation);
                yield Future.succeededFuture();
            }
            case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
        });
    }

    /** One request on its way, until the head of its answer. */
    private final class Attempt {
        private final Granted granted;
        private final RetryRule.Past past;
        private final Arrival arrival;
        private final AccountCapacity account;
        private final Permit permit;
        private final HttpClientRequest request;
        private final boolean reused;
        private final ApiKey key;
        private final long sentAt = time.nanos();
        private final Promise<Opened> head = Promise.promise();
        private final Body body;
        private Future<Void> sending = Future.succeededFuture();
        private @Nullable Timeout silence;

        Attempt(Granted granted, AccountClient.Ready ready, RetryRule.Past past) {
            this.granted = granted;
            this.past = past;
            this.arrival = granted.funded().arrival();
            this.body = granted.funded().ask().body();
            this.account = granted.line().account();
            this.permit = granted.permit();
            this.request = ready.request();
            this.reused = ready.reused();
            this.key = account.watch().key();
        }

        Future<Opened> send() {
            if (arrival.departure().gone()) {
                permit.giveBack();
                request.reset(CANCEL);
                return Refusal.of(new Reason.ClientGone(false));
            }
            Endpoint endpoint = arrival.endpoint();
            Headers.toUpstream(arrival.request().headers(), request.headers(), granted.line().client().account(), key,
                    endpoint.cacheable() || endpoint.usageAt() != UsageAt.NOWHERE);
            arrival.journal().trace.sent(request.headers());
            arrival.departure().then(() -> {
                account.watch().abandoned(permit.need());
                end(new Reason.ClientGone(true), "cancelled");
            });
            LearnedQuotas.Mark mark = account.mark(permit.need());
            permit.sent();
            request.response().onSuccess(response -> opened(response, mark)).onFailure(this::broke);
            Future<Void> sent = body.send(request, firstByte, model -> lateModel(granted.funded(), model));
            sent.onSuccess(whole -> awaitHead()).onFailure(this::stopped);
            sending = sent;
            return head.future().onComplete(over -> {
                if (silence != null) {
                    silence.cancel();
                }
                arrival.departure().ignore();
                arrival.journal().upstreamNanos += time.nanos() - sentAt;
            });
        }

        /** The request has been handed over, and the upstream's time runs. */
        private void awaitHead() {
            if (!head.future().isComplete()) {
                silence = firstByte.start(this::tooLate);
            }
        }

        /** The call's body will not be whole. A failure of the connection to the upstream tells of itself. */
        private void stopped(Throwable failure) {
            if (failure instanceof Refusal refusal) {
                Reason reason = Refusal.reasonOf(refusal);
                if (reason instanceof Reason.UpstreamTimeout) {
                    tooLate();
                } else {
                    end(reason, "cancelled");
                }
                cut();
            }
        }

        /** The upstream takes nothing, or does not answer. */
        private void tooLate() {
            if (!head.future().isComplete()) {
                end(new Reason.UpstreamTimeout(), "timeout");
                account.watch().failed(permit.need());
            }
        }

        private void opened(HttpClientResponse response, LearnedQuotas.Mark mark) {
            if (head.future().isComplete()) {
                return;
            }
            response.pause();
            int status = response.statusCode();
            meters.upstream(account.name(), Integer.toString(status));
            account.watch().answered(permit.need(), mark, status, response.headers());
            Disposition disposition = Disposition.of(status, response.getHeader(HttpHeaders.CONTENT_TYPE));
            if (disposition == Disposition.RELAY && !rule.mayRetry(granted.funded(), status, past)) {
                body.answered();
                head.complete(new Opened(granted, response, sending));
                return;
            }
            arrival.journal().trace.failed(Integer.toString(status));
            UpstreamFault.read(vertx, response, disposition, time.now()).onSuccess(this::faulty);
        }

        private void faulty(Reason reason) {
            account.watch().met(permit.need(), reason);
            Reason told = reason;
            switch (reason) {
                case Reason.UpstreamQuota(long nanos) -> permit.forgive();
                case Reason.UpstreamSlowDown(long nanos) -> permit.forgive();
                case Reason.UpstreamTierBusy(long nanos) -> permit.forgive();
                case Reason.UpstreamOutOfCredit() -> permit.forgive();
                case Reason.UpstreamRejectedKey(boolean another) -> told = new Reason.UpstreamRejectedKey(
                        account.watch().suspected(key, () -> probe.rejects(granted.line().client(), key)));
                default -> {
                    // What it took is spent.
                }
            }
            head.tryFail(new Refusal(told));
        }

        private void broke(Throwable failure) {
            if (!head.future().isComplete() && !reused) {
                account.watch().failed(permit.need());
            }
            end(new Reason.UpstreamBroke(reused), "broken");
        }

        /** Ends without an answer; the first ending counts. */
        private void end(Reason reason, String word) {
            if (head.tryFail(new Refusal(reason))) {
                meters.upstream(account.name(), word);
                arrival.journal().trace.failed(word);
                cut();
            }
        }

        /** The connection first: once the request is reset, it may be another call's. */
        private void cut() {
            ConnectionEnd.now(request.connection());
            request.reset(CANCEL);
        }
    }
}
