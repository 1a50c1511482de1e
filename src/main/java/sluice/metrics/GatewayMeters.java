package sluice.metrics;

/** Every meter of the gateway by name. */
public final class GatewayMeters {
    private GatewayMeters() {}

    /**
     * The bounds of what is told.
     *
     * @param maxTenants tenants that have series of their own; all others share the name {@code other}
     */
    public record Settings(int maxTenants) {}
}
