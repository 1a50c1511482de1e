package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often the pieces of a body are written. */
@Timeout(30)
class GatheredWritesTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() throws Exception {
        vertx.close().await();
    }

    @Test
    void tinyPiecesOfOneTurnAreWrittenTogether() {
        inOneTurn(writes -> times(1000, () -> writes.write(Buffer.buffer("x"))));
        assertThat(recorder.lengths()).containsExactly(1000);
        inOneTurn(writes -> times(3, () -> writes.write(Buffer.buffer("x"))));
        assertThat(recorder.lengths()).containsExactly(1000, 3);
    }

    @Test
    void noMoreIsGatheredThanAWriteIsWorth() {
        inOneTurn(writes -> times(40_000, () -> writes.write(Buffer.buffer("x"))));
        assertThat(recorder.lengths()).containsExactly(16_384, 16_384, 40_000 - 2 * 16_384);
    }

    @Test
    void orderIsThatOfThePieces() {
        inOneTurn(writes -> {
            writes.write(Buffer.buffer("a"));
            writes.write(Buffer.buffer());
            writes.write(Buffer.buffer("b"));
            writes.write(Buffer.buffer("c".repeat(600)));
            writes.write(Buffer.buffer("d"));
            writes.flush();
            writes.write(Buffer.buffer("e"));
        });
        assertThat(recorder.lengths()).containsExactly(2, 600, 1, 1);
        assertThat(String.join("", recorder.written)).isEqualTo("ab" + "c".repeat(600) + "de");
    }

    @Test
    void nothingIsWrittenOnceItIsOver() {
        inOneTurn(writes -> {
            writes.write(Buffer.buffer("a"));
            writes.stop();
        });
        assertThat(recorder.written).isEmpty();
    }

    /** And waits for the end of the turn behind it. */
    private void inOneTurn(Consumer<GatheredWrites> task) {
        Promise<Void> over = Promise.promise();
        loop.runOnContext(now -> {
            task.accept(new GatheredWrites(recorder, loop));
            loop.runOnContext(turned -> over.complete());
        });
        over.future().await();
    }

    private static void times(int times, Runnable task) {
        for (int i = 0; i < times; i++) {
            task.run();
        }
    }

    /** Takes everything, and remembers each write. */
    private static final class Recorder implements WriteStream<Buffer> {
        private final List<String> written = new ArrayList<>();

        List<Integer> lengths() {
            return written.stream().map(String::length).toList();
        }

        @Override
        public Future<Void> write(Buffer piece) {
            written.add(piece.toString());
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> end() {
            return Future.succeededFuture();
        }

        @Override
        public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
            return this;
        }

        @Override
        public WriteStream<Buffer> setWriteQueueMaxSize(int most) {
            return this;
        }

        @Override
        public boolean writeQueueFull() {
            return false;
        }

        @Override
        public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
            return this;
        }
    }
}
