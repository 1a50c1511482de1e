package sluice.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * The order in which the calls of many tenants are served: by virtual counters, in the manner of VTC ("Fairness in
 * Serving Large Language Models", arXiv 2401.00588). Among the tenants with a call that can be served now, the one
 * with the least service per weight goes first; on a tie, the one served longest ago. A tenant that returns from
 * idleness is lifted to the lowest counter of those waiting, so that idle time earns no credit; one that is served is
 * charged at once.
 *
 * <p>Invariant: {@code waiting} holds exactly the non-empty backlogs, ordered by their counters. Not thread-safe; the
 * scheduler guards it.
 */
final class FairQueue {
    private final Map<String, Backlog> backlogs = new HashMap<>();
    private final TreeSet<Backlog> waiting = new TreeSet<>(
            Comparator.comparingDouble(Backlog::counter).thenComparingLong(Backlog::lastGrant)
                    .thenComparing(backlog -> backlog.share().tenant()));
    private int batchEvery;
    private double lastServed;
    private long countedSince;
    private long grants;
    private int size;

    /** A tenant's batch lane gets one in {@code batchEvery} grants while both of its lanes wait. */
    FairQueue(int batchEvery) {
        this.batchEvery = batchEvery;
    }

    /** Changes how lanes take turns and the tenants' weights; waiting calls keep their places. */
    void change(int batchEvery, Map<String, Share> shares) {
        this.batchEvery = batchEvery;
        backlogs.forEach((tenant, backlog) -> backlog.change(shares.getOrDefault(tenant, backlog.share()), batchEvery));
    }

    int size() {
        return size;
    }

    /** All tenants that were ever served or waited. */
    Collection<Backlog> backlogs() {
        return backlogs.values();
    }

    /** The tenants with waiting calls, least served first. */
    Collection<Backlog> waiting() {
        return waiting;
    }

    /** The tenant's backlog, lifted if it was idle. */
    Backlog of(Share share) {
        Backlog backlog = backlogs.computeIfAbsent(share.tenant(), tenant -> new Backlog(share, batchEvery));
        if (backlog.size() == 0) {
            backlog.change(share, batchEvery);
            backlog.lift(floor());
        }
        return backlog;
    }

    /** The service every tenant is assumed to have had at least. */
    double floor() {
        return waiting.isEmpty() ? lastServed : waiting.first().counter();
    }

    void join(Backlog.Entry entry) {
        Backlog backlog = of(entry.call().share());
        backlog.add(entry);
        waiting.add(backlog);
        size++;
    }

    /** Removes an entry; returns whether it was waiting. */
    boolean leave(Backlog.Entry entry) {
        Backlog backlog = backlogs.get(entry.call().share().tenant());
        if (backlog == null || !backlog.remove(entry)) {
            return false;
        }
        size--;
        if (backlog.size() == 0) {
            waiting.remove(backlog);
        }
        return true;
    }

    /** Charges a tenant for service, or gives it back if the cost is negative. */
    void charge(Share share, double cost) {
        Backlog backlog = of(share);
        move(backlog, () -> backlog.charge(cost));
    }

    /** Charges a tenant for a call that is granted now. */
    void serve(Call call, double cost) {
        Backlog backlog = of(call.share());
        lastServed = Math.max(lastServed, backlog.counter());
        move(backlog, () -> {
            backlog.granted(call.lane(), ++grants);
            backlog.charge(cost);
        });
    }

    /** What tenants were charged since this was last called, divided by their weights. */
    Map<String, Double> takeUnreported() {
        Map<String, Double> charges = new HashMap<>();
        for (Backlog backlog : backlogs.values()) {
            double unreported = backlog.takeUnreported();
            if (unreported != 0) {
                charges.put(backlog.share().tenant(), unreported);
            }
        }
        return charges;
    }

    /**
     * Replaces the counters with these, plus what is still unreported.
     *
     * @param since when whoever keeps them began to count; what was counted before means nothing beside it
     */
    void merge(long since, Map<String, Double> counters) {
        if (since != countedSince) {
            countedSince = since;
            countAnew();
        }
        counters.forEach((tenant, known) -> {
            Backlog backlog = backlogs.get(tenant);
            if (backlog != null) {
                move(backlog, () -> backlog.merge(known));
            }
        });
    }

    private void countAnew() {
        lastServed = 0;
        List<Backlog> inOrder = List.copyOf(waiting);
        waiting.clear();
        backlogs.values().forEach(backlog -> backlog.merge(0));
        waiting.addAll(inOrder);
    }

    /** Changes what a backlog is sorted by. */
    private void move(Backlog backlog, Runnable change) {
        boolean waits = waiting.remove(backlog);
        change.run();
        if (waits) {
            waiting.add(backlog);
        }
    }

    /**
     * Offers calls in order until nothing is left to take.
     *
     * @param taken     whether a call could be served; it must then have left the queue and been charged
     * @param exhausted whether nothing remains for anyone
     */
    void offer(Predicate<Backlog.Entry> taken, BooleanSupplier exhausted) {
        List<Backlog> passed = new ArrayList<>();
        while (!waiting.isEmpty() && !exhausted.getAsBoolean()) {
            Backlog least = waiting.first();
            if (!offer(least, taken)) {
                waiting.remove(least);
                passed.add(least);
            }
        }
        waiting.addAll(passed);
    }

    private static boolean offer(Backlog backlog, Predicate<Backlog.Entry> taken) {
        for (Backlog.Entry head : backlog.heads()) {
            if (taken.test(head)) {
                return true;
            }
        }
        return false;
    }
}
