package sluice.cluster;

/**
 * The last that was heard of a shared bucket.
 *
 * @param units level that was left, in the units of its rate
 * @param at    when that was heard, by this process' clock
 * @param asks  from when on it is worth to ask again after a refusal
 */
record LevelNews(double units, long at, long asks) {}
