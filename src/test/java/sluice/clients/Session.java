package sluice.clients;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A running scenario of some SDK. Its output is read line by line; it may wait to be released before it ends. */
final class Session {
    private static final long PATIENCE_SECONDS = 60;
    private static final String FAILED = "failed";

    /** What an SDK does: says lines, and may wait for its release. */
    interface Scenario {
        void run(Consumer<JsonObject> say, CountDownLatch released) throws Exception;
    }

    private final BlockingQueue<JsonObject> said = new LinkedBlockingQueue<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final Thread thread;

    private Session(Scenario scenario) {
        thread = Thread.ofVirtual().start(() -> {
            try {
                scenario.run(said::add, released);
            } catch (Exception | AssertionError failure) {
                said.add(new JsonObject().put(FAILED, String.valueOf(failure)));
            }
        });
    }

    static Session of(Scenario scenario) {
        return new Session(scenario);
    }

    /** The next line. */
    JsonObject next() {
        return next(Duration.ofSeconds(PATIENCE_SECONDS));
    }

    /** The next line, which may take this long. */
    JsonObject next(Duration patience) {
        try {
            JsonObject line = said.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null || line.containsKey(FAILED)) {
                throw new AssertionError(line == null ? "says nothing" : line.getString(FAILED));
            }
            return line;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lets a scenario end that waits, and waits for its end. */
    void end() {
        released.countDown();
        try {
            if (!thread.join(Duration.ofSeconds(PATIENCE_SECONDS))) {
                throw new AssertionError("does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        JsonObject rest = said.poll();
        if (rest != null) {
            throw new AssertionError("says too much: " + rest);
        }
    }
}
