package sluice.simulator.answers;

import java.util.Optional;

/**
 * How to give an answer.
 *
 * @param created      seconds since 1970
 * @param chunks       pieces of text in a stream
 * @param leastWords   the least number of words, so that a stream has one for each of its chunks
 * @param finishReason replaces the real one
 */
public record Manner(long created, int chunks, int leastWords, Optional<String> finishReason) {}
