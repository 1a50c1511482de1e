import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/** The least that relays a call by Vert.x: no keys, limits, cache, metrics or log. What Sluice costs more is Sluice's. */
public final class Bare {
    private static final String KEY = "Bearer sk-upstream";

    private Bare() {}

    /** Arguments: the port to listen on, and the upstream's. */
    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx();
        RequestOptions upstream = new RequestOptions().setHost("127.0.0.1").setPort(Integer.parseInt(arguments[1]));
        HttpClientAgent client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(4096));
        vertx.createHttpServer().requestHandler(call -> {
            call.pause();
            RequestOptions options = new RequestOptions(upstream).setMethod(call.method()).setURI(call.uri());
            client.request(options).compose(forward -> send(call, forward)).compose(answer -> relay(answer, call))
                    .onFailure(broken -> call.response().setStatusCode(502).end());
        }).listen(Integer.parseInt(arguments[0]), "127.0.0.1").await();
    }

    private static Future<HttpClientResponse> send(HttpServerRequest call, HttpClientRequest forward) {
        forward.headers().setAll(call.headers()).set("authorization", KEY).remove("host");
        return forward.send(call);
    }

    private static Future<Void> relay(HttpClientResponse answer, HttpServerRequest call) {
        call.response().setStatusCode(answer.statusCode()).headers().setAll(answer.headers());
        return answer.pipeTo(call.response());
    }
}
