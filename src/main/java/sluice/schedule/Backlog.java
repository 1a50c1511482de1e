package sluice.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * One tenant in one pool: its virtual counter, and its waiting calls by lane.
 *
 * <p>The counter is the service the tenant has had, divided by its weight, in shares of an account's limits.
 */
final class Backlog {

    /** A queued call, as far as its order is concerned. */
    interface Entry {
        Call call();

        /** Increases with each arrival. */
        long order();

        /** The least it will cost, in shares of an account's limits. */
        double cost();

        /** When it began to wait. */
        long since();
    }

    /** Over which the arrival rate is averaged. */
    private static final double MEMORY_NANOS = 15e9;

    private final LaneQueue interactive = new LaneQueue();
    private final LaneQueue batch = new LaneQueue();
    private Share share;
    private int batchEvery;
    private double counter;
    private double unreported;
    private double arrivals;
    private long arrivalsAt;
    private int sinceBatch;
    private long lastGrant;

    /** The batch lane gets every n-th grant while both lanes wait; n is at least 2. */
    Backlog(Share share, int batchEvery) {
        this.share = share;
        this.batchEvery = batchEvery;
    }

    /** Changes the weight and how the lanes take turns; what was charged stays. */
    void change(Share share, int batchEvery) {
        this.share = share;
        this.batchEvery = batchEvery;
    }

    Share share() {
        return share;
    }

    double counter() {
        return counter;
    }

    /** The number of the last grant to this tenant, 0 before the first. */
    long lastGrant() {
        return lastGrant;
    }

    int size() {
        return interactive.size() + batch.size();
    }

    int size(Lane lane) {
        return lane(lane).size();
    }

    /** Lifts an idle tenant to the floor, so that idle time earns no credit. */
    void lift(double floor) {
        counter = Math.max(counter, floor);
    }

    /** Charges service, or gives it back if negative. */
    void charge(double cost) {
        counter += cost / share.weight();
        unreported += cost / share.weight();
    }

    /** What was charged since this was last called, divided by the weight. */
    double takeUnreported() {
        double all = unreported;
        unreported = 0;
        return all;
    }

    /** Sets the counter to what others know plus what is still unreported. */
    void merge(double known) {
        counter = known + unreported;
    }

    /** How many calls wait in a head's line. */
    int lineOf(Entry head) {
        return lane(head.call().lane()).lineOf(head);
    }

    /** When the oldest call in a head's line began to wait. */
    long oldest(Entry head) {
        return lane(head.call().lane()).oldest(head);
    }

    void add(Entry entry) {
        lane(entry.call().lane()).add(entry);
    }

    /** Removes an entry; returns whether it was waiting. */
    boolean remove(Entry entry) {
        return lane(entry.call().lane()).remove(entry);
    }

    /** Counts a grant towards the lanes' turns; its number rises with each grant to any tenant. */
    void granted(Lane lane, long number) {
        lastGrant = number;
        sinceBatch = lane == Lane.BATCH ? 0 : sinceBatch + 1;
    }

    /** The calls that may be granted next, starting with the one whose turn it is. */
    List<Entry> heads() {
        boolean batchFirst = sinceBatch >= batchEvery - 1;
        List<Entry> heads = new ArrayList<>(2);
        (batchFirst ? batch : interactive).addHeads(heads);
        (batchFirst ? interactive : batch).addHeads(heads);
        return heads;
    }

    /** All waiting calls, in no particular order. */
    Stream<Entry> entries() {
        return Stream.concat(interactive.entries(), batch.entries());
    }

    /**
     * The cost of the tenant's own calls that will be granted before one that joins the lane now.
     *
     * @param rivals the calls that count
     */
    double costAhead(Lane lane, Predicate<Call> rivals) {
        double first = interactive.cost(rivals);
        double second = batch.cost(rivals);
        return switch (lane) {
            case INTERACTIVE -> first + Math.min(second, first / (batchEvery - 1));
            case BATCH -> second + Math.min(first, second * (batchEvery - 1));
        };
    }

    /** The cost of the waiting calls that count. */
    double cost(Predicate<Call> rivals) {
        return interactive.cost(rivals) + batch.cost(rivals);
    }

    /** Counts an arriving call of this cost, for {@link #arrivals}. */
    void arrived(double cost, long now) {
        arrivals = arrivals(now) + cost / MEMORY_NANOS;
        arrivalsAt = now;
    }

    /** The cost of the calls that arrive per nanosecond, averaged over some seconds. */
    double arrivals(long now) {
        return arrivals * Math.exp(-(double) (now - arrivalsAt) / MEMORY_NANOS);
    }

    private LaneQueue lane(Lane lane) {
        return lane == Lane.INTERACTIVE ? interactive : batch;
    }
}
