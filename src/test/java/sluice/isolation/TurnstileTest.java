package sluice.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpConnection;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** Which calls begin in which turn of an event loop. */
class TurnstileTest {
    private final SteppedLoop loop = new SteppedLoop();
    private final LongAdder waiting = new LongAdder();
    private final Turnstile turnstile = new Turnstile(loop, waiting);
    private final List<String> begun = new ArrayList<>();
    private final HttpConnection a = connection();
    private final HttpConnection b = connection();

    /** An event loop that takes its turns when told. */
    private static final class SteppedLoop implements Turnstile.Loop {
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private final Deque<Runnable> next = new ArrayDeque<>();
        private int failures;

        @Override
        public void atEnd(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void next(Runnable task) {
            next.add(task);
        }

        @Override
        public void run(Runnable call) {
            try {
                call.run();
            } catch (IllegalStateException failure) {
                failures++;
            }
        }

        /** Whether anything is left to do. */
        boolean turn() {
            List<Runnable> due = List.copyOf(next);
            next.clear();
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
            due.forEach(Runnable::run);
            return !next.isEmpty();
        }
    }

    @SuppressWarnings("ReferenceEquality") // As connections are compared.
    private static HttpConnection connection() {
        return (HttpConnection) Proxy.newProxyInstance(TurnstileTest.class.getClassLoader(),
                new Class<?>[]{HttpConnection.class}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> null;
                });
    }

    private void enter(HttpConnection connection, String name) {
        turnstile.enter(connection, () -> begun.add(name));
    }

    private void enter(HttpConnection connection, String name, int count) {
        for (int i = 0; i < count; i++) {
            enter(connection, name);
        }
    }

    @Test
    void callsBeginAsTheyArrive() {
        enter(a, "a", Turnstile.MOST);
        assertThat(begun).hasSize(Turnstile.MOST);
        assertThat(loop.turn()).isFalse();
        enter(a, "a", Turnstile.MOST);
        assertThat(begun).hasSize(2 * Turnstile.MOST);
    }

    @Test
    void noTurnBeginsMoreThanItsShare() {
        enter(a, "a", 100);
        for (int most = Turnstile.MOST; most < 100; most += Turnstile.MOST) {
            assertThat(begun).hasSize(most);
            assertThat(waiting.sum()).isEqualTo(100 - most);
            loop.turn();
        }
        assertThat(begun).hasSize(100);
        assertThat(waiting.sum()).isZero();
        assertThat(loop.turn()).isFalse();
    }

    @Test
    void connectionsTakeTurns() {
        enter(a, "a", Turnstile.MOST + 3);
        enter(b, "b", 2);
        begun.clear();
        loop.turn();
        assertThat(begun).containsExactly("a", "b", "a", "b", "a");
    }

    @Test
    void callsThatArriveLaterWaitBehindThoseThatWait() {
        enter(a, "a", 3 * Turnstile.MOST);
        loop.turn();
        enter(b, "b");
        begun.clear();
        loop.turn();
        assertThat(begun).startsWith("a", "b", "a");
    }

    @Test
    void callThatBringsAnotherDoesNotProlongATurn() {
        int[] left = {100};
        Runnable[] again = new Runnable[1];
        again[0] = () -> {
            begun.add("a");
            if (left[0]-- > 0) {
                turnstile.enter(a, again[0]);
            }
        };
        turnstile.enter(a, again[0]);
        for (int most = Turnstile.MOST; most < 101; most += Turnstile.MOST) {
            assertThat(begun).hasSize(most);
            loop.turn();
        }
        assertThat(begun).hasSize(101);
    }

    @Test
    void failureOfOneCallDoesNotStopTheOthers() {
        enter(a, "a", Turnstile.MOST);
        turnstile.enter(a, () -> {
            throw new IllegalStateException("a fault");
        });
        enter(b, "b");
        begun.clear();
        assertThat(waiting.sum()).isEqualTo(2);
        loop.turn();
        assertThat(waiting.sum()).isZero();
        assertThat(loop.failures).isEqualTo(1);
        assertThat(begun).containsExactly("b");
    }
}
