package sluice.admin;

import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.util.Optional;

/**
 * The base URL that callers give their SDK.
 *
 * @param configured {@code listen.base-url}
 * @param tls        whether the gateway itself serves TLS
 * @param port       where it listens
 */
public record BaseUrl(Optional<URI> configured, boolean tls, int port) {
    /** The same of a gateway that chose its port. */
    public BaseUrl at(int chosen) {
        return new BaseUrl(configured, tls, chosen);
    }

    /** Whether it has to be guessed: only the configuration knows of proxies, and of names in the network. */
    boolean isGuessed() {
        return configured.isEmpty();
    }

    /**
     * The configured one, or else the gateway's own port at this host.
     *
     * @param authority host and perhaps port under which somebody reached the admin listener
     */
    String seenFrom(Optional<String> authority) {
        return configured.map(URI::toString).orElseGet(() -> {
            String host = authority.map(text -> HostAndPort.parseAuthority(text, port)).map(HostAndPort::host)
                    .orElse("localhost");
            return (tls ? "https://" : "http://") + host + ":" + port + "/v1";
        });
    }
}
