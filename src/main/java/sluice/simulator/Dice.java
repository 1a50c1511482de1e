package sluice.simulator;

import java.util.Random;

/** Makes random decisions, identically in every run with the same seed. */
final class Dice {
    private final Random random;

    Dice(long seed) {
        this.random = new Random(seed);
    }

    boolean happens(double rate) {
        return rate > 0 && random.nextDouble() < rate;
    }
}
