package sluice.admin;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.login.Person;
import sluice.login.Provider;
import sluice.net.CertifiedKey;
import sluice.net.Unbound;
import sluice.tenancy.KeyDigest;
import sluice.time.Time;

/** The listener for operators: health, metrics, the console, and the admin API behind its tokens. */
public final class AdminServer {

    /**
     * Where it listens, and who may use {@code /admin}.
     *
     * @param host   the address to bind
     * @param port   0 for any free port
     * @param token  digest of the bearer token of an operator without a name
     * @param tokens by name and role; without any, {@code /admin} answers only on loopback
     * @param tls    if it serves TLS
     * @param oidc   if people may log in
     * @param callers what callers of the gateway are told to use
     */
    public record Settings(String host, int port, Optional<KeyDigest> token, List<Token> tokens, Optional<Tls> tls,
            Optional<Oidc> oidc, BaseUrl callers) {

        private static final BaseUrl UNSAID = new BaseUrl(Optional.empty(), false, 8080);

        public Settings {
            tokens = List.copyOf(tokens);
        }

        /** Without tokens that have a name, and without TLS. */
        public Settings(String host, int port, Optional<KeyDigest> token) {
            this(host, port, token, List.of(), Optional.empty(), Optional.empty(), UNSAID);
        }

        /** The part that cannot change without a restart: everything but who may call, and what callers are told. */
        public Settings withoutTokens() {
            return new Settings(host, port, Optional.empty(), List.of(), tls, Optional.empty(), UNSAID);
        }

        /** Whether nobody can authenticate, so that only loopback is answered. */
        boolean provesNobody() {
            return token.isEmpty() && tokens.isEmpty() && oidc.isEmpty();
        }

        /** The digests of all tokens. */
        public Set<KeyDigest> digests() {
            return Stream.concat(token.stream(), tokens.stream().map(Token::digest))
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /**
     * A bearer token, known by its digest.
     *
     * @param name       in logs and in the audit
     * @param breakGlass whether it is for emergencies, so that each use is audited
     */
    public record Token(String name, Role role, KeyDigest digest, boolean breakGlass) {}

    /**
     * How people log in.
     *
     * @param url     where browsers reach this listener, without a path
     * @param roles   what members of groups may do; the first that fits decides
     * @param session how long a login lasts
     */
    public record Oidc(Provider.Settings provider, URI url, List<GroupRole> roles, Duration session) {

        public Oidc {
            roles = List.copyOf(roles);
        }

        /** What somebody may do; empty for nothing. */
        Optional<Role> roleOf(Person person) {
            return roles.stream().filter(each -> person.groups().contains(each.group())).map(GroupRole::role)
                    .findFirst();
        }

        /** The address of pages that may use it. */
        String origin() {
            return url.getScheme() + "://" + url.getRawAuthority();
        }

        boolean secure() {
            return url.getScheme().equals("https");
        }
    }

    /** What members of a group may do. */
    public record GroupRole(String group, Role role) {}

    /** A certificate chain and its private key, both PEM files. */
    public record Tls(Path certificate, Path key) {}

    /**
     * What it asks of the gateway.
     *
     * @param ready    whether calls should be sent here
     * @param metrics  all metrics in the Prometheus text format
     * @param settings in effect: who may call may change while it runs
     */
    public record Views(BooleanSupplier ready, Supplier<String> metrics, Supplier<Settings> settings, Time time) {}

    /** The most connections open at once. */
    public static final int MAX_CONNECTIONS = 256;

    /** Many parameters, each percent-encoded. */
    private static final int LONGEST_LINE = 64 * 1024;
    private static final Duration FIRST_REQUEST = Duration.ofSeconds(10);
    /** Longer than the usual scrape interval. */
    private static final Duration NEXT_REQUEST = Duration.ofSeconds(75);

    private final HttpServer server;
    private final Sessions sessions;

    private AdminServer(HttpServer server, Sessions sessions) {
        this.server = server;
        this.sessions = sessions;
    }

    /**
     * Starts listening.
     *
     * @param certificate shown to callers, if it serves TLS
     */
    public static Future<AdminServer> start(Vertx vertx, Views views, Operations operations,
            Optional<CertifiedKey> certificate) {
        return start(vertx, views, operations, certificate, FIRST_REQUEST, NEXT_REQUEST);
    }

    static Future<AdminServer> start(Vertx vertx, Views views, Operations operations,
            Optional<CertifiedKey> certificate, Duration first, Duration next) {
        Sessions sessions = new Sessions(views.time());
        Router router = Router.router(vertx);
        router.get("/livez").handler(context -> text(context, 200, "ok\n"));
        router.get("/readyz").handler(context -> {
            boolean ready = views.ready().getAsBoolean();
            text(context, ready ? 200 : 503, ready ? "ready\n" : "not ready\n");
        });
        Scrape scrape = new Scrape(vertx, views.metrics());
        router.get("/metrics").handler(context -> scrape.text().onFailure(context::fail)
                .onSuccess(text -> context.response()
                        .putHeader("content-type", "text/plain; version=0.0.4; charset=utf-8").end(text)));
        new Console(() -> views.settings().get().oidc().isPresent()).mount(router);
        new Login(vertx, views.settings(), sessions, views.time()).mount(router);
        new AdminApi(new Gatekeeper(views.settings(), sessions), operations).mount(router);
        router.route().last().handler(context -> AdminApi.write(context, Fault.of(404, "unknown_url",
                "Not found. See /console, /livez, /readyz, /metrics and /admin/v1/openapi.yaml.").reply()));
        Callers callers = new Callers(vertx, first, next);
        return vertx.createHttpServer(options(views.settings().get(), certificate))
                .connectionHandler(callers::came)
                .invalidRequestHandler(AdminServer::invalid)
                .requestHandler(request -> {
                    callers.asked(request);
                    router.handle(request);
                }).listen().map(listening -> new AdminServer(listening, sessions))
                .recover(failure -> Future.failedFuture(Unbound.of("admin", views.settings().get().host(),
                        views.settings().get().port(), failure)));
    }

    private static HttpServerOptions options(Settings settings, Optional<CertifiedKey> certificate) {
        HttpServerOptions options = new HttpServerOptions().setHost(settings.host()).setPort(settings.port())
                .setMaxInitialLineLength(LONGEST_LINE).setHttp2ClearTextEnabled(false);
        certificate.ifPresent(shown -> options.setSsl(true).setUseAlpn(false)
                .setSslHandshakeTimeout(FIRST_REQUEST.toMillis()).setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setKeyCertOptions(shown.options()));
        return options;
    }

    /** Refuses what cannot be parsed as a request. */
    private static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Fault fault = cause instanceof TooLongHttpLineException
                ? Fault.of(414, "invalid_http", "The request line is too long.")
                : cause instanceof TooLongHttpHeaderException
                        ? Fault.of(431, "invalid_http", "The request headers are too large.")
                        : Fault.of(400, "invalid_http", "The request is not valid HTTP.");
        Reply reply = fault.reply();
        request.response().setStatusCode(reply.status()).putHeader("content-type", reply.contentType())
                .putHeader("connection", "close").end(reply.body())
                .onComplete(written -> request.connection().close());
    }

    /** Shows this certificate on new connections. */
    public Future<Void> renewCertificate(CertifiedKey renewed) {
        return server.updateSSLOptions(new ServerSSLOptions().setUseAlpn(false).setKeyCertOptions(renewed.options()),
                true).mapEmpty();
    }

    /** The port it listens on. */
    public int port() {
        return server.actualPort();
    }

    /** How many people are logged in. */
    public int sessions() {
        return sessions.count();
    }

    /** Stops listening. */
    public Future<Void> close() {
        return server.close();
    }

    private static void text(RoutingContext context, int status, String text) {
        context.response().setStatusCode(status).putHeader("content-type", "text/plain").end(text);
    }
}
