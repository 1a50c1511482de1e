package sluice.yaml;

import java.time.Duration;
import java.util.List;

/** Durations, sizes and rates as written in the file, in the largest unit that divides them evenly. */
public final class TypedText {
    private static final List<Unit> DURATIONS = List.of(new Unit("d", 86_400_000), new Unit("h", 3_600_000),
            new Unit("m", 60_000), new Unit("s", 1_000), new Unit("ms", 1));
    private static final List<Unit> SIZES = List.of(new Unit("GiB", 1L << 30), new Unit("MiB", 1L << 20),
            new Unit("KiB", 1L << 10), new Unit("B", 1));

    private TypedText() {}

    /** A duration. */
    public static String of(Duration duration) {
        return duration.isZero() ? "0s" : inLargest(DURATIONS, duration.toMillis());
    }

    /** A size in bytes. */
    public static String of(long bytes) {
        return bytes == 0 ? "0B" : inLargest(SIZES, bytes);
    }

    static String rate(long bytesPerSecond) {
        return of(bytesPerSecond) + "/s";
    }

    private static String inLargest(List<Unit> units, long amount) {
        Unit largest = units.stream().filter(unit -> amount % unit.amount() == 0).findFirst().orElseThrow();
        return amount / largest.amount() + largest.name();
    }

    private record Unit(String name, long amount) {}
}
