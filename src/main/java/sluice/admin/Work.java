package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.isolation.Bulkhead;
import sluice.isolation.Part;
import sluice.isolation.Shared;
import sluice.managed.By;
import sluice.managed.Once;
import sluice.managed.Refused;
import sluice.tenancy.KeyDigest;
import sluice.time.Time;

/** Runs blocking work off the event loops, a little at a time, and reports why it failed. */
final class Work {
    private static final Logger LOG = LoggerFactory.getLogger(Work.class);
    private static final int MOST = 32;
    private static final int AT_ONCE = 3;
    /** A task that is still queued by then, behind others that wait for a hanging database, is dropped. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Vertx vertx;
    private final WorkerExecutor workers;
    private final Time time;
    private final Bulkhead places = Bulkhead.of("admin-operations", MOST);

    Work(Vertx vertx, Time time) {
        this.vertx = vertx;
        this.workers = vertx.createSharedWorkerExecutor("sluice-admin", AT_ONCE);
        this.time = time;
    }

    /** Ends its threads, and what they are doing. */
    Future<Void> close() {
        return workers.close();
    }

    Shared shared() {
        return places.shared();
    }

    /** Runs a task that needs the ledger; fails with a {@link Fault} that the caller understands. */
    <T> Future<T> run(AdminCall call, Callable<T> task) {
        long asked = time.nanos();
        return placed(call, () -> workers.executeBlocking(() -> {
            if (time.nanos() - asked > PATIENCE_NANOS) {
                throw new IOException("others wait for the ledger, too");
            }
            return task.call();
        }, false));
    }

    /** Runs a task that takes a while but does not need the ledger, so it also works while the ledger is away. */
    <T> Future<T> reckon(AdminCall call, Callable<T> task) {
        return placed(call, () -> vertx.executeBlocking(task, false));
    }

    private <T> Future<T> placed(AdminCall call, Supplier<Future<T>> begun) {
        Part place = places.part(call.holder());
        if (!place.take(1).given()) {
            place.close();
            return Future
                    .failedFuture(Fault.of(503, "overloaded", "The admin API is busy. Please try again."));
        }
        return begun.get().onComplete(over -> place.close()).map(Objects::requireNonNull)
                .recover(failure -> Future.failedFuture(told(failure)));
    }

    private static Throwable told(Throwable failure) {
        if (failure instanceof Refused refused) {
            return fault(refused);
        }
        if (failure instanceof IOException away) {
            LOG.warn("the admin API failed: {}", away.getMessage());
            return Fault.of(503, "ledger_unavailable",
                    "The ledger is unavailable at the moment, so nothing was changed; see the log. Please try again.");
        }
        return failure;
    }

    static Fault fault(Refused refused) {
        String message = String.valueOf(refused.getMessage());
        return switch (refused.why()) {
            case NO_TENANT -> Fault.of(404, "tenant_not_found", message);
            case NO_KEY -> Fault.of(404, "key_not_found", message);
            case DECLARED -> Fault.conflict("declared_in_configuration", refused.param(), message);
            case EXISTS -> Fault.conflict("already_exists", refused.param(), message);
            case TOO_MANY -> Fault.conflict("too_many", refused.param(), message);
            case NOT_SHARED -> Fault.conflict("ledger_not_shared", refused.param(), message);
            case UNFIT -> Fault.all(Fault.mistakes(refused.mistakes()));
            case KEY_REUSED -> Fault.reused(message);
        };
    }

    /** Who makes the changes of a call. */
    static By by(AdminCall call) {
        return new By(call.principal().name(), call.principal().role().toString(), call.from());
    }

    /** The request of a call that is to be carried out once; empty if its caller does not ask for that. */
    static Optional<Once> once(AdminCall call) {
        return call.idempotencyKey().map(key -> {
            String request = call.route() + " " + call.path() + " " + call.body();
            return new Once(call.principal().name(), key, KeyDigest.of(request).hex());
        });
    }
}
