package sluice.proxy.socket;

import sluice.proxy.Exchange.Spoken;
import sluice.proxy.Exchange.SpokenAnswer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.account.LiveAccount;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.openai.Endpoint;
import sluice.openai.Served;
import sluice.openai.SocketEvent;
import sluice.openai.SocketMessage;
import sluice.openai.TokenEstimate;
import sluice.openai.Usage;
import sluice.proxy.Patience;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.Reservation;
import sluice.quota.Spending;
import sluice.quota.Verdict;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Decision;
import sluice.schedule.Need;
import sluice.schedule.Permit;
import sluice.schedule.Place;
import sluice.tenancy.Tenancy;

/**
 * What the model calls of one WebSocket take and give back. A call that the caller asks for passes the tenant's limits
 * and waits for a permit first; one that the upstream starts by itself is charged when it is reported, so that the next
 * one waits.
 *
 * <p>Answers are known by their ids. An error belongs to the message that it names, if the caller gave the message an
 * id, and otherwise to the message that has waited longest. If that one is answered all the same, it is charged again.
 */
final class TalkCharges {
    /** The longest answer of any model, in tokens, for a caller whose bound is not a number. */
    private static final long LONGEST_OUTPUT = 128 * 1024L;

    /** The same, in a realtime session. */
    private static final long LONGEST_REALTIME_OUTPUT = 4096;

    /** The most answers of one socket that are in progress or waited for. */
    private static final int MOST_RUNS = 256;

    /** The socket is already open, and leads to one account. */
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
    private final Means means;
    private final Tenancy tenancy;
    private final Stopwatch times;
    private Spoken spoken;
    private @Nullable Usage used;
    private long answers;
    private final LiveAccount home;
    private final Patience patience;
    private final boolean realtime;
    private final Deque<ModelRun> asked = new ArrayDeque<>();
    private final List<ModelRun> running = new ArrayList<>();
    /** What was refused by errors that did not say which message they were about. */
    private final Deque<Need> doubted = new ArrayDeque<>();
    private @Nullable Place waiting;
    private boolean closed;

    TalkCharges(Vertx vertx, Means means, Spoken spoken, LiveAccount home, Patience patience) {
        this.vertx = vertx;
        this.means = means;
        this.tenancy = spoken.tenancy();
        this.spoken = spoken;
        this.times = spoken.times();
        this.home = home;
        this.patience = patience;
        this.realtime = spoken.endpoint() == Endpoint.REALTIME_SOCKET;
    }

    /** What is known of the call now. */
    Spoken facts() {
        return spoken;
    }

    /** What all of its answers have used, as far as the upstream has reported. */
    ModelUse used() {
        return used == null ? ModelUse.nothing() : new ModelUse.Reported("", "", used);
    }

    private void asksFor(String model) {
        if (!model.equals(spoken.model())) {
            spoken = new Spoken(spoken.admitted(), model, spoken.account());
        }
    }

    /** Model calls in flight. */
    int open() {
        return asked.size() + running.size();
    }

    /** Admits a message of the caller, or fails with a {@link Refusal}. */
    Future<Void> admit(SocketMessage message, long length) {
        for (String model : message.models()) {
            if (!tenancy.tenant().mayUse(model)) {
                return Refusal.of(new Reason.ModelNotAllowed(model));
            }
        }
        String named = message.model();
        if (!message.runsModel()) {
            asksFor(named == null ? spoken.model() : named);
            return Future.succeededFuture();
        }
        String model = named == null ? spoken.model() : named;
        if (model.isEmpty() && !tenancy.tenant().mayUseAny()) {
            return Refusal.of(new Reason.ModelUnnamed());
        }
        if (open() >= MOST_RUNS) {
            return Refusal.of(new Reason.TooManyInFlight(MOST_RUNS));
        }
        asksFor(model);
        long input = TokenEstimate.ofText(length);
        return fund(need(model, input + output(message)),
                means.lengths().expected(tenancy.tenant().name(), model, input, output(message)), input,
                message.eventId());
    }

    private Need need(String model, long tokens) {
        return new Need(tenancy.tenant().name(), model, "", tokens);
    }

    private long output(SocketMessage message) {
        if (message.maxOutput() == SocketMessage.UNBOUNDED) {
            return realtime ? LONGEST_REALTIME_OUTPUT : LONGEST_OUTPUT;
        }
        return message.maxOutput() == SocketMessage.UNSAID ? TokenEstimate.DEFAULT_OUTPUT : message.maxOutput();
    }

    private Future<Void> fund(Need need, AnswerLengths.Expected expected, long input, String eventId) {
        Stopwatch since = new Stopwatch(means.time());
        return tenancy.quota().takeRequest().compose(TalkCharges::granted)
                .compose(reservation -> whileUnsent(reservation, () -> means.purse()
                        .reserve(tenancy.spending(), spoken.tags(), need.model(), "",
                                new Usage(input, expected.output(), 0))
                        .compose(hold -> whileUnpaid(hold,
                                () -> tenancy.quota().takeTokens(need.model(), "", expected.tokens(), need.tokens())
                                        .compose(TalkCharges::granted)
                                        .compose(tokens -> permit(need, reservation, tokens, since))
                                        .compose(permit -> send(new ModelRun(permit,
                                                new ModelRun.Reserved(reservation, expected, hold), input, eventId,
                                                since)))))));
    }

    /** Gives back the money of a message that is not sent. */
    private static Future<Void> whileUnpaid(Spending.Hold hold, Supplier<Future<Void>> send) {
        return Stage.begun(send).onFailure(unsent -> hold.close(0));
    }

    private static Future<Reservation> granted(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Granted(var reservation) -> Future.succeededFuture(reservation);
            case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
        };
    }

    /** Gives back what a message has taken if it is not sent. */
    private static Future<Void> whileUnsent(Reservation reservation, Supplier<Future<Void>> send) {
        return Stage.begun(send).onFailure(unsent -> reservation.close(Ending.NOT_SENT));
    }

    private Future<Permit> permit(Need need, Reservation reservation, Reservation tokens, Stopwatch since) {
        reservation.join(tokens);
        if (closed) {
            return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        }
        Place place = means.scheduler().ask(call(need));
        waiting = place;
        return place.outcome().onComplete(over -> waiting = null).compose(outcome -> switch (outcome) {
            case Decision.Granted granted -> {
                times.waited(granted.waitNanos());
                since.waited(granted.waitNanos());
                yield Future.succeededFuture(granted.permit());
            }
            case Decision.Denied denied -> Refusal.of(new Reason.NoPermit(denied));
            case Decision.Left() -> Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        });
    }

    private Call call(Need need) {
        Context loop = vertx.getOrCreateContext();
        return new Call(tenancy.share(), need, patience.lane(), new OpenSocket(home),
                means.time().nanos() + patience.waitNanos(), false, task -> loop.runOnContext(now -> task.run()));
    }

    private Future<Void> send(ModelRun run) {
        return run.send(closed) ? added(run) : Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
    }

    private Future<Void> added(ModelRun run) {
        asked.add(run);
        return Future.succeededFuture();
    }

    /** The upstream has sent an event. */
    void heard(SocketEvent event) {
        switch (event.kind()) {
            case STARTED -> begun(event.response());
            case PIECE -> piece(event);
            case OVER -> over(event);
            case ERROR -> refused(event.askedBy());
            case OTHER -> {
                // Nothing that costs.
            }
        }
    }

    private void begun(String response) {
        if (!response.isEmpty() && find(response) != null) {
            return;
        }
        ModelRun next = asked.poll();
        ModelRun run = next == null ? byItself() : next;
        run.begun(response);
        running.add(run);
    }

    private void piece(SocketEvent event) {
        ModelRun run = find(event.response());
        if (run != null) {
            run.relayed(event.tokens());
        }
    }

    /** The run with this id; without an id, the oldest one. */
    private @Nullable ModelRun find(String response) {
        if (response.isEmpty()) {
            return running.isEmpty() ? null : running.getFirst();
        }
        for (ModelRun run : running) {
            if (run.response().equals(response)) {
                return run;
            }
        }
        return null;
    }

    /** For an answer that nobody requested, or that an error was wrongly assumed to refuse. */
    private ModelRun byItself() {
        Need doubtedNeed = doubted.poll();
        Need need = doubtedNeed == null ? need(spoken.model(), TokenEstimate.DEFAULT_OUTPUT) : doubtedNeed;
        AnswerLengths.Expected expected = means.lengths().expected(need.tenant(), need.model(), 0, need.tokens());
        Reservation reservation = tenancy.quota().charge(need.model(), expected.tokens());
        return new ModelRun(means.scheduler().charge(call(need), home),
                new ModelRun.Reserved(reservation, expected, tenancy.spending().open(spoken.tags())), 0, "",
                new Stopwatch(means.time()));
    }

    private void over(SocketEvent event) {
        ModelRun found = find(event.response());
        if (found == null) {
            begun(event.response());
            found = running.getLast();
        }
        running.remove(found);
        Usage usage = event.served().usage();
        if (usage == null && !event.whole()) {
            home.watch().failed(found.need());
            record(found, found.cut(event.served()), Outcome.UPSTREAM);
        } else {
            home.watch().well(found.need());
            record(found, found.answered(event.served()), Outcome.ANSWERED);
        }
        if (usage != null) {
            used = used == null ? usage : used.plus(usage);
        }
    }

    /** An answer is over: a model call of its own. */
    private void record(ModelRun run, ModelUse use, Outcome outcome) {
        SpokenAnswer facts = new SpokenAnswer(spoken, run.need().model());
        run.paid(means.purse().cost(facts, use));
        means.recorder().answer(spoken.origin().answer(++answers), facts,
                new Spent.Told(status(outcome), outcome, "", 0, use), run.times());
    }

    /** Like a call over HTTP that ends this way. */
    private static int status(Outcome outcome) {
        return switch (outcome) {
            case UPSTREAM -> 502;
            case CLIENT_GONE -> 499;
            default -> 200;
        };
    }

    /** An error never refuses an answer that has begun. */
    private void refused(String askedBy) {
        ModelRun refused = null;
        for (ModelRun run : asked) {
            if (run.askedBy().equals(askedBy) || (askedBy.isEmpty() && !realtime)) {
                refused = run;
                break;
            }
        }
        if (refused == null) {
            return;
        }
        asked.remove(refused);
        home.watch().abandoned(refused.need());
        refused.refused();
        if (askedBy.isEmpty() && doubted.size() < MOST_RUNS) {
            doubted.add(refused.need());
        }
    }

    /**
     * The socket ends, and with it whatever is in flight.
     *
     * @param upstreamBroke whether a message without a reply may still have run a model
     */
    void close(boolean upstreamBroke) {
        if (closed) {
            return;
        }
        closed = true;
        if (waiting != null) {
            waiting.leave();
        }
        Outcome outcome = upstreamBroke ? Outcome.UPSTREAM : Outcome.CLIENT_GONE;
        Stream.concat(running.stream(), asked.stream()).map(ModelRun::need).forEach(
                upstreamBroke ? home.watch()::failed : home.watch()::abandoned);
        running.forEach(run -> record(run, run.cut(Served.UNTOLD), outcome));
        running.clear();
        asked.forEach(run -> record(run, upstreamBroke ? run.answered(Served.UNTOLD) : run.cut(Served.UNTOLD),
                outcome));
        asked.clear();
    }
}
