package sluice.testing;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** An upstream that remembers what reached it, and answers every call with an empty list. */
public final class EchoUpstream {

    /** What reached it. */
    public record Received(String method, String uri, Map<String, String> headers, Buffer body) {}

    private final HttpServer server;
    private final List<Received> received = new CopyOnWriteArrayList<>();

    private EchoUpstream(Vertx vertx, BiConsumer<HttpServerRequest, Buffer> answer) {
        this.server = vertx.createHttpServer(new HttpServerOptions().setMaxHeaderSize(64 * 1024))
                .requestHandler(request -> request.body().onSuccess(body -> {
                    Map<String, String> headers = new TreeMap<>();
                    request.headers().forEach(header -> headers.merge(header.getKey().toLowerCase(Locale.ROOT),
                            header.getValue(), (one, other) -> one + ", " + other));
                    received.add(new Received(request.method().name(), request.uri(), headers, body));
                    answer.accept(request, body);
                }));
    }

    /** Listens on a free port. */
    public static EchoUpstream start(Vertx vertx) {
        return start(vertx,
                (request, body) -> request.response().putHeader("content-type", "application/json")
                        .putHeader("content-length", "27")
                        .end("{\"object\":\"list\",\"data\":[]}"));
    }

    /** Likewise, and answers otherwise. */
    public static EchoUpstream start(Vertx vertx, BiConsumer<HttpServerRequest, Buffer> answer) {
        EchoUpstream echo = new EchoUpstream(vertx, answer);
        echo.server.listen(0, "127.0.0.1").await();
        return echo;
    }

    public int port() {
        return server.actualPort();
    }

    /** Everything so far, in order. */
    public List<Received> received() {
        return List.copyOf(received);
    }

    /** What came last; everything before is forgotten too. */
    public Received last() {
        Received last = received.getLast();
        received.clear();
        return last;
    }
}
