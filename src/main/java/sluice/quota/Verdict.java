package sluice.quota;

/** A quota's answer to a call. */
public sealed interface Verdict {
    /** Waiting never helps. */
    long NEVER = Long.MAX_VALUE;

    /** The subject of limits of single end users. */
    String USER = "user";

    /** A limit's name for callers. */
    static String name(Limit limit, String subject) {
        return subject.isEmpty() ? limit.kind().key() : subject + "/" + limit.kind().key();
    }

    /** All limits had room; the reservation holds what was taken. */
    record Granted(Reservation reservation) implements Verdict {}

    /**
     * One limit had no room, and nothing was taken.
     *
     * @param limit     the one that refused
     * @param subject   what it limits: empty for all of the tenant's calls, otherwise {@link #USER} or the pattern of models
     * @param amount    what the call would have taken
     * @param waitNanos until the same call could be granted; at least 1, {@link #NEVER} if it is larger than the limit
     * @param level     what it holds now
     */
    record Refused(Limit limit, String subject, long amount, long waitNanos, QuotaBucket.Level level)
            implements
                Verdict {

        /** The limit's name for callers: {@code rpm}, or {@code gpt-4o/rpm} if it limits some models only. */
        public String name() {
            return Verdict.name(limit, subject);
        }
    }
}
