package sluice.proxy.body;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Works on bodies: small ones at once, large ones on a few threads of their own, which all event loops share, so that
 * no other call waits for them. Whatever waits here holds the memory of a body, and that is bounded.
 */
public final class BodyWork {
    /** The largest body handled on the event loop itself, in bytes. */
    static final int LARGEST_AT_ONCE = 256 * 1024;

    private final WorkerExecutor workers;

    /** Must be created on the event loop that will use it. */
    public BodyWork(Vertx vertx) {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.workers = vertx.createSharedWorkerExecutor("sluice-bodies", threads);
    }

    /** What the task makes of a body of this many bytes; completes on the caller's event loop. */
    public <T> Future<T> on(int bytes, Callable<T> task) {
        if (bytes > LARGEST_AT_ONCE) {
            return workers.executeBlocking(task, false).map(made -> Objects.requireNonNull(made));
        }
        try {
            return Future.succeededFuture(task.call());
        } catch (Exception fault) {
            return Future.failedFuture(fault);
        }
    }

    /** Leaves the threads to the other event loops; the last one to leave ends them. */
    public Future<Void> close() {
        return workers.close();
    }
}
