package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.login.Flow;
import sluice.login.LoginFailed;
import sluice.login.Person;
import sluice.login.Provider;
import sluice.time.Time;

/**
 * The routes by which people log in and out: to the provider, back with a code, and out again. Programs use tokens instead.
 */
final class Login {
    static final String PATH = "/admin/login";
    static final String CALLBACK = "/admin/login/callback";
    static final String LOGOUT = "/admin/logout";

    private static final Logger LOG = LoggerFactory.getLogger(Login.class);
    /** Long enough to look for a second factor. */
    private static final Duration UNDER_WAY = Duration.ofMinutes(10);
    private static final String HTML = "text/html; charset=utf-8";
    /** Our own pages, and no other site, however a browser reads slashes. */
    private static final Pattern OWN_PATH = Pattern.compile("/(?:console|admin)(?:[/?][A-Za-z0-9/._~?=&%-]{0,500})?");
    private static final Pattern PARAMETER = Pattern.compile("[ -~]{1,4096}");

    private final Vertx vertx;
    private final Supplier<AdminServer.Settings> settings;
    private final Sessions sessions;
    private final Time time;
    private @Nullable Provider provider;

    /** @param settings in effect */
    Login(Vertx vertx, Supplier<AdminServer.Settings> settings, Sessions sessions, Time time) {
        this.vertx = vertx;
        this.settings = settings;
        this.sessions = sessions;
        this.time = time;
    }

    void mount(Router router) {
        router.get(PATH).handler(context -> answer(context, oidc -> begin(context, oidc)));
        router.get(CALLBACK).handler(context -> answer(context, oidc -> comeBack(context, oidc)));
        router.post(LOGOUT).handler(context -> answer(context, oidc -> logOut(context, oidc)));
        Map.of(PATH, "GET", CALLBACK, "GET", LOGOUT, "POST").forEach((path, method) -> router.route(path)
                .handler(context -> write(context, AdminApi.wrongMethod(method))));
    }

    private void answer(RoutingContext context, Function<AdminServer.Oidc, Future<Reply>> way) {
        context.request().pause();
        Future.succeededFuture().compose(begun -> way.apply(settings.get().oidc().orElseThrow(
                () -> Fault.of(404, "login_not_configured", "Nobody logs in here: admin.oidc is not configured. Send "
                        + "a token."))))
                .onSuccess(reply -> write(context, reply))
                .onFailure(failure -> write(context, refusal(context.request(), fault(failure))));
    }

    /** A person gets a page that says what to do; a program gets JSON. */
    private static Reply refusal(HttpServerRequest request, Fault fault) {
        String accepted = request.getHeader("accept");
        if (accepted == null || !accepted.contains("text/html")) {
            return fault.reply();
        }
        Reply page = Reply.text(HTML, RefusedLogin.page(fault));
        return new Reply(fault.status(), page.contentType(), page.body(), page.headers());
    }

    private static void write(RoutingContext context, Reply reply) {
        context.request().resume();
        context.response().putHeader("referrer-policy", "no-referrer")
                .putHeader("content-security-policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'");
        AdminApi.write(context, reply);
    }

    private static Fault fault(Throwable failure) {
        return switch (failure) {
            case Fault fault -> fault;
            case LoginFailed failed -> {
                LOG.warn("nobody could log in: {}", failed.getMessage());
                String message = String.valueOf(failed.getMessage());
                yield switch (failed.why()) {
                    case AWAY -> Fault.of(503, "login_unavailable",
                            message + ". Please try again, or use a token.");
                    case REFUSED -> Fault.of(403, "login_refused", message);
                };
            }
            case IllegalArgumentException undecodable -> Fault.of(400, "invalid_http",
                    "The request cannot be read: send a query in percent-encoded UTF-8.");
            default -> {
                LOG.error("a login failed", failure);
                yield Fault.of(500, "internal_error", "This failed inside the gateway; its log says why.");
            }
        };
    }

    private Future<Reply> begin(RoutingContext context, AdminServer.Oidc oidc) {
        Gatekeeper.atOwnAddress(context.request(), oidc);
        String to = Optional.ofNullable(context.request().getParam("to")).orElse(Console.PATH);
        if (!OWN_PATH.matcher(to).matches()) {
            throw Fault.invalid("to", "a path under /console or /admin");
        }
        Flow flow = Flow.to(to);
        return provider(oidc).login(flow).map(address -> {
            Cookies.LOGIN.put(context.response(), oidc, flow.text(), UNDER_WAY);
            return Reply.seeOther(address);
        });
    }

    private Future<Reply> comeBack(RoutingContext context, AdminServer.Oidc oidc) {
        HttpServerRequest request = context.request();
        Gatekeeper.atOwnAddress(request, oidc);
        Flow flow = Cookies.LOGIN.of(request, oidc).flatMap(Flow::of)
                .filter(known -> Gatekeeper.same(known.state(), request.getParam("state")))
                .orElseThrow(() -> Fault.of(400, "login_not_begun",
                        "This login was not begun in this browser, or too long ago. Start again at " + PATH + "."));
        Cookies.LOGIN.remove(context.response(), oidc);
        String issuer = request.getParam("iss");
        if (issuer != null && !issuer.equals(oidc.provider().issuer())) {
            throw Fault.of(403, "login_refused", "Another provider answers than was asked.");
        }
        String code = request.getParam("code");
        if (code == null || !PARAMETER.matcher(code).matches()) {
            throw Fault.of(403, "login_refused", "The provider has let nobody in: "
                    + String.valueOf(request.getParam("error")).replaceAll("[^a-z_]", "") + ".");
        }
        return provider(oidc).person(code, flow).map(person -> welcome(context, oidc, person, flow));
    }

    private Reply welcome(RoutingContext context, AdminServer.Oidc oidc, Person person, Flow flow) {
        Role role = oidc.roleOf(person).orElseThrow(() -> Fault.of(403, "no_role",
                "You are " + person.name() + ", and none of your groups may do anything here. Ask for one that "
                        + "admin.oidc.roles names."));
        Cookies.SESSION.of(context.request(), oidc).ifPresent(sessions::end);
        String id = sessions.begin(person, role, oidc.session());
        sessions.of(id).ifPresent(session -> LOG.info("{} has logged in as {} from {}", session.name(), role,
                context.request().remoteAddress()));
        Cookies.SESSION.put(context.response(), oidc, id, oidc.session());
        return goOn(context.response(), flow.to());
    }

    /**
     * A page that moves on by itself. After a redirect the browser would still see a request that another site started, and
     * would not send the session's cookie.
     */
    private static Reply goOn(HttpServerResponse response, String to) {
        String target = OWN_PATH.matcher(to).matches() ? to.replace("&", "&amp;") : Console.PATH;
        response.putHeader("refresh", "0; url=" + (OWN_PATH.matcher(to).matches() ? to : Console.PATH));
        return Reply.text(HTML, "<!doctype html><title>Sluice</title><p><a href=\"" + target
                + "\">Logged in. Continue</a></p>\n");
    }

    private Future<Reply> logOut(RoutingContext context, AdminServer.Oidc oidc) {
        HttpServerRequest request = context.request();
        String id = Cookies.SESSION.of(request, oidc).orElse("");
        sessions.of(id).ifPresent(session -> {
            Gatekeeper.mayChange(request, oidc, session);
            LOG.info("{} has logged out", session.name());
        });
        sessions.end(id);
        Cookies.SESSION.remove(context.response(), oidc);
        return provider(oidc).logout().otherwise(Optional.empty()).map(address -> Reply.json(new JsonObject()
                .put("object", "session.ended").put("provider_logout_url", address.orElse(null))));
    }

    /** The provider of the configuration in effect. */
    private Provider provider(AdminServer.Oidc oidc) {
        Provider known = provider;
        if (known == null || !known.settings().equals(oidc.provider())) {
            if (known != null) {
                known.close();
            }
            known = new Provider(vertx, oidc.provider(), time);
            provider = known;
        }
        return known;
    }
}
