package sluice.cluster;

/**
 * The latest news of a shared bucket.
 *
 * @param units level that was left, in units of its rate
 * @param at    when it was received, by this process's clock
 * @param asks  when it is worth asking again after a refusal
 */
record LevelNews(double units, long at, long asks) {}
