package sluice.proxy.socket;

import org.jspecify.annotations.Nullable;
import sluice.metrics.ModelUse;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.openai.Served;
import sluice.openai.Usage;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.Reservation;
import sluice.quota.Spending;
import sluice.schedule.Need;
import sluice.schedule.Permit;

/** An answer of a model within a WebSocket: what it has taken, and how much of it has arrived. It ends once. */
final class ModelRun {

    /**
     * What was reserved of its tenant's.
     *
     * @param requests requests and tokens
     * @param expected the tokens among them
     * @param money    of its budgets
     */
    record Reserved(Reservation requests, AnswerLengths.Expected expected, Spending.Hold money) {}

    /**
     * The message that asked for it.
     *
     * @param lane      its lane, or empty
     * @param eventId   the id that the caller gave it, or empty
     * @param continues the answer that it continues or steers, or empty
     * @param steers    whether it adds to an answer in progress
     */
    record Asked(String lane, String eventId, String continues, boolean steers) {}

    private final Permit permit;
    private final Reserved reserved;
    private final long input;
    private final Asked asked;
    private final Stopwatch times;
    private String response = "";
    private long relayed;
    private @Nullable Usage soFar;

    /**
     * Starts with a message that is being sent.
     *
     * @param reserved    of its tenant's
     * @param input       tokens of the message, as estimated
     * @param asked       the message
     * @param times       started when the message arrived
     */
    ModelRun(Permit permit, Reserved reserved, long input, Asked asked, Stopwatch times) {
        this.permit = permit;
        this.reserved = reserved;
        this.input = input;
        this.asked = asked;
        this.times = times;
    }

    /** Sends the message, unless it is too late: then nothing was taken of the account. */
    boolean send(boolean late) {
        if (late) {
            permit.giveBack();
        } else {
            permit.sent();
        }
        return !late;
    }

    Need need() {
        return permit.need();
    }

    /** The message that asked for it. */
    Asked asked() {
        return asked;
    }

    /** The id that the upstream gave the answer, once it has begun; or empty. */
    String response() {
        return response;
    }

    void begun(String id) {
        response = id;
        times.answers();
    }

    /** Where its time has gone. */
    Spent.Times times() {
        return times.stop();
    }

    /** A piece of it has arrived. */
    void relayed(long tokens) {
        relayed += tokens;
    }

    /** What it has used so far, according to the upstream. */
    void used(Usage usage) {
        soFar = usage;
    }

    /** It is over; without usage, the reservation stands. Returns what it used. */
    ModelUse answered(Served served) {
        Usage usage = served.usage();
        if (usage == null) {
            reserved.requests().close(Ending.AS_RESERVED);
        } else {
            settle(usage.total());
            reserved.expected().was(usage.input(), usage.output());
        }
        return ModelUse.of(served, new Usage(input, reserved.expected().output(), 0));
    }

    /** It is incomplete and will stay so. Returns what it used. */
    ModelUse cut(Served served) {
        if (soFar != null) {
            settle(soFar.total());
            return ModelUse.of(new Served(served.model(), served.serviceTier(), soFar), null);
        }
        settle(Math.max(input, relayed));
        return ModelUse.of(served, new Usage(input, relayed, 0));
    }

    /** It has cost this, in picodollars. */
    void paid(long picodollars) {
        reserved.money().close(picodollars);
    }

    /** The upstream did not take the message; the request stays spent. */
    void refused() {
        paid(0);
        permit.settle(input);
        reserved.requests().close(Ending.NOT_RUN);
    }

    private void settle(long tokens) {
        permit.settle(tokens);
        reserved.requests().close(new Ending.Used(tokens));
    }
}
