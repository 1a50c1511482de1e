package sluice.cluster;

import java.util.concurrent.TimeUnit;

/** By how much the worst window of any length saw more than a bucket of a limit by the minute allows. */
final class Window {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long limit;
    private double level;
    private long at;
    private double worst;
    private long total;

    Window(long limit) {
        this.limit = limit;
        this.level = limit;
    }

    void admitted(long now) {
        level = total == 0 ? limit : Math.min((double) limit, level + (now - at) * limit / 60.0 / SECOND);
        at = now;
        level--;
        total++;
        worst = Math.max(worst, -level);
    }

    long overshoot() {
        return (long) Math.floor(worst + 1e-6);
    }

    long total() {
        return total;
    }
}
