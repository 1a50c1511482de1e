package sluice.proxy.socket;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.account.LiveAccount;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.openai.Endpoint;
import sluice.openai.Served;
import sluice.openai.SocketEvent;
import sluice.openai.SocketMessage;
import sluice.openai.TokenEstimate;
import sluice.openai.Usage;
import sluice.proxy.Patience;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Reason.ModelNotServed.Bound;
import sluice.proxy.refusal.Refusal;
import sluice.schedule.Need;
import sluice.tenancy.Tenancy;

/**
 * What the model calls of one WebSocket take and give back. A call that the caller asks for passes the tenant's limits
 * and waits for a permit first; one that the upstream starts by itself is charged when it is reported, so that the next
 * one waits. Each is charged to the model of its own lane.
 *
 * <p>Answers are known by their ids. An error belongs to the message that it names, if the caller gave the message an
 * id, and otherwise to the message of its lane that has waited longest. If that one is answered all the same, it is
 * charged again.
 */
final class TalkCharges {
    /** The longest answer of any model, in tokens, for a caller whose bound is not a number. */
    private static final long LONGEST_OUTPUT = 128 * 1024L;

    /** The same, in a realtime session. */
    private static final long LONGEST_REALTIME_OUTPUT = 4096;

    /** Bounds the answers of one socket that are in progress, and the lanes whose models are remembered. */
    private static final int MOST_RUNS = 256;

    /** What was refused by errors that named no message. */
    private record Doubt(String lane, Need need) {}

    private final Means means;
    private final Tenancy tenancy;
    private Spoken spoken;
    private @Nullable Usage used;
    private long answers;
    private final LiveAccount account;
    private final Funding funding;
    private final boolean realtime;
    private final ModelRuns runs;
    private final List<Doubt> doubted = new ArrayList<>();
    /** The model last asked for in each lane, for messages that name none. */
    private final Map<String, String> models = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST_RUNS;
        }
    };
    private boolean expired;
    private boolean closed;

    TalkCharges(Vertx vertx, Means means, Spoken spoken, LiveAccount account, Patience patience) {
        this.means = means;
        this.tenancy = spoken.tenancy();
        this.spoken = spoken;
        this.account = account;
        this.funding = new Funding(vertx, means, spoken, account, patience);
        this.realtime = spoken.endpoint() != Endpoint.RESPONSES_SOCKET;
        this.runs = new ModelRuns(realtime);
    }

    /** What is known of the call now. */
    Spoken facts() {
        return spoken;
    }

    /** What all of its answers have used, as far as the upstream has reported. */
    ModelUse used() {
        return used == null ? ModelUse.nothing() : new ModelUse.Reported("", "", used);
    }

    /** Model calls in flight. */
    int open() {
        return runs.size();
    }

    private void asksFor(String lane, String model) {
        models.remove(lane);
        models.put(lane, model);
        if (!model.equals(spoken.model())) {
            spoken = new Spoken(spoken.admitted(), model, spoken.account());
        }
    }

    private String usualModel(String lane) {
        return models.getOrDefault(lane, spoken.model());
    }

    /** Admits a message of the caller, or fails with a {@link Refusal}. */
    Future<Void> admit(SocketMessage message, long length) {
        return realtime || message.objects().isEmpty()
                ? judged(message, length)
                : means.ownership().check(spoken, message.objects()).compose(own -> judged(message, length));
    }

    private Future<Void> judged(SocketMessage message, long length) {
        for (String model : message.models()) {
            if (!tenancy.tenant().mayUse(model)) {
                return Refusal.of(new Reason.ModelNotAllowed(model));
            }
        }
        ModelRun steered = message.steers() ? runs.named(message.continues()) : null;
        if (!message.runsModel() || (message.steers() && steered == null)) {
            // The upstream itself refuses to steer an answer that is over.
            if (message.model() != null) {
                asksFor(message.lane(), message.model());
            }
            return Future.succeededFuture();
        }
        String lane = steered == null ? message.lane() : steered.asked().lane();
        String model = message.model() != null
                ? message.model()
                : steered == null ? usualModel(lane) : steered.need().model();
        if (model.isEmpty() && !tenancy.tenant().mayUseAny()) {
            return Refusal.of(new Reason.ModelUnnamed());
        }
        if (!account.serves(model)) {
            return Refusal.of(new Reason.ModelNotServed(model, Bound.SOCKET));
        }
        if (open() >= MOST_RUNS) {
            return Refusal.of(new Reason.TooManyInFlight(MOST_RUNS));
        }
        asksFor(lane, model);
        String tier = steered == null ? message.serviceTier() : steered.need().tier();
        long input = TokenEstimate.ofText(length);
        return funding.take(
                new ModelRun.Asked(lane, message.eventId(), message.continues(), message.steers()),
                new Need(tenancy.tenant().name(), model, tier, input + output(message)),
                means.lengths().expected(tenancy.tenant().name(), model, input, output(message)), input)
                .onSuccess(runs::asked).mapEmpty();
    }

    private long output(SocketMessage message) {
        if (message.maxOutput() == SocketMessage.UNBOUNDED) {
            return realtime ? LONGEST_REALTIME_OUTPUT : LONGEST_OUTPUT;
        }
        return message.maxOutput() == SocketMessage.UNSAID ? TokenEstimate.DEFAULT_OUTPUT : message.maxOutput();
    }

    /** The upstream has sent an event. */
    void heard(SocketEvent event) {
        switch (event.kind()) {
            case STARTED -> begun(event);
            case PIECE -> piece(event);
            case USED -> used(event);
            case OVER -> over(event);
            case ERROR -> refused(event);
            case EXPIRED -> expired = true;
            case OTHER -> {
                // Nothing that costs.
            }
        }
    }

    private ModelRun begun(SocketEvent event) {
        ModelRun known = event.response().isEmpty() ? null : runs.named(event.response());
        if (known != null) {
            return known;
        }
        ModelRun asked = runs.taken(event);
        ModelRun run = asked == null ? byItself(event.lane()) : asked;
        runs.begun(run, event.response());
        if (!event.response().isEmpty()) {
            owned(event);
        }
        for (ModelRun answered : runs.steeredInto(event)) {
            account.watch().abandoned(answered.need());
            answered.refused();
        }
        return run;
    }

    /** What an answer or a session stores belongs to its tenant. */
    private void owned(SocketEvent event) {
        switch (spoken.endpoint()) {
            case RESPONSES_SOCKET -> means.ownership().answered(spoken, event.response());
            case LIVE_SOCKET, LIVE_FORKS -> {
                if (event.isOfSession()) {
                    means.ownership().made(spoken, "live/sessions", event.response());
                }
            }
            default -> {
                // Nothing is stored.
            }
        }
    }

    private void piece(SocketEvent event) {
        ModelRun run = runs.about(event);
        if (run != null) {
            run.relayed(event.tokens());
        }
    }

    private void used(SocketEvent event) {
        ModelRun run = runs.about(event);
        if (run != null && event.served().usage() != null) {
            run.used(event.served().usage());
        }
    }

    /** For an answer that nobody requested, or that an error was wrongly assumed to refuse. */
    private ModelRun byItself(String lane) {
        Need need = new Need(tenancy.tenant().name(), usualModel(lane), "", TokenEstimate.DEFAULT_OUTPUT);
        for (Iterator<Doubt> all = doubted.iterator(); all.hasNext();) {
            Doubt doubt = all.next();
            if (lane.isEmpty() || lane.equals(doubt.lane())) {
                all.remove();
                need = doubt.need();
                break;
            }
        }
        return funding.charge(new ModelRun.Asked(lane, "", "", false), need);
    }

    private void over(SocketEvent event) {
        ModelRun running = runs.about(event);
        ModelRun found = running == null ? begun(event) : running;
        runs.over(found);
        Usage usage = event.served().usage();
        if (usage == null && !event.whole()) {
            account.watch().failed(found.need());
            record(found, found.cut(event.served()), Outcome.UPSTREAM);
        } else {
            account.watch().well(found.need());
            record(found, found.answered(event.served()), Outcome.ANSWERED);
        }
        if (usage != null) {
            used = used == null ? usage : used.plus(usage);
        }
    }

    /** An answer is over: a model call of its own. */
    private void record(ModelRun run, ModelUse use, Outcome outcome) {
        Spoken.OneAnswer facts = new Spoken.OneAnswer(spoken, run.need());
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

    private void refused(SocketEvent error) {
        ModelRun refused = runs.refused(error);
        if (refused == null) {
            return;
        }
        account.watch().abandoned(refused.need());
        refused.refused();
        if (error.askedBy().isEmpty() && error.continues().isEmpty() && doubted.size() < MOST_RUNS) {
            doubted.add(new Doubt(refused.asked().lane(), refused.need()));
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
        funding.close();
        Outcome outcome = upstreamBroke || expired ? Outcome.UPSTREAM : Outcome.CLIENT_GONE;
        // An upstream that ends what has lasted long enough is well.
        boolean failed = upstreamBroke && !expired;
        List<ModelRun> running = runs.dropRunning();
        List<ModelRun> asked = runs.dropAsked();
        Stream.concat(running.stream(), asked.stream()).map(ModelRun::need)
                .forEach(failed ? account.watch()::failed : account.watch()::abandoned);
        running.forEach(run -> record(run, run.cut(Served.UNTOLD), outcome));
        asked.forEach(run -> record(run, failed ? run.answered(Served.UNTOLD) : run.cut(Served.UNTOLD), outcome));
    }
}
