package sluice.simulator;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Fresh ids in the API's format. */
final class Ids {
    private Ids() {}

    static String fresh(String prefix) {
        return prefix + hex();
    }

    static String hex() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return hex16(random.nextLong()) + hex16(random.nextLong());
    }

    static String hex16(long value) {
        return HexFormat.of().toHexDigits(value);
    }
}
