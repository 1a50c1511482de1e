package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often the pieces of a body are written. */
@Timeout(30)
class GatheredWritesTest {
    private final Vertx vertx = Vertx.vertx();
    private final Context loop = vertx.getOrCreateContext();
    private final List<String> written = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().await();
    }

    @Test
    void tinyPiecesOfOneTurnAreWrittenTogether() {
        inOneTurn(writes -> times(1000, () -> writes.write(Buffer.buffer("x"))));
        assertThat(lengths()).containsExactly(1000);
        inOneTurn(writes -> times(3, () -> writes.write(Buffer.buffer("x"))));
        assertThat(lengths()).containsExactly(1000, 3);
    }

    @Test
    void noMoreIsGatheredThanAWriteIsWorth() {
        inOneTurn(writes -> times(40_000, () -> writes.write(Buffer.buffer("x"))));
        assertThat(lengths()).containsExactly(16_384, 16_384, 40_000 - 2 * 16_384);
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
        assertThat(lengths()).containsExactly(2, 600, 1, 1);
        assertThat(String.join("", written)).isEqualTo("ab" + "c".repeat(600) + "de");
    }

    @Test
    void nothingIsWrittenOnceItIsOver() {
        inOneTurn(writes -> {
            writes.write(Buffer.buffer("a"));
            writes.stop();
        });
        assertThat(written).isEmpty();
    }

    /** And waits for the end of the turn behind it. */
    private void inOneTurn(Consumer<GatheredWrites> task) {
        Promise<Void> over = Promise.promise();
        loop.runOnContext(now -> {
            task.accept(new GatheredWrites(piece -> written.add(piece.toString()), loop));
            loop.runOnContext(turned -> over.complete());
        });
        over.future().await();
    }

    private List<Integer> lengths() {
        return written.stream().map(String::length).toList();
    }

    private static void times(int times, Runnable task) {
        for (int i = 0; i < times; i++) {
            task.run();
        }
    }
}
