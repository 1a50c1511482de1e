package sluice.simulator;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;
import sluice.time.Time;

/**
 * One request under {@code /v1} and its answer: counts once how it ends, and adds the headers that every API answer
 * carries. Runs on the event loop of its request.
 */
final class Exchange {
    private static final String NO_PROJECT = "proj_simulator";
    private static final int FIRST_ERROR = 400;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Statistics statistics;
    private final Time time;
    private final String route;
    private final long arrivedNanos;
    private boolean over;
    private Runnable waiting = () -> {};

    private Exchange(HttpServerRequest request, String route, Statistics statistics, Time time) {
        this.request = request;
        this.response = request.response();
        this.statistics = statistics;
        this.time = time;
        this.route = route;
        this.arrivedNanos = time.nanos();
    }

    /**
     * Begins to count a request.
     *
     * @param route its method and the pattern of its path; empty if there is none
     */
    static Exchange begin(HttpServerRequest request, String route, Statistics statistics, Time time) {
        Exchange exchange = new Exchange(request, route, statistics, time);
        statistics.arrived();
        exchange.response.closeHandler(closed -> exchange.left());
        exchange.response.exceptionHandler(failure -> exchange.left());
        exchange.request.exceptionHandler(failure -> exchange.left());
        return exchange;
    }

    HttpServerRequest request() {
        return request;
    }

    HttpServerResponse response() {
        return response;
    }

    /** Whether the answer has ended or the client has disconnected. */
    boolean isOver() {
        return over;
    }

    /** Runs the action later, unless the client has disconnected by then. */
    void after(long millis, Vertx vertx, Runnable action) {
        long timer = vertx.setTimer(millis, due -> action.run());
        waiting = () -> vertx.cancelTimer(timer);
    }

    /**
     * Reads the body, or answers with an error if it is too long or malformed. A request that asks to be refused at
     * once is.
     */
    void body(Consumer<Body> whole) {
        new BodyReader(this).read(whole);
        header("x-simulator-early-status").ifPresent(status -> fail(InjectedErrors.of(status, "")));
    }

    /** The whole request has arrived, with this body or one that begins like this. */
    void received(Buffer body) {
        statistics.received(ReceivedRequest.of(request.method().name(), request.uri(), request.headers(), body));
    }

    /** A number in one of the simulator's own request headers. */
    OptionalInt header(String name) {
        String value = request.getHeader(name);
        return value != null && value.matches("[0-9]{1,8}")
                ? OptionalInt.of(Integer.parseInt(value))
                : OptionalInt.empty();
    }

    void answer(Reply.Whole reply) {
        head(reply.status(), reply.contentType());
        reply.headers().forEach(response::putHeader);
        end(reply.body());
    }

    void fail(ApiError error) {
        if (over) {
            return;
        }
        head(error.status(), error.isPage() ? "text/html" : "application/json");
        error.headers().forEach(response::putHeader);
        end(error.body());
    }

    /** Sets the status and the headers of an answer that the caller writes. */
    void head(int status, String contentType) {
        statistics.answered(status);
        if (status < FIRST_ERROR && !route.isEmpty()) {
            statistics.served(route);
        }
        response.setStatusCode(status);
        response.headers()
                .set("content-type", contentType)
                .set("x-request-id", "req_" + Ids.hex())
                .set("openai-processing-ms",
                        String.valueOf(TimeUnit.NANOSECONDS.toMillis(time.nanos() - arrivedNanos)))
                .set("openai-version", "2020-10-01")
                .set("openai-project", NO_PROJECT)
                .set("access-control-expose-headers", "X-Request-ID")
                .set("strict-transport-security", "max-age=31536000; includeSubDomains; preload")
                .set("x-content-type-options", "nosniff")
                .set("alt-svc", "h3=\":443\"; ma=86400")
                .set("server", "cloudflare")
                .set("cf-cache-status", "DYNAMIC")
                .set("cf-ray", Ids.hex().substring(0, 16) + "-SIM")
                .set("set-cookie", "__cf_bm=" + Ids.hex() + "; path=/; domain=.api.openai.com; HttpOnly; "
                        + "Secure; SameSite=None");
    }

    private void end(Buffer body) {
        response.end(body);
        over();
    }

    /** The client has disconnected. */
    void left() {
        over(true);
    }

    /** The simulator has ended the answer. */
    void over() {
        over(false);
    }

    private void over(boolean byClient) {
        if (!over) {
            over = true;
            waiting.run();
            statistics.ended(byClient);
        }
    }
}
