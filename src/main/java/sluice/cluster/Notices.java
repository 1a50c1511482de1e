package sluice.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sluice.time.Time;

/**
 * What all replicas must know, by name and for how long: published by one, delivered to all by their beats. A notice
 * that could not be published is retried when the store is back; until then it holds here.
 */
public final class Notices {
    private static final String KEPT_MILLIS = Long.toString(Duration.ofDays(40).toMillis());
    /** Far more than one replica accumulates in an outage; beyond it the oldest are dropped. */
    private static final int MOST_UNTOLD = 10_000;

    /** The new state of a name. */
    private sealed interface Word {
        String millis(long now);

        record Holds(long untilNanos) implements Word {
            @Override
            public String millis(long now) {
                return Long.toString(Math.max(1, (untilNanos - now) / 1_000_000));
            }
        }

        record ForEver() implements Word {
            @Override
            public String millis(long now) {
                return "-1";
            }
        }

        record NoLonger() implements Word {
            @Override
            public String millis(long now) {
                return "0";
            }
        }
    }

    private final Store store;
    private final Replica replica;
    private final Time time;
    private final Map<String, Word> unsent = new LinkedHashMap<>();
    private boolean telling;

    Notices(Store store, Replica replica, Time time) {
        this.store = store;
        this.replica = replica;
        this.time = time;
        replica.onBeat(this::tellAgain);
    }

    /** Called with all current notices and their remaining time whenever any has changed; zero means forever. */
    public void read(Consumer<Map<String, Duration>> reader) {
        replica.onNotices(told -> reader.accept(withUnsent(told)));
    }

    /** Called when the store has lost its notices. */
    public void lost(Runnable listener) {
        replica.onLoss(listener);
    }

    /** Publishes a notice that holds for a while. */
    public Future<Void> tell(String name, Duration holds) {
        return tell(Map.of(name, new Word.Holds(time.nanos() + holds.toNanos())));
    }

    /** Publishes notices that hold until withdrawn, and withdraws {@code instead}. */
    public Future<Void> tellForEver(List<String> names, String instead) {
        Map<String, Word> words = new LinkedHashMap<>();
        words.put(instead, new Word.NoLonger());
        names.forEach(name -> words.put(name, new Word.ForEver()));
        return tell(words);
    }

    /** Republishes a notice that holds forever, and withdraws none that was published since. */
    public Future<Void> remind(String name) {
        return tell(Map.of(name, new Word.ForEver()));
    }

    private Future<Void> tell(Map<String, Word> words) {
        remember(words);
        return put(words).onSuccess(told -> forget(words));
    }

    private synchronized void remember(Map<String, Word> words) {
        words.forEach((name, word) -> {
            unsent.remove(name);
            unsent.put(name, word);
        });
        while (unsent.size() > MOST_UNTOLD) {
            unsent.remove(unsent.keySet().iterator().next());
        }
    }

    private synchronized void forget(Map<String, Word> words) {
        words.forEach(unsent::remove);
    }

    private void tellAgain() {
        Map<String, Word> words;
        synchronized (this) {
            unsent.values().removeIf(word -> word instanceof Word.Holds(long until) && until <= time.nanos());
            if (unsent.isEmpty() || telling || !store.reachable()) {
                return;
            }
            telling = true;
            words = Map.copyOf(unsent);
        }
        put(words).onSuccess(told -> forget(words)).onComplete(over -> told());
    }

    private synchronized void told() {
        telling = false;
    }

    private Future<Void> put(Map<String, Word> words) {
        long now = time.nanos();
        List<String> arguments = new ArrayList<>(List.of(KEPT_MILLIS));
        words.forEach((name, word) -> arguments.addAll(List.of(name, word.millis(now))));
        return store.run(Script.NOTICE, List.of(replica.keys().notices()), arguments).mapEmpty();
    }

    private synchronized Map<String, Duration> withUnsent(Map<String, Duration> told) {
        Map<String, Duration> all = new LinkedHashMap<>(told);
        unsent.forEach((name, word) -> {
            switch (word) {
                case Word.Holds(long until) when until <= time.nanos() -> {
                    // It expired before it could be published.
                }
                case Word.Holds(long until) -> all.put(name, Duration.ofNanos(until - time.nanos()));
                case Word.ForEver() -> all.put(name, Duration.ZERO);
                case Word.NoLonger() -> all.remove(name);
            }
        });
        return all;
    }
}
