package sluice.schedule;

/**
 * Calls of one tenant that wait for an account and could be sent next.
 *
 * @param share whose they are
 * @param need  of the first of them
 * @param calls how many wait in its line
 */
public record Want(Share share, Need need, int calls) {}
