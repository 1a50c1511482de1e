package sluice.proxy.socket;

import sluice.metrics.ModelUse;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.openai.Served;
import sluice.openai.Usage;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.Reservation;
import sluice.schedule.Need;
import sluice.schedule.Permit;

/** An answer of a model within a WebSocket: what it has taken, and how much of it has arrived. It ends once. */
final class ModelRun {
    private final Permit permit;
    private final Reservation reservation;
    private final AnswerLengths.Expected expected;
    private final long input;
    private final String askedBy;
    private final Stopwatch times;
    private String response = "";
    private long relayed;

    /**
     * Begins with a message that is on its way.
     *
     * @param reservation of the tenant's requests and tokens
     * @param expected    of the answer, when it was reserved
     * @param input       tokens of the message, as estimated
     * @param askedBy     the id that the caller gave the message, or empty
     * @param times       started when the message arrived
     */
    ModelRun(Permit permit, Reservation reservation, AnswerLengths.Expected expected, long input, String askedBy,
            Stopwatch times) {
        this.permit = permit;
        this.reservation = reservation;
        this.expected = expected;
        this.input = input;
        this.askedBy = askedBy;
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

    String askedBy() {
        return askedBy;
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

    /** It is over; without usage, the reservation stands. Returns what it used. */
    ModelUse answered(Served served) {
        Usage usage = served.usage();
        if (usage == null) {
            reservation.close(Ending.AS_RESERVED);
        } else {
            settle(usage.total());
            expected.was(usage.input(), usage.output());
        }
        return ModelUse.of(served, new Usage(input, expected.output(), 0));
    }

    /** It is incomplete and will stay so. Returns what it used. */
    ModelUse cut(Served served) {
        settle(Math.max(input, relayed));
        return ModelUse.of(served, new Usage(input, relayed, 0));
    }

    /** The upstream did not take the message; the request stays spent. */
    void refused() {
        permit.settle(input);
        reservation.close(Ending.NOT_RUN);
    }

    private void settle(long tokens) {
        permit.settle(tokens);
        reservation.close(new Ending.Used(tokens));
    }
}
