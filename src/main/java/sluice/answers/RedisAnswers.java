package sluice.answers;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cache.Claim;
import sluice.cache.PromptKey;
import sluice.cache.Retention;
import sluice.cache.SharedAnswers;
import sluice.cache.WholeAnswer;
import sluice.cluster.Shelf;
import sluice.isolation.Bulkhead;
import sluice.time.Time;

/** Answers in Redis. Slow or gone, it costs a call its timeout at most, and nothing once that has happened often enough. */
public final class RedisAnswers implements SharedAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(RedisAnswers.class);
    /** For so long the others wait for a replica that has died. */
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final long RENEW_MILLIS = LEASE.toMillis() / 3;
    private static final int NOTE_BYTES = 12;
    /** Headers and counts of an answer, above its body. */
    private static final int AROUND_BODY = 64 * 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Which answers it holds.
     *
     * @param name         in keys and metrics
     * @param keys         to encrypt with; none: they are only compressed
     * @param maxEntryBytes of one answer; larger ones stay where they are
     * @param maxWait       how long a call may wait for the answer that another replica is making
     * @param shared       whether an answer may be shared
     * @param purged       whether an answer has been purged
     * @param longest      how long an answer stays at most
     * @param ttl          how long it stays
     */
    public record Settings(String name, List<SealKey> keys, int maxEntryBytes, Supplier<Duration> maxWait,
            Predicate<WholeAnswer> shared, BiPredicate<PromptKey, Retention> purged, Supplier<Duration> longest,
            Function<WholeAnswer, Duration> ttl) {}

    private final Vertx vertx;
    private final WorkerExecutor workers;
    private final Shelf shelf;
    private final Settings settings;
    private final Seal seal;
    private final Bulkhead places;
    private final TierObserver observer;
    private final Time time;

    /**
     * Answers on this shelf.
     *
     * @param places bounds what is asked and told at once
     */
    public RedisAnswers(Vertx vertx, Shelf shelf, Settings settings, Bulkhead places, TierObserver observer,
            Time time) {
        this.vertx = vertx;
        this.workers = vertx.createSharedWorkerExecutor("sluice-answers", 2);
        this.shelf = shelf;
        this.settings = settings;
        this.seal = new Seal(settings.keys(), settings.maxEntryBytes() + AROUND_BODY);
        this.places = places;
        this.observer = observer;
        this.time = time;
    }

    @Override
    public long waitNanos() {
        return settings.maxWait().get().toNanos();
    }

    @Override
    public Future<Known> look(PromptKey key, String asks) {
        if (!shelf.reachable()) {
            return known("away", new Known.Nothing());
        }
        if (!places.take(key.holder(), 1).given()) {
            return known("busy", new Known.Nothing());
        }
        Context home = vertx.getOrCreateContext();
        long since = time.nanos();
        String note = note() + asks;
        Promise<Known> told = Promise.promise();
        shelf.look(nameOf(key), note, LEASE).compose(look -> read(key, note, look, true))
                .recover(failure -> known("error", new Known.Nothing()))
                .onComplete(look -> {
                    places.giveBack(key.holder(), 1);
                    observer.took(settings.name(), time.nanos() - since);
                    home.runOnContext(now -> told.handle(look));
                });
        return told.future();
    }

    @Override
    public Future<Void> remove(PromptKey key) {
        return shelf.remove(nameOf(key));
    }

    @Override
    public Duration longest() {
        return settings.longest().get();
    }

    /** Ends its threads; what they have not told is lost. */
    public Future<Void> close() {
        return workers.close();
    }

    private Future<Known> known(String result, Known known) {
        observer.looked(settings.name(), result);
        return Future.succeededFuture(known);
    }

    /** @param again whether to look once more if what is there has been purged */
    private Future<Known> read(PromptKey key, String note, Shelf.Look look, boolean again) {
        return switch (look) {
            case Shelf.Look.Ours() -> known("miss", new Known.Unclaimed(new Lease(key, note)));
            case Shelf.Look.Made(String others) -> known("made",
                    new Known.Claimed(others.length() < 2 * NOTE_BYTES ? "" : others.substring(2 * NOTE_BYTES)));
            case Shelf.Look.Text(String text) -> workers
                    .executeBlocking(() -> opened(key, text), false)
                    .compose(entry -> Objects.requireNonNull(entry).map(read -> found(key, note, read, again))
                            .orElseGet(() -> known("unreadable", new Known.Nothing())));
        };
    }

    /** A replica that has been told of a purge removes what it covers where it comes across it. */
    private Future<Known> found(PromptKey key, String note, Entry entry, boolean again) {
        Retention retention = new Retention(entry.source(), entry.ttl(), time.nanos() - nanosSince(entry.begunAt()));
        if (!settings.purged().test(key, retention)) {
            return known("hit", new Known.Answer(entry.answer(), retention, age(entry), entry.asks()));
        }
        observer.looked(settings.name(), "purged");
        return !again
                ? Future.succeededFuture(new Known.Nothing())
                : remove(key).compose(removed -> shelf.look(nameOf(key), note, LEASE))
                        .compose(look -> read(key, note, look, false));
    }

    private Optional<Entry> opened(PromptKey key, String text) throws IOException {
        Optional<byte[]> bytes = seal.open(text, boundTo(key));
        return bytes.isEmpty() ? Optional.empty() : Optional.of(Entry.of(bytes.get()));
    }

    private long age(Entry entry) {
        return TimeUnit.NANOSECONDS.toSeconds(nanosSince(entry.storedAt()));
    }

    private long nanosSince(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(Math.max(0, time.now().toEpochMilli() - millis));
    }

    private String nameOf(PromptKey key) {
        return settings.name() + "/" + key.hex();
    }

    /** An entry moved to another name or tenant cannot be read. */
    private String boundTo(PromptKey key) {
        return nameOf(key) + " of " + key.holder();
    }

    private static String note() {
        byte[] note = new byte[NOTE_BYTES];
        RANDOM.nextBytes(note);
        return HexFormat.of().formatHex(note);
    }

    /** This replica makes an answer, and says so from time to time. */
    private final class Lease implements Claim {
        private final PromptKey key;
        private final String note;
        private final long timer;
        private final AtomicBoolean over = new AtomicBoolean();

        Lease(PromptKey key, String note) {
            this.key = key;
            this.note = note;
            this.timer = vertx.setPeriodic(RENEW_MILLIS, rung -> shelf.renew(nameOf(key), note, LEASE));
        }

        @Override
        public void keep(WholeAnswer answer) {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            vertx.cancelTimer(timer);
            boolean fits = answer.length() <= settings.maxEntryBytes();
            if (!fits || !places.take(key.holder(), 1).given()) {
                shelf.release(nameOf(key), note);
                return;
            }
            workers.executeBlocking(() -> sealed(answer), false)
                    .compose(text -> Objects.requireNonNull(text).isEmpty()
                            ? shelf.release(nameOf(key), note)
                            : shelf.put(nameOf(key), note, text.get(), settings.ttl().apply(answer)))
                    .onComplete(told -> {
                        places.giveBack(key.holder(), 1);
                        if (told.failed()) {
                            observer.looked(settings.name(), "lost");
                            LOG.debug("an answer could not be shared", told.cause());
                        }
                    });
        }

        private Optional<String> sealed(WholeAnswer answer) {
            Retention retention = answer.retention();
            if (!settings.shared().test(answer) || settings.purged().test(key, retention)) {
                return Optional.empty();
            }
            String asks = note.substring(2 * NOTE_BYTES);
            long now = time.now().toEpochMilli();
            long begunAt = now - TimeUnit.NANOSECONDS.toMillis(time.nanos() - retention.sinceNanos());
            return Optional.of(seal.seal(
                    new Entry(asks, retention.source(), begunAt, now, retention.ttl(), answer.answer()).toBytes(),
                    boundTo(key)));
        }

        @Override
        public void drop() {
            if (over.compareAndSet(false, true)) {
                vertx.cancelTimer(timer);
                shelf.release(nameOf(key), note);
            }
        }
    }
}
