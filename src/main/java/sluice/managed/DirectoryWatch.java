package sluice.managed;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.ledger.Bell;

/**
 * Follows changes by other replicas, on its own thread: whenever one of them rings, and twice a second in any case.
 * What could not be written while the database was away is written once it is back.
 */
public final class DirectoryWatch {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
    private static final Duration EVERY = Duration.ofMillis(500);

    /** What to do once the database is available. */
    @FunctionalInterface
    public interface Catching {
        void up() throws IOException;
    }

    private final ManagedLedger managed;
    private final Bell bell;
    private final Catching catching;
    private final AtomicBoolean away = new AtomicBoolean();
    private final Promise<Void> ended = Promise.promise();
    private final Thread thread;
    private volatile boolean closing;

    /** @param catching what to write or read once the database is available; called often */
    public DirectoryWatch(ManagedLedger managed, Catching catching) {
        this.managed = managed;
        this.bell = managed.bell();
        this.catching = catching;
        this.thread = Thread.ofPlatform().name("sluice-directory").daemon().unstarted(this::run);
    }

    /** Begins to follow. */
    public void start() {
        thread.start();
    }

    /** Stops; completes when nothing more is read or written. */
    public Future<Void> stop() {
        closing = true;
        if (!thread.isAlive()) {
            return Future.succeededFuture();
        }
        LockSupport.unpark(thread);
        return ended.future();
    }

    private void run() {
        try (bell) {
            while (!closing) {
                bell.await(EVERY);
                turn();
            }
            managed.keep(true);
        } finally {
            ended.complete();
        }
    }

    private void turn() {
        try {
            if (bell.isShared() && !closing) {
                managed.follow();
            }
            catching.up();
            if (away.compareAndSet(true, false)) {
                LOG.info("managed tenants are up to date again");
            }
        } catch (IOException reported) {
            // The ledger has counted and logged it.
            away.set(true);
        } catch (RuntimeException fault) {
            LOG.error("failed to read changes of managed tenants; will retry", fault);
        }
        managed.keep(false);
    }
}
