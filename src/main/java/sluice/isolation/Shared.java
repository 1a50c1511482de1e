package sluice.isolation;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** A kind of shared resource, in one bulkhead or in one per event loop, and how full they are, for the metrics. */
public final class Shared {
    private final String thing;
    private final LongAdder refusals = new LongAdder();
    private final List<WeakReference<Bulkhead>> bulkheads = new CopyOnWriteArrayList<>();

    /** Takes its name in logs and metrics. */
    public Shared(String thing) {
        this.thing = thing;
    }

    /** A bulkhead with this total; forgotten once nobody uses it. */
    public Bulkhead bulkhead(long total) {
        Bulkhead bulkhead = new Bulkhead(this, total);
        bulkheads.removeIf(each -> each.refersTo(null));
        bulkheads.add(new WeakReference<>(bulkhead));
        return bulkhead;
    }

    public String thing() {
        return thing;
    }

    /** The used share of the fullest bulkhead. */
    public double usedRatio() {
        return live().mapToDouble(bulkhead -> (double) bulkhead.used() / Math.max(1, bulkhead.total())).max().orElse(0);
    }

    /** The number of holders in the bulkhead with the most. */
    public int holders() {
        return live().mapToInt(Bulkhead::holders).max().orElse(0);
    }

    /** How often a request for it was refused. */
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
