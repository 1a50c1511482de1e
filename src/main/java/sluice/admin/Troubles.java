package sluice.admin;

import io.vertx.core.json.JsonArray;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.time.Time;

/**
 * What is wrong at this replica now. Whoever notices that something begins and ends tells it to a {@link Sign}; what follows
 * from a state or the time of day is asked for when somebody looks. Used by all threads.
 */
public final class Troubles {
    /** With this many, the answer stays below the size that replicas may send one another. */
    private static final int MOST = 12;
    private static final Comparator<Trouble> GRAVEST_FIRST = Comparator.comparing(Trouble::what)
            .thenComparing(Trouble::since);

    /** One thing that can go wrong. */
    public static final class Sign {
        private final Trouble.What what;
        private final Time time;
        private final AtomicReference<@Nullable Trouble> now = new AtomicReference<>();

        private Sign(Trouble.What what, Time time) {
            this.what = what;
            this.time = time;
        }

        /** It is wrong from now on; if it was already, this is the latest about it. */
        public void began(String text) {
            now.updateAndGet(was -> new Trouble(what, was == null ? time.now() : was.since(), text));
        }

        /** It is over, if it ever began. */
        public void over() {
            now.set(null);
        }

        /** Whether it is wrong now. */
        public boolean isOn() {
            return now.get() != null;
        }

        private Stream<Trouble> shown() {
            return Stream.ofNullable(now.get());
        }
    }

    private final List<Supplier<Stream<Trouble>>> sources = new CopyOnWriteArrayList<>();
    private final Time time;

    /** Nothing is wrong yet. */
    public Troubles(Time time) {
        this.time = time;
    }

    /** One more thing that can go wrong. */
    public Sign sign(Trouble.What what) {
        Sign sign = new Sign(what, time);
        sources.add(sign::shown);
        return sign;
    }

    /** Also shows what this tells whenever somebody looks. */
    public void add(Supplier<Stream<Trouble>> source) {
        sources.add(source);
    }

    /** All of them, in no order. */
    public Stream<Trouble> now() {
        return sources.stream().flatMap(Supplier::get);
    }

    /** The gravest first. */
    JsonArray json() {
        return json(now());
    }

    static JsonArray json(Stream<Trouble> troubles) {
        JsonArray all = new JsonArray();
        troubles.sorted(GRAVEST_FIRST).limit(MOST).forEach(trouble -> all.add(trouble.json()));
        return all;
    }
}
