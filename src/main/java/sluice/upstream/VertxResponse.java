package sluice.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.function.Consumer;
import sluice.upstream.call.UpstreamResponse;

/** An answer to Vert.x' client. */
final class VertxResponse implements UpstreamResponse {
    private final HttpClientResponse response;

    VertxResponse(HttpClientResponse response) {
        this.response = response.exceptionHandler(broken -> {}).pause();
    }

    @Override
    public int status() {
        return response.statusCode();
    }

    @Override
    public MultiMap headers() {
        return response.headers();
    }

    @Override
    public MultiMap trailers() {
        return response.trailers();
    }

    @Override
    public void read(Consumer<Buffer> piece, Runnable end, Consumer<Throwable> broken) {
        response.handler(piece::accept).endHandler(over -> end.run()).exceptionHandler(broken::accept);
    }

    @Override
    public void pause() {
        response.pause();
    }

    @Override
    public void resume() {
        response.resume();
    }
}
