package sluice.admin;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * The two cookies of people. Browsers send the session's with requests from our own pages only. The cookie of a login in
 * progress must survive the trip to the provider and back, so it is also sent when another site links here.
 */
enum Cookies {
    SESSION("sluice-session", CookieSameSite.STRICT), LOGIN("sluice-login", CookieSameSite.LAX);

    /** Makes browsers accept it over TLS only, and from no other host of the domain. */
    private static final String HOST = "__Host-";

    private final String name;
    private final CookieSameSite sameSite;

    Cookies(String name, CookieSameSite sameSite) {
        this.name = name;
        this.sameSite = sameSite;
    }

    /** What the browser sends. */
    Optional<String> of(HttpServerRequest request, AdminServer.Oidc oidc) {
        return Optional.ofNullable(request.getCookie(name(oidc))).map(Cookie::getValue);
    }

    void put(HttpServerResponse response, AdminServer.Oidc oidc, String value, Duration lasts) {
        response.addCookie(cookie(oidc, value).setMaxAge(lasts.toSeconds()));
    }

    void remove(HttpServerResponse response, AdminServer.Oidc oidc) {
        response.addCookie(cookie(oidc, "").setMaxAge(0));
    }

    private String name(AdminServer.Oidc oidc) {
        return oidc.secure() ? HOST + name : name;
    }

    private Cookie cookie(AdminServer.Oidc oidc, String value) {
        return Cookie.cookie(name(oidc), value).setPath("/").setHttpOnly(true).setSecure(oidc.secure())
                .setSameSite(sameSite);
    }
}
