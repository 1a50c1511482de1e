package sluice.upstream;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Sends calls to the upstream from one event loop. */
public final class UpstreamClient {
    private UpstreamClient() {}

    /**
     * How the upstream is reached.
     *
     * @param baseUrl          absolute, {@code https} or {@code http}, without a trailing slash; its path stands before every route
     * @param connections      calls that one event loop may have open to one account at once
     * @param connectionMaxAge after which a connection is replaced, so that changes in DNS are followed
     * @param proxy            the company's egress proxy, if any
     * @param caFile           PEM certificates trusted instead of the platform's, if any
     * @param timeouts         how long to wait for what
     */
    public record Settings(URI baseUrl, int connections, Duration connectionMaxAge, Optional<EgressProxy> proxy,
            Optional<Path> caFile, Timeouts timeouts) {}

    /**
     * How long to wait for the upstream.
     *
     * @param connect   to open a connection, TLS included
     * @param firstByte from the request's end to the answer's head
     * @param idle      for the next byte of an answer while we read; a slow client does not count
     */
    public record Timeouts(Duration connect, Duration firstByte, Duration idle) {}

    /**
     * A proxy that the way to the upstream leads through (HTTP CONNECT).
     *
     * @param host     its name or address
     * @param port     its port
     * @param user     for its authentication, if it asks for one
     * @param password likewise
     */
    public record EgressProxy(String host, int port, Optional<String> user, Optional<ApiKey> password) {}
}
