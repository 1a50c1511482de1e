package sluice.cluster;

import java.util.List;

/** What the upstream has said is left of an account's quotas, here and to the other replicas that serve it. */
public interface Reports {

    /**
     * What one replica knows of one quota.
     *
     * @param quota     its name
     * @param limit     of the window
     * @param left      of the limit
     * @param perNano   what comes back
     * @param agedNanos since it was told
     */
    record Told(String quota, long limit, double left, double perNano, long agedNanos) {}

    /** What answers to calls of this replica have said since this was last asked. */
    List<Told> news();

    /** What another replica has told. */
    void hear(Told told);

    /** Is run when so little is left that others should know soon. */
    void whenScarce(Runnable teller);
}
