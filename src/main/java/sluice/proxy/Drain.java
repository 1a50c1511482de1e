package sluice.proxy;

import java.time.Duration;

/** The orderly end of a gateway. */
public final class Drain {
    private Drain() {}

    /**
     * How long the end may take.
     *
     * @param delay in which everything is still served after readiness has gone, so that balancers notice
     * @param grace in which running calls may finish
     */
    public record Settings(Duration delay, Duration grace) {}
}
