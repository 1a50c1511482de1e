package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything under {@code /admin}: who calls, whether they may, what answers, and errors in OpenAI's form. It decides by
 * {@link AdminRoute} alone, so that no route can be added without saying who may call it.
 */
final class AdminApi {
    /** A configuration of a tenant with a thousand models has some tens of thousands. */
    private static final long LONGEST_BODY = 1 << 20;
    /** Who calls, once that is known. */
    private static final String PRINCIPAL = "principal";
    private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);

    private final Gatekeeper gatekeeper;
    private final Operations all;
    private final Map<AdminRoute, Operation> operations;

    AdminApi(Gatekeeper gatekeeper, Operations operations) {
        this.gatekeeper = gatekeeper;
        this.all = operations;
        this.operations = new EnumMap<>(operations.byRoute());
        for (AdminRoute route : AdminRoute.values()) {
            Objects.requireNonNull(this.operations.get(route), () -> "nothing answers " + route);
        }
    }

    void mount(Router router) {
        BodyHandler bodies = BodyHandler.create(false).setBodyLimit(LONGEST_BODY);
        router.route("/admin/*").failureHandler(AdminApi::failed);
        router.route("/admin/*").handler(context -> {
            context.put(PRINCIPAL, gatekeeper.of(context.request()));
            context.next();
        });
        router.route("/admin/*").handler(bodies);
        for (AdminRoute route : AdminRoute.values()) {
            Operation operation = Objects.requireNonNull(operations.get(route));
            router.route(HttpMethod.valueOf(route.method()), pattern(route))
                    .handler(context -> answer(context, route, operation));
        }
        for (AdminRoute route : AdminRoute.values()) {
            router.route(pattern(route)).handler(context -> write(context, wrongMethod(route.allow())));
        }
        router.route("/admin/*").handler(context -> {
            throw Fault.of(404, "unknown_url",
                    "Not found. See /admin/v1/openapi.yaml for all paths.");
        });
    }

    /** @param allow the methods that a path takes */
    static Reply wrongMethod(String allow) {
        return Fault.of(405, "method_not_allowed", "This path takes " + allow + ".").reply().with("allow", allow);
    }

    private static String pattern(AdminRoute route) {
        return route.path().replace("{", ":").replace("}", "");
    }

    private void answer(RoutingContext context, AdminRoute route, Operation operation) {
        Principal principal = Objects.requireNonNull(context.get(PRINCIPAL));
        if (!route.allows(principal.role())) {
            throw Fault.of(403, "role_not_allowed", "The token " + principal.name() + " has the role "
                    + principal.role() + ", which may not do this. Use another token.");
        }
        AdminCall call = call(context, route, principal);
        call.idempotencyKey();
        if (principal.breakGlass() && route.reads()) {
            all.glassBroken(call);
        }
        Future.succeededFuture(call).compose(operation::answer).onSuccess(reply -> write(context, reply))
                .onFailure(context::fail);
    }

    private static AdminCall call(RoutingContext context, AdminRoute route, Principal principal) {
        HttpServerRequest request = context.request();
        String from = request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
        Buffer body = context.body().buffer();
        return new AdminCall(route, principal, new LinkedHashMap<>(context.pathParams()), context.queryParams(),
                request.headers(), body == null ? Buffer.buffer() : body, from == null ? "" : from);
    }

    private static void failed(RoutingContext context) {
        write(context, switch (context.failure()) {
            case Fault fault -> fault.reply();
            case HttpException refused -> ofStatus(refused.getStatusCode()).reply();
            case null -> ofStatus(context.statusCode()).reply();
            case IllegalArgumentException undecodable -> ofStatus(400).reply();
            default -> {
                LOG.error("failed to answer {} {}", context.request().method(), context.request().path(),
                        context.failure());
                yield Fault.of(500, "internal_error", "The gateway failed; see its log.").reply();
            }
        });
    }

    /** What Vert.x itself refuses. */
    private static Fault ofStatus(int status) {
        return switch (status) {
            case 413 -> Fault.of(413, "request_too_large", "The body may have at most " + LONGEST_BODY + " bytes.");
            case 404 -> Fault.of(404, "unknown_url", "Not found.");
            case 500 -> Fault.of(500, "internal_error", "The gateway failed; see its log.");
            default -> Fault.of(400, "invalid_http", "The request cannot be parsed: send a path and a query in "
                    + "percent-encoded UTF-8.");
        };
    }

    static void write(RoutingContext context, Reply reply) {
        HttpServerResponse response = context.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(reply.status()).putHeader("content-type", reply.contentType())
                .putHeader("cache-control", "no-store").putHeader("x-content-type-options", "nosniff");
        reply.headers().forEach(response::putHeader);
        if (reply.status() == 401) {
            response.putHeader("www-authenticate", "Bearer");
        }
        response.end(reply.body());
    }
}
