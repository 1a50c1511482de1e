package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluice.time.Time;

/** Many timers behind one. */
@Timeout(20)
class TimeoutsTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    /** Runs on an event loop, and waits until it has counted down so often. */
    private void on(int events, BiConsumer<Timeouts, CountDownLatch> test) throws Exception {
        CountDownLatch done = new CountDownLatch(events);
        vertx.runOnContext(now -> test.accept(new Timeouts(vertx, Time.system(), Duration.ofMillis(30)), done));
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theyComeDueInTheOrderInWhichTheyAreSet() throws Exception {
        List<Integer> order = new ArrayList<>();
        on(5, (timeouts, done) -> {
            for (int i = 0; i < 5; i++) {
                int number = i;
                timeouts.start(() -> {
                    order.add(number);
                    done.countDown();
                });
            }
        });
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void whatIsCancelledIsNotDoneAndTheOthersAre() throws Exception {
        List<Integer> done = new ArrayList<>();
        on(2, (timeouts, latch) -> {
            List<Timeouts.Timeout> set = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int number = i;
                set.add(timeouts.start(() -> {
                    done.add(number);
                    latch.countDown();
                }));
            }
            set.get(0).cancel();
            set.get(2).cancel();
            set.get(2).cancel();
        });
        assertThat(done).containsExactly(1, 3);
    }

    @Test
    void oneThatIsDueMayCancelTheNextAndSetAnother() throws Exception {
        List<String> done = new ArrayList<>();
        on(1, (timeouts, latch) -> {
            Timeouts.Timeout[] second = new Timeouts.Timeout[1];
            timeouts.start(() -> {
                done.add("first");
                second[0].cancel();
                timeouts.start(() -> {
                    done.add("third");
                    latch.countDown();
                });
            });
            second[0] = timeouts.start(() -> done.add("second"));
        });
        assertThat(done).containsExactly("first", "third");
    }

    @Test
    void whenAllWereCancelledTheNextOneStillComesDue() throws Exception {
        on(1, (timeouts, latch) -> {
            timeouts.start(() -> {}).cancel();
            vertx.setTimer(50, later -> timeouts.start(latch::countDown));
        });
    }

    @Test
    void shorterOnesDoNotWaitForTheOthers() throws Exception {
        List<String> done = new ArrayList<>();
        on(2, (timeouts, latch) -> {
            timeouts.start(() -> {
                done.add("usual");
                latch.countDown();
            });
            timeouts.start(() -> {
                done.add("shorter");
                latch.countDown();
            }, 1_000_000);
        });
        assertThat(done).containsExactly("shorter", "usual");
    }
}
