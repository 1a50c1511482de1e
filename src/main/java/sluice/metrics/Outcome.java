package sluice.metrics;

/** How a call ended, and who caused it. */
public enum Outcome {
    ANSWERED, TENANT, GATEWAY, UPSTREAM, CLIENT_GONE;

    /** The label in metrics and logs. */
    public String label() {
        return switch (this) {
            case ANSWERED -> "answered";
            case TENANT -> "tenant";
            case GATEWAY -> "gateway";
            case UPSTREAM -> "upstream";
            case CLIENT_GONE -> "client-gone";
        };
    }
}
