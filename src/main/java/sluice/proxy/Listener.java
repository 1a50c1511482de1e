package sluice.proxy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The port that internal services call. */
public final class Listener {
    private Listener() {}

    /**
     * Where it listens and what it accepts.
     *
     * @param host             address to bind
     * @param port             0: any free one
     * @param maxBodyBytes     the largest JSON body
     * @param maxHeldBodyBytes of all JSON bodies that are held at once
     * @param headTimeout      from the opening of a connection to its first complete request head
     * @param bodyIdle         the longest silence within a request body
     * @param maxHeadBytes     request line and headers
     * @param maxConnections   open at once over all event loops; a further one is closed at once
     * @param tls              if it speaks TLS
     */
    public record Settings(String host, int port, long maxBodyBytes, long maxHeldBodyBytes, Duration headTimeout,
            Duration bodyIdle, int maxHeadBytes, int maxConnections, Optional<Tls> tls) {}

    /** A certificate chain and its private key, both PEM files. */
    public record Tls(Path certificate, Path key) {}
}
