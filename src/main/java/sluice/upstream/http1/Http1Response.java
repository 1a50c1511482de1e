package sluice.upstream.http1;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sluice.upstream.call.UpstreamResponse;

/**
 * An answer on a kept connection. What arrives while it is paused waits here, and the connection is not read: that is
 * what one read brings, hardly more.
 */
final class Http1Response implements UpstreamResponse {
    private final Http1Connection connection;
    private final Http1Request request;
    private final ResponseHead head;
    private final Queue<Buffer> waiting = new ArrayDeque<>(1);
    private MultiMap trailers = HeadReader.NO_LINES;
    private Consumer<Buffer> piece = ignored -> {};
    private Runnable end = () -> {};
    private Consumer<Throwable> broken = ignored -> {};
    private boolean paused = true;
    private boolean giving;
    private boolean arrived;
    private @Nullable Throwable failure;
    private boolean over;

    Http1Response(Http1Connection connection, Http1Request request, ResponseHead head) {
        this.connection = connection;
        this.request = request;
        this.head = head;
    }

    @Override
    public int status() {
        return head.status();
    }

    @Override
    public MultiMap headers() {
        return head.headers();
    }

    @Override
    public MultiMap trailers() {
        return trailers;
    }

    @Override
    public void read(Consumer<Buffer> takesPiece, Runnable atEnd, Consumer<Throwable> ifBroken) {
        piece = takesPiece;
        end = atEnd;
        broken = ifBroken;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        give();
        if (!paused) {
            connection.read(request, true);
        }
    }

    /** A piece of the body has arrived. */
    void piece(Buffer next) {
        if (paused || giving || !waiting.isEmpty()) {
            waiting.add(next);
            connection.read(request, false);
        } else {
            giving = true;
            piece.accept(next);
            giving = false;
        }
    }

    /** All of it has arrived. */
    void ended(MultiMap last) {
        trailers = last;
        arrived = true;
        give();
    }

    /** The rest will not arrive. */
    void broke(Throwable why) {
        failure = why;
        give();
    }

    /** Gives what has arrived, in order, until it is paused. */
    private void give() {
        if (giving) {
            return;
        }
        giving = true;
        while (!paused && !waiting.isEmpty()) {
            piece.accept(waiting.remove());
        }
        giving = false;
        if (paused || over || !waiting.isEmpty()) {
            return;
        }
        if (arrived) {
            over = true;
            end.run();
        } else if (failure != null) {
            over = true;
            broken.accept(failure);
        }
    }
}
