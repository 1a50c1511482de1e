package sluice.upstream.call;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The upstream's answer. It arrives paused; handlers are set before it is resumed. Used on one event loop. */
public interface UpstreamResponse {

    /** Its status. */
    int status();

    /** Its headers. */
    MultiMap headers();

    /** The value of a header, the first if there are several; null if there is none. */
    default @Nullable String header(CharSequence name) {
        return headers().get(name);
    }

    /** Its trailers; known once it has ended. */
    MultiMap trailers();

    /**
     * Sets what its body is given to.
     *
     * @param piece  takes each piece
     * @param end    runs when it has ended whole
     * @param broken takes why it did not
     */
    void read(Consumer<Buffer> piece, Runnable end, Consumer<Throwable> broken);

    /** Nothing is given until {@link #resume}. */
    void pause();

    /** What has been held back is given now, and more as it arrives. */
    void resume();
}
