package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import sluice.openai.OpenAiError;
import sluice.tenancy.KeyDigest;

/** The listener for operators: health, metrics, and the admin API behind its token. */
public final class AdminServer {

    /**
     * Where it listens, and who may use {@code /admin}.
     *
     * @param host  the address to bind
     * @param port  0 for any free port
     * @param token digest of the bearer token; without one, {@code /admin} answers only on loopback
     */
    public record Settings(String host, int port, Optional<KeyDigest> token) {}

    /**
     * What it shows.
     *
     * @param ready   whether calls should be sent here
     * @param metrics all metrics in the Prometheus text format
     * @param config  the effective configuration as YAML, without secrets
     * @param queue   who is waiting and for how long, and the state of the accounts
     * @param usage   what tenants have used
     */
    public record Views(BooleanSupplier ready, Supplier<String> metrics, Supplier<String> config,
            Supplier<JsonObject> queue, UsageView usage) {}

    /** Revokes or restores the key with this id. */
    @FunctionalInterface
    public interface KeyChange {
        Future<Void> apply(String id, boolean revoked);
    }

    /** The most connections open at once. */
    public static final int MAX_CONNECTIONS = 256;

    private static final Duration FIRST_REQUEST = Duration.ofSeconds(10);
    /** Longer than the usual scrape interval. */
    private static final Duration NEXT_REQUEST = Duration.ofSeconds(75);
    private static final Pattern KEY_ID = Pattern.compile("[0-9a-f]{12}");
    private static final String BEARER = "Bearer ";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final HttpServer server;

    private AdminServer(HttpServer server) {
        this.server = server;
    }

    /** Starts listening. */
    public static Future<AdminServer> start(Vertx vertx, Settings settings, Views views, KeyChange keys) {
        return start(vertx, settings, views, keys, FIRST_REQUEST, NEXT_REQUEST);
    }

    static Future<AdminServer> start(Vertx vertx, Settings settings, Views views, KeyChange keys, Duration first,
            Duration next) {
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
        router.route("/admin/*").handler(context -> authorize(context, settings));
        // Of many tenants it is megabytes, and takes a second to write.
        router.get("/admin/v1/config").handler(context -> vertx.executeBlocking(views.config()::get, false)
                .onFailure(context::fail)
                .onSuccess(yaml -> context.response().putHeader("content-type", "application/yaml").end(yaml)));
        router.get("/admin/v1/queue").handler(context -> context.json(views.queue().get()));
        router.get("/admin/v1/usage").handler(views.usage()::answer);
        router.post("/admin/v1/keys/:id/revoke").handler(context -> change(context, keys, true));
        router.post("/admin/v1/keys/:id/restore").handler(context -> change(context, keys, false));
        router.route().last().handler(context -> error(context, 404, "unknown_url",
                "There is nothing here. See /livez, /readyz, /metrics, /admin/v1/config, /admin/v1/queue, "
                        + "/admin/v1/usage and POST /admin/v1/keys/ID/revoke and /restore."));
        Callers callers = new Callers(vertx, first, next);
        return vertx
                .createHttpServer(new HttpServerOptions().setHost(settings.host()).setPort(settings.port())
                        .setHttp2ClearTextEnabled(false))
                .connectionHandler(callers::came)
                .requestHandler(request -> {
                    callers.asked(request);
                    router.handle(request);
                }).listen().map(AdminServer::new);
    }

    /** The port it listens on. */
    public int port() {
        return server.actualPort();
    }

    /** Stops listening. */
    public Future<Void> close() {
        return server.close();
    }

    /** Keys are named by id: the first 12 digits of the digest, as logs and the configuration show it. */
    private static void change(RoutingContext context, KeyChange keys, boolean revoked) {
        String id = String.valueOf(context.pathParam("id"));
        if (!KEY_ID.matcher(id).matches()) {
            error(context, 400, "invalid_key_id", "A key's id is the first 12 hexadecimal digits of its digest.");
            return;
        }
        keys.apply(id, revoked).onComplete(
                done -> context.json(new JsonObject().put("key", id).put("revoked", revoked)),
                lost -> error(context, 503, "not_shared",
                        "This is in effect on this replica, but could not be written down and sent to all others. Please repeat the request."));
    }

    private static void authorize(RoutingContext context, Settings settings) {
        if (settings.token().isEmpty()) {
            if (isLoopback(settings.host())) {
                ofThisMachine(context);
            } else {
                error(context, 403, "admin_disabled",
                        "Set admin.token in the configuration, or bind the admin listener to loopback.");
            }
            return;
        }
        String header = context.request().getHeader("authorization");
        if (header != null && header.startsWith(BEARER)
                && KeyDigest.of(header.substring(BEARER.length())).equals(settings.token().get())) {
            context.next();
        } else {
            error(context, 401, "invalid_api_key", "Send the admin token as 'Authorization: Bearer TOKEN'.");
        }
    }

    /**
     * Without a token, the only proof is that a caller can reach loopback. A page in a browser can too, through a name
     * that resolves to it, so the request must use a loopback name and must not come from another origin.
     */
    private static void ofThisMachine(RoutingContext context) {
        HostAndPort host = context.request().authority();
        List<String> origins = context.request().headers().getAll("origin");
        if (host == null || !LOOPBACK.contains(host.host().toLowerCase(Locale.ROOT))) {
            error(context, 403, "host_not_allowed",
                    "Without admin.token, /admin is answered on loopback only, and under "
                            + "its names: ask for http://localhost or http://127.0.0.1, or set admin.token.");
        } else if (!origins.stream().allMatch(origin -> origin.equalsIgnoreCase("http://" + host))) {
            error(context, 403, "origin_not_allowed",
                    "Without admin.token, /admin is not answered to pages of other origins. Set admin.token.");
        } else {
            context.next();
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static void text(RoutingContext context, int status, String text) {
        context.response().setStatusCode(status).putHeader("content-type", "text/plain").end(text);
    }

    static void error(RoutingContext context, int status, String code, String message) {
        context.response().setStatusCode(status).putHeader("content-type", "application/json")
                .end(new OpenAiError(message, "invalid_request_error", null, code).toBuffer());
    }
}
