package sluice.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import sluice.isolation.Shared;

/** Gauges of the gateway's state as a whole. Each is registered once, with the source that a scrape reads. */
public final class StateGauges {
    private final MeterRegistry registry;

    StateGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * The cluster as this replica sees it: whether the store is reachable, live replicas, and limits held in slices.
     *
     * @param onLoss what happens to limits while it is not
     */
    public void cluster(String onLoss, BooleanSupplier reachable, IntSupplier replicas, DoubleSupplier held) {
        gauge("sluice.store.reachable", "1 while the store is reachable, else 0",
                Tags.of("store", "redis", "on_loss", onLoss),
                () -> reachable.getAsBoolean() ? 1 : 0);
        gauge("sluice.replicas", "Live replicas known to this one", Tags.empty(), replicas::getAsInt);
        gauge("sluice.limit.held.ratio", "Largest part of a tenant's limit this replica holds in a slice",
                Tags.empty(), held);
    }

    /** Whether the ledger can be read and written. */
    public void ledgerWorks(BooleanSupplier works) {
        gauge("sluice.ledger.reachable", "1 while the ledger can be read and written, else 0", Tags.empty(),
                () -> works.getAsBoolean() ? 1 : 0);
    }

    /** Owners of stored objects that are not in the ledger yet, and those that never will be. */
    public void owners(IntSupplier waiting, LongSupplier lost) {
        gauge("sluice.owners.waiting", "Owners of stored objects not in the ledger yet", Tags.empty(),
                waiting::getAsInt);
        FunctionCounter.builder("sluice.owners.lost", lost, LongSupplier::getAsLong)
                .description("Owners of stored objects lost while the ledger was away").register(registry);
    }

    /** Calls waiting in a pool's queue. */
    public void queueWaiting(String pool, String lane, DoubleSupplier value) {
        gauge("sluice.queue.waiting", "Calls waiting for upstream quota", Tags.of("pool", pool, "lane", lane), value);
    }

    /** The last reload: whether the configuration in the file is in effect, and when the one in effect was read. */
    public void configReload(BooleanSupplier inEffect, DoubleSupplier since) {
        gauge("sluice.config.reload.success", "1 if the configuration in the file is in effect, else 0", Tags.empty(),
                () -> inEffect.getAsBoolean() ? 1 : 0);
        gauge("sluice.config.reload.timestamp.seconds", "When the configuration in effect was read",
                Tags.empty(), since);
    }

    /** The calls that have joined an identical one. */
    public void cacheFollowers(DoubleSupplier value) {
        gauge("sluice.cache.followers", "Calls that wait for, or receive, the answer of an identical one in flight",
                Tags.empty(), value);
    }

    /** The calls that continue without their callers. */
    public void continuedCalls(DoubleSupplier value) {
        gauge("sluice.continued.calls", "Calls that continue without their callers, so that a repeat finds the answer",
                Tags.empty(), value);
    }

    /** The size of all cached answers in bytes. */
    public void cacheBytes(DoubleSupplier value) {
        gauge("sluice.cache.bytes", "Size of cached answers", Tags.empty(), value);
    }

    /** Size of request bodies held in memory. */
    public void heldBodyBytes(DoubleSupplier value) {
        gauge("sluice.held.body.bytes", "Size of request bodies held in memory", Tags.empty(), value);
    }

    /** Open client connections. */
    public void connections(DoubleSupplier value) {
        gauge("sluice.connections", "Open client connections", Tags.empty(), value);
    }

    /** A resource that all tenants share. */
    public void shared(Shared shared) {
        Tags tags = Tags.of("thing", shared.thing());
        gauge("sluice.shared.used.ratio", "Used share of a resource that all tenants share", tags, shared::usedRatio);
        gauge("sluice.shared.holders", "Tenants, and unauthenticated addresses, that hold some of it", tags,
                shared::holders);
        FunctionCounter.builder("sluice.shared.refusals", shared, Shared::refusals).tags(tags)
                .description("Times it was refused").register(registry);
    }

    /** When the certificate of a listener, {@code listen} or {@code admin}, expires. */
    public void certificate(String listener, DoubleSupplier end) {
        gauge("sluice.certificate.not.after.timestamp.seconds", "When the listener's certificate expires",
                Tags.of("listener", listener), end);
    }

    /** Log lines that were lost. */
    public void logLines(LostLines lost) {
        for (LostLines.Why why : LostLines.Why.values()) {
            FunctionCounter.builder("sluice.log.lines.lost", lost, each -> each.number(why))
                    .tags("reason", why.word()).description("Log lines that were lost").register(registry);
        }
    }

    /** People who are logged in. */
    public void adminSessions(DoubleSupplier value) {
        gauge("sluice.admin.sessions", "People logged in to the admin listener", Tags.empty(), value);
    }

    /** Reservations and permits not yet settled. */
    public void outstanding(DoubleSupplier value) {
        gauge("sluice.reservations.open", "Reservations and permits not yet settled", Tags.empty(), value);
    }

    void gauge(String name, String description, Tags tags, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble).description(description).tags(tags).strongReference(true)
                .register(registry);
    }
}
