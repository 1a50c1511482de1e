package sluice.cluster;

/**
 * What a replica knows of its cluster.
 *
 * @param replicas  that live, itself included, as last told; 0 if it was never told
 * @param epoch     of the store's memory, empty if it was never told
 * @param lostAt    microseconds of the store's clock at which it had lost its data and began anew, 0 if it has not
 */
record Membership(int replicas, String epoch, long lostAt) {
    static final Membership UNKNOWN = new Membership(0, "", 0);
}
