package sluice.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What all replicas must know, by name and for how long: told by one, brought to all by their beats. */
public final class Notices {
    private static final String KEPT_MILLIS = Long.toString(Duration.ofDays(40).toMillis());
    private static final String FOR_EVER = "-1";
    private static final String NO_LONGER = "0";

    private final Store store;
    private final Replica replica;

    Notices(Store store, Replica replica) {
        this.store = store;
        this.replica = replica;
    }

    /** Is told all that hold now whenever any has changed, with the time they still hold; zero: for ever. */
    public void read(Consumer<Map<String, Duration>> reader) {
        replica.onNotices(reader);
    }

    /** Is told that the store has lost its notices. */
    public void lost(Runnable mourner) {
        replica.onLoss(mourner);
    }

    /** Tells what holds for a while. */
    public Future<Void> tell(String name, Duration holds) {
        return put(List.of(name, Long.toString(Math.max(1, holds.toMillis()))));
    }

    /** Tells what holds until it is taken back, in place of something else. */
    public Future<Void> tellForEver(List<String> names, String instead) {
        List<String> pairs = new ArrayList<>(List.of(instead, NO_LONGER));
        names.forEach(name -> pairs.addAll(List.of(name, FOR_EVER)));
        return put(pairs);
    }

    private Future<Void> put(List<String> pairs) {
        List<String> arguments = new ArrayList<>(List.of(KEPT_MILLIS));
        arguments.addAll(pairs);
        return store.run(Script.NOTICE, List.of(replica.keys().notices()), arguments).mapEmpty();
    }
}
