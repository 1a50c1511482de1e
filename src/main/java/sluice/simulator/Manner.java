package sluice.simulator;

import java.util.Optional;

/**
 * How an answer is to be given.
 *
 * @param created      seconds since 1970
 * @param chunks       pieces of a stream
 * @param leastWords   so that a stream has a word for each of its chunks
 * @param finishReason instead of the true one
 */
record Manner(long created, int chunks, int leastWords, Optional<String> finishReason) {}
