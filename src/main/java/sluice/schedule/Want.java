package sluice.schedule;

/**
 * One tenant's calls that wait for an account and could be sent next.
 *
 * @param share     whose they are
 * @param lane      in which they wait
 * @param need      of the first of them
 * @param calls     how many wait in their line
 * @param waitNanos how long the oldest of them has waited
 */
public record Want(Share share, Lane lane, Need need, int calls, long waitNanos) {}
