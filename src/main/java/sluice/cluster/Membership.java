package sluice.cluster;

/**
 * What a replica knows of its cluster.
 *
 * @param replicas live ones, itself included, as last reported; 0 if never reported
 * @param epoch    of the store's data, empty if never reported
 * @param lostAt   when the store had lost its data and started over, in microseconds of its clock; 0 if it has not
 */
record Membership(int replicas, String epoch, long lostAt) {
    static final Membership UNKNOWN = new Membership(0, "", 0);
}
