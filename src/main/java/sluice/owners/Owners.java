package sluice.owners;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import sluice.ledger.Ledger;
import sluice.time.Time;

/**
 * The owners of stored objects. Event loops never wait for them: a question is answered from memory, or else by a few
 * workers from the ledger; what calls have made is written by a dedicated thread. If two tenants have made the same
 * object, the first owns it.
 */
public final class Owners {
    /** Owners in memory, of some hundred bytes each. */
    private static final int MOST_REMEMBERED = 100_000;
    /** Another replica may have assigned an object to another tenant. */
    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final int WORKERS = 2;
    /** Concurrent look-ups in the ledger; further ones are refused. */
    private static final int MOST_QUESTIONS = 500;

    private final OwnerTable table;
    private final OwnerWriter writer;
    private final WorkerExecutor workers;
    private final AtomicInteger questions = new AtomicInteger();
    private final Cache<StoredObject.Key, String> remembered;
    private final Time time;

    public Owners(Vertx vertx, Ledger ledger, Time time) {
        this.table = new OwnerTable(ledger);
        this.writer = new OwnerWriter(table, time);
        this.workers = vertx.createSharedWorkerExecutor("sluice-owners", WORKERS);
        this.remembered = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).expireAfterWrite(REMEMBERED)
                .ticker(time::nanos).build();
        this.time = time;
    }

    /** Starts the writer. */
    public void start() {
        writer.start();
    }

    /** Writes what is waiting, and ends. */
    public Future<Void> stop() {
        return writer.stop().eventually(workers::close);
    }

    /** A tenant has made an object. Returns at once. */
    public void made(String account, String tenant, String kind, String id) {
        StoredObject object = new StoredObject(account, id, tenant, kind, time.now().toEpochMilli());
        if (remembered.getIfPresent(object.key()) == null) {
            writer.add(new Change.Made(object));
        }
    }

    /** An object was deleted. Returns at once. */
    public void gone(String account, String id) {
        StoredObject.Key key = new StoredObject.Key(account, id);
        remembered.invalidate(key);
        writer.add(new Change.Gone(key));
    }

    /** The known owners of these objects, by id; fails with {@link OwnersAway}. */
    public Future<Map<String, String>> of(String account, Collection<String> ids) {
        Map<String, String> known = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (String id : ids) {
            StoredObject.Key key = new StoredObject.Key(account, id);
            Change coming = writer.coming(key);
            String owner = coming == null ? remembered.getIfPresent(key) : coming.owner();
            if (owner != null && !owner.isEmpty()) {
                known.put(id, owner);
            } else if (coming == null) {
                unknown.add(id);
            }
        }
        if (unknown.isEmpty()) {
            return Future.succeededFuture(known);
        }
        return asked(() -> table.owners(account, unknown)).map(found -> {
            found.forEach((id, owner) -> remembered.put(new StoredObject.Key(account, id), owner));
            known.putAll(found);
            return known;
        });
    }

    /** Whether a tenant owns any object of a kind; fails with {@link OwnersAway}. */
    public Future<Boolean> ownsAny(String account, String tenant, String kind) {
        return writer.ownsAny(account, tenant, kind)
                ? Future.succeededFuture(true)
                : asked(() -> table.ownsAny(account, tenant, kind));
    }

    /** An object was assigned to another tenant, through the admin API of this or another replica. */
    public void forget(String account, String id) {
        remembered.invalidate(new StoredObject.Key(account, id));
    }

    /** For the admin API, on threads that may block. */
    public OwnerTable table() {
        return table;
    }

    /** Changes that are not written yet. */
    public int waiting() {
        return writer.waiting();
    }

    /** Changes that were lost because too many waited. */
    public long lost() {
        return writer.lost();
    }

    private <T> Future<T> asked(Callable<T> question) {
        if (questions.incrementAndGet() > MOST_QUESTIONS) {
            questions.decrementAndGet();
            return Future.failedFuture(new OwnersAway("Too many calls ask at once whose objects are."));
        }
        return workers.executeBlocking(question, false).onComplete(over -> questions.decrementAndGet())
                .map(Objects::requireNonNull)
                .recover(failure -> Future.failedFuture(failure instanceof IOException
                        ? new OwnersAway("The ledger, which knows whose objects are, does not answer.")
                        : failure));
    }
}
