package sluice.metrics;

import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;

/**
 * What is learned of one call on its way, for its log line and its meters. Written by the stages as they learn, on the
 * call's own event loop; decides nothing.
 */
public final class Journal {

    /** How a call ended, and whose doing it was. */
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

    public final String id;
    public final String method;
    public final String client;
    public final long startedAt;
    public String endpoint = "none";
    public String tenant = "";
    public String keyId = "";
    public String model = "";
    public boolean stream;
    public String cache = "";
    public String account = "";
    public String upstreamId = "";
    public int attempts;
    public int status;
    public String code = "";
    public Outcome outcome = Outcome.GATEWAY;
    public long bytesOut;
    public long waitNanos;
    public long predictedNanos;
    public long firstByteNanos;
    public long upstreamNanos;
    public long blockedNanos;
    public long totalNanos;
    public @Nullable Usage usage;
    /** Whether the usage was counted as it was learned, and stands here for the log alone. */
    public boolean usageCounted;
    /** Where the call is traced. */
    public CallTrace trace = CallTrace.OFF;
    /** Who counts the call; null until its tenant is known. */
    public @Nullable TenantMeters meters;

    /**
     * Begins with the call's arrival.
     *
     * @param id        the gateway's own id of the call
     * @param method    as sent
     * @param client    the address it came from
     * @param startedAt by the clock's nanoseconds
     */
    public Journal(String id, String method, String client, long startedAt) {
        this.id = id;
        this.method = method;
        this.client = client;
        this.startedAt = startedAt;
    }

    /** What the gateway itself took: all but waiting for quota, the upstream's work, and a client that reads slowly. */
    public long overheadNanos() {
        return Math.max(0, totalNanos - waitNanos - upstreamNanos - blockedNanos);
    }
}
