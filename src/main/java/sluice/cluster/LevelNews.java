package sluice.cluster;

/**
 * The latest known state of a shared bucket.
 *
 * @param units its level, in units of its rate
 * @param at    when it was received, by this process's clock
 * @param asks  when asking again is worthwhile after a refusal
 */
record LevelNews(double units, long at, long asks) {}
