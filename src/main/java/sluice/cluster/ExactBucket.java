package sluice.cluster;

import io.vertx.core.Future;
import java.util.List;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;

/** A limit that sends each decision to the store: never one call too many across all replicas. */
final class ExactBucket implements QuotaBucket, Swept {
    private final SharedBucket shared;
    private final Sweep sweep;

    ExactBucket(SharedBucket shared, Sweep sweep) {
        this.shared = shared;
        this.sweep = sweep;
    }

    @Override
    public Future<Probe> take(long amount) {
        if (amount == 0) {
            return Future.succeededFuture(Probe.TAKEN);
        }
        Future<Reply> asked;
        synchronized (this) {
            if (!shared.present()) {
                return Future.succeededFuture(substituted(amount));
            }
            asked = shared.ask(List.of(amount), 0);
        }
        CallerPromise<Probe> home = new CallerPromise<>();
        asked.onComplete(answer -> home.answer(answered(amount, answer)), lost -> home.answer(substituted(amount)));
        return home.future();
    }

    @Override
    public void giveBack(long amount) {
        synchronized (this) {
            shared.refund(amount);
        }
        sweep.soon(this);
    }

    @Override
    public void settle(long taken, long used) {
        synchronized (this) {
            shared.refund(Math.max(0, taken - used));
            shared.owe(Math.max(0, used - taken));
        }
        sweep.soon(this);
    }

    @Override
    public synchronized void change(Limit limit) {
        shared.change(limit);
    }

    @Override
    public synchronized boolean exceeds(long amount) {
        return amount > shared.limit().amount();
    }

    @Override
    public synchronized Level level() {
        return shared.told(0);
    }

    /** Reports refunds and debts to the store. */
    @Override
    public synchronized boolean sweep(long now) {
        if (shared.present() && shared.hasNews()) {
            shared.ask(List.of(), 0).onSuccess(this::learn);
        }
        return shared.hasNews();
    }

    @Override
    public synchronized Future<?> leave() {
        return shared.present() && shared.hasNews() ? shared.ask(List.of(), 0) : Future.succeededFuture();
    }

    @Override
    public double held() {
        return 0;
    }

    private synchronized void learn(Reply answer) {
        shared.learn(answer, List.of(), 0);
    }

    private synchronized Probe answered(long amount, Reply answer) {
        SharedBucket.Taken taken = shared.learn(answer, List.of(amount), 0);
        if (taken.served().getFirst()) {
            return Probe.TAKEN;
        }
        return shared.doubted()
                ? substituted(amount)
                : new Probe(false, Math.max(1, shared.rate().waitNanos(shared.news().units(), amount)));
    }

    private Probe substituted(long amount) {
        Probe probe;
        synchronized (this) {
            probe = shared.substitute().take(amount);
        }
        sweep.soon(this);
        return probe;
    }
}
