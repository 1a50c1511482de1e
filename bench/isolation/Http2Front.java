import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemKeyCertOptions;

/**
 * Puts HTTP/2 and TLS in front of {@link Upstream}, so that many calls share one connection's flow control. An answer
 * that breaks off there ends here as a reset stream.
 */
final class Http2Front {
    private static final int CONNECTIONS = 2000;

    private final HttpClient client;
    private final WebSocketClient sockets;
    private final int upstream;

    private Http2Front(Vertx vertx, int upstream) {
        this.upstream = upstream;
        client = vertx.createHttpClient(new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(CONNECTIONS));
        sockets = vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(CONNECTIONS));
    }

    /** {@code PORT CERTIFICATE KEY UPSTREAM-PORT} */
    public static void main(String[] words) {
        Vertx vertx = Vertx.vertx();
        Http2Front front = new Http2Front(vertx, Integer.parseInt(words[3]));
        vertx.createHttpServer(new HttpServerOptions().setSsl(true).setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions().setCertPath(words[1]).setKeyPath(words[2])))
                .requestHandler(front::pass).webSocketHandler(front::converse).listen(Integer.parseInt(words[0]), "127.0.0.1");
    }

    private void pass(HttpServerRequest request) {
        request.pause();
        client.request(new RequestOptions().setHost("127.0.0.1").setPort(upstream).setMethod(request.method())
                .setURI(request.uri()))
                .compose(there -> {
                    request.response().exceptionHandler(left -> there.reset());
                    request.headers().forEach(there.headers()::add);
                    there.headers().remove("host");
                    if (!there.headers().contains("content-length")) {
                        there.setChunked(true);
                    }
                    return there.send(request);
                })
                .compose(answer -> passBack(answer, request))
                .onFailure(broken -> request.response().reset());
    }

    private void converse(ServerWebSocket here) {
        here.pause();
        sockets.connect(new WebSocketConnectOptions().setHost("127.0.0.1").setPort(upstream).setURI(here.uri()))
                .onSuccess(there -> {
                    here.pipeTo(there);
                    there.pipeTo(here);
                })
                .onFailure(broken -> here.close());
    }

    private static Future<Void> passBack(HttpClientResponse answer, HttpServerRequest request) {
        request.response().setStatusCode(answer.statusCode());
        answer.headers().remove("transfer-encoding");
        answer.headers().forEach(request.response().headers()::add);
        return answer.pipeTo(request.response());
    }
}
