package sluice.admin;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.tenancy.KeyDigest;

/** Identifies callers of the admin API by their token. */
final class Gatekeeper {
    private static final Logger LOG = LoggerFactory.getLogger(Gatekeeper.class);
    private static final String BEARER = "Bearer ";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final Supplier<AdminServer.Settings> settings;

    /** @param settings in effect: tokens come and go while it runs */
    Gatekeeper(Supplier<AdminServer.Settings> settings) {
        this.settings = settings;
    }

    /** Who sends the request; throws a {@link Fault} if that is nobody. */
    Principal of(HttpServerRequest request) {
        AdminServer.Settings known = settings.get();
        if (known.token().isEmpty() && known.tokens().isEmpty()) {
            return ofThisMachine(request, known);
        }
        String header = request.getHeader("authorization");
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw unauthorized();
        }
        KeyDigest digest = KeyDigest.of(header.substring(BEARER.length()).strip());
        if (known.token().filter(digest::equals).isPresent()) {
            return new Principal("admin.token", new Role.Operator(), false);
        }
        return known.tokens().stream().filter(token -> token.digest().equals(digest)).findFirst()
                .map(token -> named(token, request)).orElseThrow(Gatekeeper::unauthorized);
    }

    private static Principal named(AdminServer.Token token, HttpServerRequest request) {
        if (token.breakGlass()) {
            LOG.warn("break-glass token {} used: {} {} from {}", token.name(), request.method(), request.path(),
                    request.remoteAddress());
        }
        return new Principal(token.name(), token.role(), token.breakGlass());
    }

    private static Fault unauthorized() {
        return Fault.of(401, "invalid_api_key", "Send the admin token as 'Authorization: Bearer TOKEN'.");
    }

    /**
     * Without a token, the only proof is that a caller can reach loopback. A page in a browser can too, through a name
     * that resolves to it, so the request must use a loopback name and must not come from another origin.
     */
    private static Principal ofThisMachine(HttpServerRequest request, AdminServer.Settings settings) {
        if (!isLoopback(settings.host())) {
            throw Fault.of(403, "admin_disabled",
                    "Set admin.token or admin.tokens in the configuration, or bind the admin listener to loopback.");
        }
        HostAndPort host = request.authority();
        List<String> origins = request.headers().getAll("origin");
        if (host == null || !LOOPBACK.contains(host.host().toLowerCase(Locale.ROOT))) {
            throw Fault.of(403, "host_not_allowed", "Without admin.token, /admin is answered on loopback only, and "
                    + "under its names: use http://localhost or http://127.0.0.1, or set admin.token.");
        }
        String own = (settings.tls().isPresent() ? "https://" : "http://") + host;
        if (!origins.stream().allMatch(origin -> origin.equalsIgnoreCase(own))) {
            throw Fault.of(403, "origin_not_allowed",
                    "Without admin.token, /admin is not answered to pages of other origins. Set admin.token.");
        }
        return new Principal("loopback", new Role.Operator(), false);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
