package sluice.admin;

import java.util.Optional;
import sluice.tenant.KeyDigest;

/** The listener for those who operate the gateway. */
public final class AdminServer {
    private AdminServer() {}

    /**
     * Where it listens, and who may use {@code /admin}.
     *
     * @param host  address to bind
     * @param port  0: any free one
     * @param token digest of the bearer token; where there is none, {@code /admin} answers only on loopback
     */
    public record Settings(String host, int port, Optional<KeyDigest> token) {}
}
