package sluice.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;
import sluice.time.Time;

/**
 * Texts that replicas share, and which replica is making one. It has a connection of its own, so that large texts hold up
 * no limit. Callable from any thread; answers arrive on a thread of its own, within the timeout of its settings.
 */
public final class Shelf {
    /** What there is under a name. */
    public sealed interface Look {

        /** This text. */
        record Text(String text) implements Look {}

        /** Nothing, and the one who looked is making it from now on. */
        record Ours() implements Look {}

        /** Nothing yet, but somebody is making it, who has left this note. */
        record Made(String note) implements Look {}
    }

    private final RedisStore store;
    private final Keys keys;

    /**
     * Does not connect yet.
     *
     * @param cluster which tells of an outage, if it is at the same Redis
     */
    public Shelf(Vertx vertx, RedisSettings settings, Optional<Cluster> cluster, StoreObserver observer, Time time) {
        this.store = new RedisStore(vertx, vertx.getOrCreateContext(), settings,
                new RedisStore.Use(Level.WARN, "answers are not shared by replicas", false,
                        cluster.flatMap(joined -> joined.storeAt(settings.addresses()))),
                observer, time);
        this.keys = new Keys(settings.prefix());
    }

    /** Connects; completes once it has, or has found the store unreachable. */
    public Future<Void> start() {
        return store.start(() -> store.greet(Script.RELEASE, List.of(keys.maker("greeting")), List.of("")).mapEmpty());
    }

    public Future<Void> close() {
        return store.close();
    }

    /** Whether the store is reachable. */
    public boolean reachable() {
        return store.reachable();
    }

    /**
     * Looks for a text; if there is none and nobody is making it, the caller is from now on.
     *
     * @param note tells others who is making it
     * @param most how long that holds
     */
    public Future<Look> look(String name, String note, Duration most) {
        return store.run(Script.RECALL, List.of(keys.answer(name), keys.maker(name)),
                List.of(note, Long.toString(most.toMillis()))).map(reply -> switch (reply.text(0)) {
                    case "entry" -> new Look.Text(reply.text(1));
                    case "made" -> new Look.Made(reply.text(1));
                    default -> new Look.Ours();
                });
    }

    /** Whoever left this note is still making it. */
    public Future<Void> renew(String name, String note, Duration most) {
        return store.run(Script.RENEW, List.of(keys.maker(name)), List.of(note, Long.toString(most.toMillis())))
                .mapEmpty();
    }

    /** Whoever left this note has made it. */
    public Future<Void> put(String name, String note, String text, Duration ttl) {
        return store.run(Script.SHELVE, List.of(keys.answer(name), keys.maker(name)),
                List.of(note, text, Long.toString(ttl.toMillis()))).mapEmpty();
    }

    /** Removes a text. */
    public Future<Void> remove(String name) {
        return store.run(Script.DISCARD, List.of(keys.answer(name)), List.of()).mapEmpty();
    }

    /** Whoever left this note makes none. */
    public Future<Void> release(String name, String note) {
        return store.run(Script.RELEASE, List.of(keys.maker(name)), List.of(note)).mapEmpty();
    }
}
