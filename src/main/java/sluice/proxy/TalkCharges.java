package sluice.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Journal;
import sluice.openai.SocketEvent;
import sluice.openai.SocketMessage;
import sluice.openai.Usage;
import sluice.proxy.Exchange.Caller;
import sluice.quota.Ending;
import sluice.quota.Reservation;
import sluice.quota.Verdict;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Need;
import sluice.schedule.Outcome;
import sluice.schedule.Permit;
import sluice.schedule.Place;

/**
 * What the model calls of one WebSocket take and give back. One that the caller asks for passes the tenant's limits and
 * waits for a permit first; one that the upstream begins by itself is charged when it tells of it, so that the next waits.
 */
final class TalkCharges {
    private static final long UNSAID_OUTPUT = 1024;

    /** A model call under way. */
    private record Running(Permit permit, @Nullable Reservation requests, @Nullable Reservation tokens) {

        void close(Ending ending, @Nullable Usage usage) {
            if (usage != null) {
                permit.settle(usage.total());
            }
            if (requests != null) {
                requests.close(ending);
            }
            if (tokens != null) {
                tokens.close(usage == null ? ending : new Ending.Used(usage.total()));
            }
        }
    }

    /** The socket is open already, and leads to one account. */
    private record OpenSocket(Capacity home) implements Call.Routes {

        @Override
        public boolean allows(Capacity account) {
            return account.name().equals(home.name());
        }

        @Override
        public boolean connect(Capacity account) {
            return true;
        }
    }

    private final Vertx vertx;
    private final Services services;
    private final Tenancy tenancy;
    private final Journal journal;
    private final AccountCapacity home;
    private final Patience patience;
    private final Deque<Running> asked = new ArrayDeque<>();
    private final Deque<Running> started = new ArrayDeque<>();
    private @Nullable Place waiting;
    private boolean closed;

    TalkCharges(Vertx vertx, Services services, Caller caller, AccountCapacity home, Patience patience) {
        this.vertx = vertx;
        this.services = services;
        this.tenancy = caller.tenancy();
        this.journal = caller.arrival().journal();
        this.home = home;
        this.patience = patience;
        home.lines(1);
        journal.usageCounted = true;
    }

    /** Model calls under way. */
    int open() {
        return asked.size() + started.size();
    }

    /** Whether a message of the caller may go on; fails with a {@link Refusal}. */
    Future<Void> admit(SocketMessage message, long length) {
        for (String model : message.models()) {
            if (!tenancy.tenant().mayUse(model)) {
                return Refusal.of(new Reason.ModelNotAllowed(model));
            }
            journal.model = model;
        }
        if (!message.runsModel()) {
            return Future.succeededFuture();
        }
        if (journal.model.isEmpty() && !tenancy.tenant().mayUseAny()) {
            return Refusal.of(new Reason.MissingModel());
        }
        long output = message.maxOutput() < 0 ? UNSAID_OUTPUT : message.maxOutput();
        return fund(need(Math.ceilDiv(length, 4) + output));
    }

    private Need need(long tokens) {
        return new Need(tenancy.tenant().name(), journal.model, "", tokens);
    }

    private Future<Void> fund(Need need) {
        return tenancy.quota().takeRequest().compose(TalkCharges::granted)
                .compose(requests -> tenancy.quota().takeTokens(need.model(), need.tokens())
                        .compose(TalkCharges::granted)
                        .compose(tokens -> permit(need)
                                .onSuccess(permit -> run(permit, requests, tokens))
                                .onFailure(denied -> tokens.close(Ending.NOT_SENT)))
                        .onFailure(denied -> requests.close(Ending.NOT_SENT)))
                .mapEmpty();
    }

    private static Future<Reservation> granted(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Granted(var reservation) -> Future.succeededFuture(reservation);
            case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
        };
    }

    private Future<Permit> permit(Need need) {
        Place place = services.scheduler().ask(call(need));
        waiting = place;
        return place.outcome().compose(outcome -> {
            waiting = null;
            return switch (outcome) {
                case Outcome.Granted granted -> {
                    journal.waitNanos += granted.waitNanos();
                    yield Future.succeededFuture(granted.permit());
                }
                case Outcome.Denied denied -> Refusal.of(new Reason.NoPermit(denied));
                case Outcome.Left() -> Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
            };
        });
    }

    private Call call(Need need) {
        Context loop = vertx.getOrCreateContext();
        return new Call(tenancy.share(), need, patience.lane(), new OpenSocket(home),
                services.time().nanos() + patience.waitNanos(), false, task -> loop.runOnContext(now -> task.run()));
    }

    private void run(Permit permit, Reservation requests, Reservation tokens) {
        if (closed) {
            permit.giveBack();
            requests.close(Ending.NOT_SENT);
            tokens.close(Ending.NOT_SENT);
            return;
        }
        permit.sent();
        asked.add(new Running(permit, requests, tokens));
    }

    /** The upstream has said something. */
    void heard(SocketEvent event) {
        switch (event.kind()) {
            case STARTED -> started.add(asked.isEmpty() ? byItself() : asked.remove());
            case OVER -> over(event.usage());
            case ERROR -> {
                Running refused = asked.pollLast();
                if (refused != null) {
                    refused.permit().settle(0);
                    refused.close(Ending.NOT_RUN, null);
                }
            }
            case OTHER -> {
                // Nothing that costs.
            }
        }
    }

    private Running byItself() {
        tenancy.quota().charge(journal.model);
        return new Running(services.scheduler().charge(call(need(0)), home), null, null);
    }

    private void over(@Nullable Usage usage) {
        Running running = started.isEmpty() ? asked.poll() : started.poll();
        if (running != null) {
            running.close(Ending.AS_RESERVED, usage);
        }
        if (usage != null) {
            journal.usage = journal.usage == null ? usage : journal.usage.plus(usage);
            if (journal.meters != null) {
                services.meters().tokens(journal.meters, journal.model, usage);
            }
        }
    }

    /** The socket is closed: what is under way has been used. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        home.lines(-1);
        if (waiting != null) {
            waiting.leave();
        }
        asked.forEach(running -> running.close(Ending.AS_RESERVED, null));
        started.forEach(running -> running.close(Ending.AS_RESERVED, null));
    }
}
