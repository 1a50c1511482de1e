package sluice.admin;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.tenancy.KeyDigest;

/** Identifies callers of the admin API: programs by their token, people by the cookie of their session. */
final class Gatekeeper {
    private static final Logger LOG = LoggerFactory.getLogger(Gatekeeper.class);
    private static final String BEARER = "Bearer ";
    private static final String CSRF = "x-csrf-token";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final Supplier<AdminServer.Settings> settings;
    private final Sessions sessions;

    /** @param settings in effect: tokens come and go while it runs */
    Gatekeeper(Supplier<AdminServer.Settings> settings, Sessions sessions) {
        this.settings = settings;
        this.sessions = sessions;
    }

    /** Who sends the request; throws a {@link Fault} if that is nobody. */
    Principal of(HttpServerRequest request) {
        AdminServer.Settings known = settings.get();
        if (known.provesNobody()) {
            return ofThisMachine(request, known);
        }
        String header = request.getHeader("authorization");
        if (header == null && known.oidc().isPresent()) {
            return person(request, known.oidc().get());
        }
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

    private Principal person(HttpServerRequest request, AdminServer.Oidc oidc) {
        String id = Cookies.SESSION.of(request, oidc).orElseThrow(() -> Fault.of(401, "invalid_api_key",
                "Send the admin token as 'Authorization: Bearer TOKEN', or log in at " + Login.PATH + "."));
        Sessions.Session session = sessions.of(id).orElseThrow(() -> Fault.of(401, "session_ended",
                "This session has ended. Log in again at " + Login.PATH + "."));
        if (!oidc.roleOf(session.person()).equals(Optional.of(session.role()))) {
            sessions.end(id);
            throw Fault.of(401, "session_ended", "What you may do has changed. Log in again at " + Login.PATH + ".");
        }
        if (request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)) {
            atOwnAddress(request, oidc);
        } else {
            mayChange(request, oidc, session);
        }
        return new Principal(session.name(), session.role(), false, Optional.of(session));
    }

    /** Refuses requests to another host name or from another origin: a page of somebody else may be calling. */
    static void atOwnAddress(HttpServerRequest request, AdminServer.Oidc oidc) {
        HostAndPort host = request.authority();
        if (host == null || !host.toString().equalsIgnoreCase(oidc.url().getRawAuthority())) {
            throw Fault.of(403, "host_not_allowed",
                    "People reach this at " + oidc.origin() + " only, which admin.oidc.url says.");
        }
        if (!request.headers().getAll("origin").stream().allMatch(oidc.origin()::equalsIgnoreCase)) {
            throw Fault.of(403, "origin_not_allowed", "Pages of other origins may not use a session.");
        }
    }

    /** A change by cookie must come from one of our pages: the browser's origin and the page's token both have to say so. */
    static void mayChange(HttpServerRequest request, AdminServer.Oidc oidc, Sessions.Session session) {
        atOwnAddress(request, oidc);
        if (request.getHeader("origin") == null) {
            throw Fault.of(403, "origin_not_allowed", "A change by cookie must carry an origin, as browsers send it. "
                    + "Programs use tokens.");
        }
        if (!same(session.csrf(), request.getHeader(CSRF))) {
            throw Fault.of(403, "csrf_token_invalid",
                    "Send " + CSRF + ": csrf_token of GET /admin/v1/session.");
        }
    }

    /** Compares in constant time. */
    static boolean same(String expected, @Nullable String given) {
        return given != null && MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8),
                given.getBytes(StandardCharsets.UTF_8));
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
