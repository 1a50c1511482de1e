package sluice.simulator.answers;

import sluice.simulator.wire.Ids;

/**
 * The text that answers a prompt: always the same for the same prompt, with a first word that identifies the prompt.
 * One word counts as one token.
 */
public final class Prose implements Text {
    /** Each with the space before it. */
    private static final String[] WORDS = (" amber anchor basin bridge canal cedar channel cloud coral cove current delta dune "
            + "estuary ferry field forest gate glacier granite harbor hollow island jetty keel lagoon lantern ledge "
            + "lock marsh meadow mill moor narrows oak ocean orchard pebble pier pond quarry rain rapids reef ridge "
            + "river sand shore sluice spray spring stone strait stream summit thaw tide timber valley vessel water wave "
            + "weir willow").split("(?= )");
    private static final int WORDS_LEAST = 16;
    private static final int WORDS_SPREAD = 32;

    private final String marker;
    private final long seed;
    private final int words;
    private final boolean complete;

    private Prose(String marker, long seed, int words, boolean complete) {
        this.marker = marker;
        this.seed = seed;
        this.words = words;
        this.complete = complete;
    }

    /**
     * The answer to a prompt.
     *
     * @param variant   which of several answers to the same prompt
     * @param least     the least number of words, unless cut
     * @param maxTokens where it is cut
     */
    public static Prose answering(String prompt, int variant, int least, int maxTokens) {
        long seed = mix(hash(prompt) + variant);
        int wanted = Math.max(least, WORDS_LEAST + (int) Long.remainderUnsigned(seed, WORDS_SPREAD));
        return new Prose(marker(prompt), seed, Math.min(wanted, maxTokens), wanted <= maxTokens);
    }

    /** The word that identifies every answer to this prompt. */
    public static String marker(String prompt) {
        return "answer-" + Ids.hex16(hash(prompt));
    }

    @Override
    public int tokens() {
        return words;
    }

    @Override
    public boolean complete() {
        return complete;
    }

    @Override
    public String token(int index) {
        return index == 0 ? marker : WORDS[(int) (mix(seed + index) & (WORDS.length - 1))];
    }

    static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The SplitMix64 finalizer: neighboring inputs give unrelated outputs. */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
