package sluice.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import sluice.tenancy.KeyDigest;

/**
 * The console's page and the files that it loads, from the jar. They are the same for everybody and contain no secrets, so
 * whoever reaches the listener may have them; everything they show comes from the admin API.
 */
final class Console {
    static final String PATH = "/console";
    /** All there are; a test compares them with the folder. */
    static final List<String> FILES = List.of("index.html", "icon.svg", "base.css", "layout.css", "parts.css",
            "plot.css", "login.css", "theme.js", "main.js", "router.js", "shell.js", "session.js", "login.js", "api.js",
            "live.js", "dom.js", "format.js", "time.js", "table.js", "csv.js", "plot.js", "axis.js", "dialog.js",
            "forms.js", "parts.js", "reasons.js", "settings.js", "overview.js", "overview-parts.js", "tenants.js",
            "tenant.js", "tenant-dialogs.js", "keys.js", "key-dialogs.js", "usage.js", "usage-data.js", "budgets.js",
            "calls.js", "call.js", "explain.js", "audit.js");

    private static final String FOLDER = "/sluice/console/";
    private static final String FILE = PATH + "/static/";
    private static final String PAGE = "index.html";
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css",
            "text/css; charset=utf-8", "js", "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    /** No inline script or style, nothing from elsewhere, in nobody's frame, and no way to turn text into markup. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";
    private static final Map<String, String> HEADERS = Map.of("content-security-policy", POLICY,
            "x-content-type-options", "nosniff", "referrer-policy", "no-referrer", "cross-origin-opener-policy",
            "same-origin", "cross-origin-resource-policy", "same-origin", "permissions-policy",
            "camera=(), geolocation=(), microphone=()", "x-frame-options", "DENY");

    /** A file in memory; a browser that has it already only asks whether it is still the same. */
    private record Asset(String type, Buffer content, String tag) {

        static Asset read(String name) {
            try (InputStream in = Objects.requireNonNull(Console.class.getResourceAsStream(FOLDER + name), name)) {
                Buffer content = Buffer.buffer(in.readAllBytes());
                String type = Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
                return new Asset(type, content, '"' + KeyDigest.of(content.toString()).id() + '"');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Those that somebody has asked for. */
    private final Map<String, Asset> assets = new ConcurrentHashMap<>();
    private final BooleanSupplier login;

    /** @param login whether people may log in through a provider */
    Console(BooleanSupplier login) {
        this.login = login;
    }

    void mount(Router router) {
        router.get("/").handler(context -> AdminApi.write(context, Reply.seeOther(PATH)));
        router.get(FILE + ":name").handler(this::file);
        router.get(FILE + "*").handler(context -> absent(context.response()));
        router.get(PATH + "/start.json").handler(this::start);
        // The page itself finds out what an address under it shows.
        router.get(PATH).handler(context -> send(context, PAGE));
        router.get(PATH + "/*").handler(context -> send(context, PAGE));
        router.route(PATH + "/*").handler(context -> AdminApi.write(context,
                AdminApi.wrongMethod(HttpMethod.GET.name())));
    }

    private void file(RoutingContext context) {
        String name = Objects.requireNonNull(context.pathParam("name"));
        if (FILES.contains(name)) {
            send(context, name);
        } else {
            absent(context.response());
        }
    }

    private void send(RoutingContext context, String name) {
        Asset known = assets.get(name);
        if (known != null) {
            send(context, known);
        } else {
            context.vertx().executeBlocking(() -> assets.computeIfAbsent(name, Asset::read))
                    .onSuccess(read -> send(context, read)).onFailure(context::fail);
        }
    }

    /** What the page must know before anybody has proven who they are. */
    private void start(RoutingContext context) {
        secured(context.response());
        AdminApi.write(context, Reply.json(new JsonObject().put("login", login.getAsBoolean())));
    }

    private static void absent(HttpServerResponse response) {
        secured(response).setStatusCode(404).putHeader("content-type", "text/plain").end("not found\n");
    }

    private static void send(RoutingContext context, Asset asset) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = secured(context.response()).putHeader("etag", asset.tag())
                .putHeader("cache-control", "no-cache");
        if (asset.tag().equals(request.getHeader("if-none-match"))) {
            response.setStatusCode(304).end();
        } else {
            response.putHeader("content-type", asset.type()).end(asset.content());
        }
    }

    private static HttpServerResponse secured(HttpServerResponse response) {
        HEADERS.forEach(response::putHeader);
        return response;
    }
}
