package sluice.cluster;

import java.util.List;

/** What the upstream reports as remaining of an account's quotas, here and at the other replicas that serve it. */
public interface Reports {

    /**
     * What one replica knows of one quota.
     *
     * @param quota     its name
     * @param limit     of the window
     * @param left      of the limit
     * @param perNano   refill per nanosecond
     * @param agedNanos since it was reported
     */
    record Told(String quota, long limit, double left, double perNano, long agedNanos) {}

    /** What answers to this replica's calls have reported since the last time this was called. */
    List<Told> news();

    /** What another replica has reported. */
    void hear(Told told);

    /** Registers a task to run when so little remains that others should know soon. */
    void whenScarce(Runnable teller);
}
