package sluice.simulator.wire;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Fresh ids in the API's format. */
public final class Ids {
    private Ids() {}

    public static String fresh(String prefix) {
        return prefix + hex();
    }

    public static String hex() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return hex16(random.nextLong()) + hex16(random.nextLong());
    }

    public static String hex16(long value) {
        return HexFormat.of().toHexDigits(value);
    }
}
