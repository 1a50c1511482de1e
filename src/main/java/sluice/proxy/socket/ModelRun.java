package sluice.proxy.socket;

import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;
import sluice.quota.Ending;
import sluice.quota.Reservation;
import sluice.schedule.Need;
import sluice.schedule.Permit;

/** An answer of a model within a WebSocket: what it has taken, and how much of it has arrived. It ends once. */
final class ModelRun {
    private final Permit permit;
    private final Reservation reservation;
    private final long input;
    private final String askedBy;
    private String response = "";
    private long relayed;

    /**
     * Begins with a message that is on its way.
     *
     * @param reservation of the tenant's requests and tokens
     * @param input       tokens of the message, as estimated
     * @param askedBy     the id that the caller gave the message, or empty
     */
    ModelRun(Permit permit, Reservation reservation, long input, String askedBy) {
        this.permit = permit;
        this.reservation = reservation;
        this.input = input;
        this.askedBy = askedBy;
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
    }

    /** A piece of it has arrived. */
    void relayed(long tokens) {
        relayed += tokens;
    }

    /** It is over; without usage, the reservation stands. */
    void answered(@Nullable Usage usage) {
        if (usage == null) {
            reservation.close(Ending.AS_RESERVED);
        } else {
            settle(usage.total());
        }
    }

    /** It is incomplete and will stay so. */
    void cut() {
        settle(Math.max(input, relayed));
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
