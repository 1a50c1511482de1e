package sluice.isolation;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** A kind of thing that is shared, be it in one bulkhead or in one for each event loop: how full they are, for those who look. */
public final class Shared {
    private final String thing;
    private final LongAdder refusals = new LongAdder();
    private final List<WeakReference<Bulkhead>> bulkheads = new CopyOnWriteArrayList<>();

    /** Takes the name that it has in logs and metrics. */
    public Shared(String thing) {
        this.thing = thing;
    }

    /** A bulkhead of so much of it, which is forgotten with its last user. */
    public Bulkhead bulkhead(long total) {
        Bulkhead bulkhead = new Bulkhead(this, total);
        bulkheads.removeIf(each -> each.refersTo(null));
        bulkheads.add(new WeakReference<>(bulkhead));
        return bulkhead;
    }

    public String thing() {
        return thing;
    }

    /** The share that is used of the fullest. */
    public double usedRatio() {
        return live().mapToDouble(bulkhead -> (double) bulkhead.used() / Math.max(1, bulkhead.total())).max().orElse(0);
    }

    /** How many hold something of the one that most do. */
    public int holders() {
        return live().mapToInt(Bulkhead::holders).max().orElse(0);
    }

    /** How often something was not given. */
    public long refusals() {
        return refusals.sum();
    }

    void refused() {
        refusals.increment();
    }

    private Stream<Bulkhead> live() {
        return bulkheads.stream().map(WeakReference::get).filter(Objects::nonNull);
    }
}
