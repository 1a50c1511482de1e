package sluice.quota;

/** What a quota says to a call. */
public sealed interface Verdict {

    /** All limits had room; what was taken is in the reservation. */
    record Granted(Reservation reservation) implements Verdict {}

    /**
     * One limit had no room, and nothing was taken.
     *
     * @param limit     the one that refused
     * @param subject   what it limits: empty for all calls of the tenant, else the pattern of models
     * @param waitNanos until the same call could be granted; at least 1
     */
    record Refused(Limit limit, String subject, long waitNanos) implements Verdict {}
}
