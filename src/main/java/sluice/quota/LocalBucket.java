package sluice.quota;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.vertx.core.Future;
import java.time.Duration;
import sluice.time.Time;

/** A Bucket4j bucket in this process: lock-free, refilled continuously. */
public final class LocalBucket implements QuotaBucket, AccountBucket {
    private static final Future<Probe> TAKEN = Future.succeededFuture(Probe.TAKEN);

    /**
     * Bucket4j tokens per request of an account. Bucket4j reports whole tokens only, and a request given back on top of
     * a part of the next one would be one too many in the minute.
     */
    private static final long FINE = 1000;

    /** Its capacity and refill; {@code grain} Bucket4j tokens are one of ours. */
    private record Shape(long capacity, long refill, Duration period, long grain) {

        Shape(long capacity, long refill, Duration period) {
            this(capacity, refill, period, 1);
        }

        Shape fine() {
            return new Shape(capacity, refill, period, FINE);
        }

        /** OpenAI's own algorithm: capacity and refill per window equal the limit. */
        static Shape of(Limit limit) {
            return new Shape(limit.amount(), limit.amount(), limit.kind().window());
        }

        /** For an account's limit, by its name there; for strict accounts see {@link LocalBucket#strict}. */
        static Shape of(String name, Limit limit, AccountLimits of) {
            if (limit.kind() != Limit.Kind.RPM || !name.equals(limit.kind().key())) {
                return of(limit);
            }
            return (of.strict()
                    ? new Shape(of.burst(), limit.amount() - of.burst() + 1, AccountLimits.STRICT_PERIOD)
                    : new Shape(of.burst(), limit.amount(), limit.kind().window())).fine();
        }

        Bandwidth bandwidth(long initial) {
            return Bandwidth.builder().capacity(capacity * grain).refillGreedy(refill * grain, period)
                    .initialTokens(initial * grain).build();
        }

        double nanosPerToken() {
            return (double) period.toNanos() / refill;
        }
    }

    private final Bucket bucket;
    private volatile Shape shape;

    private LocalBucket(Shape shape, long initial, Time time) {
        this.shape = shape;
        this.bucket = Bucket.builder().addLimit(shape.bandwidth(initial)).withCustomTimePrecision(meter(time)).build();
    }

    /** OpenAI's own algorithm: capacity and refill per window equal the limit; initially full. */
    public static LocalBucket of(Limit limit, Time time) {
        return new LocalBucket(Shape.of(limit), limit.amount(), time);
    }

    /** The same, starting with what an earlier process left; full if that is below 0. */
    public static LocalBucket of(Limit limit, long remembered, Time time) {
        long initial = remembered < 0 ? limit.amount() : Math.min(remembered, limit.amount());
        return new LocalBucket(Shape.of(limit), initial, time);
    }

    /** One of several equal parts of a limit, at least one token large however many there are. */
    public static LocalBucket share(Limit limit, int parts, long initial, Time time) {
        long capacity = Math.max(1, limit.amount() / parts);
        return new LocalBucket(new Shape(capacity, limit.amount(), limit.kind().window().multipliedBy(parts)),
                Math.min(initial, capacity), time);
    }

    /**
     * A bucket under which no 60 seconds see more than {@code rpm}: the burst, and the rest of the minute as a refill
     * spread over {@link AccountLimits#STRICT_PERIOD}; initially empty, since nobody knows what was sent before.
     */
    static LocalBucket strict(long rpm, long burst, Time time) {
        return new LocalBucket(new Shape(burst, rpm - burst + 1, AccountLimits.STRICT_PERIOD).fine(), 0, time);
    }

    /** One of several equal parts of an account's limit; together they keep the whole's promise. Initially empty. */
    public static LocalBucket share(Limit limit, AccountLimits of, int parts, Time time) {
        if (limit.kind() != Limit.Kind.RPM) {
            return share(limit, parts, 0, time);
        }
        long burst = Math.max(1, of.burst() / parts);
        if (!of.strict()) {
            return new LocalBucket(new Shape(burst, limit.amount(), limit.kind().window().multipliedBy(parts)).fine(),
                    0, time);
        }
        long refill = Math.min(limit.amount() - (burst - 1) * parts, limit.amount() - of.burst() + 1);
        return new LocalBucket(
                new Shape(burst, Math.max(1, refill), AccountLimits.STRICT_PERIOD.multipliedBy(parts)).fine(), 0, time);
    }

    /** The bucket of an account's limit in this process alone, by its name within the account. */
    public static LocalBucket of(String name, Limit limit, AccountLimits of, long remembered, Time time) {
        if (limit.kind() != Limit.Kind.RPM || !name.equals(limit.kind().key())) {
            return of(limit, remembered, time);
        }
        return of.strict() ? strict(limit.amount(), of.burst(), time) : lenient(limit, of.burst(), time);
    }

    /** The provider's own bucket, with a smaller capacity if the burst is smaller. */
    static LocalBucket lenient(Limit limit, long burst, Time time) {
        return new LocalBucket(new Shape(burst, limit.amount(), limit.kind().window()).fine(), burst, time);
    }

    @Override
    public void change(Limit limit) {
        change(Shape.of(limit));
    }

    @Override
    public void change(String name, Limit limit, AccountLimits of) {
        change(Shape.of(name, limit, of));
    }

    private void change(Shape next) {
        if (!next.equals(shape)) {
            bucket.replaceConfiguration(BucketConfiguration.builder().addLimit(next.bandwidth(0)).build(),
                    TokensInheritanceStrategy.AS_IS);
            shape = next;
        }
    }

    @Override
    public Future<Probe> take(long amount) {
        Probe probe = amount == 0 ? Probe.TAKEN : takeNow(amount);
        return probe.taken() ? TAKEN : Future.succeededFuture(probe);
    }

    /** {@link #take} for callers that know the bucket is local. */
    public Probe takeNow(long amount) {
        if (amount == 0) {
            return Probe.TAKEN;
        }
        long fine = amount * shape.grain();
        if (bucket.tryConsume(fine)) {
            return Probe.TAKEN;
        }
        // Only a refusal needs to know how long to wait.
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(fine);
        return probe.isConsumed() ? Probe.TAKEN : new Probe(false, roundedUp(probe));
    }

    @Override
    public void giveBack(long amount) {
        if (amount > 0) {
            bucket.addTokens(amount * shape.grain());
        }
    }

    @Override
    public void spend(long amount) {
        takeNow(amount);
    }

    @Override
    public void giveBack(long amount, long heldByOthers) {
        long grain = shape.grain();
        long room = (shape.capacity() - heldByOthers) * grain - bucket.getAvailableTokens();
        if (amount > 0 && room > 0) {
            bucket.addTokens(Math.min(amount * grain, room));
        }
    }

    @Override
    public void settle(long taken, long used) {
        if (used < taken) {
            bucket.addTokens((taken - used) * shape.grain());
        } else if (used > taken) {
            bucket.consumeIgnoringRateLimits((used - taken) * shape.grain());
        }
    }

    @Override
    public boolean exceeds(long amount) {
        return amount > shape.capacity();
    }

    @Override
    public long waitNanos(long amount) {
        if (amount == 0) {
            return 0;
        }
        EstimationProbe probe = bucket.estimateAbilityToConsume(amount * shape.grain());
        return probe.canBeConsumed() ? 0 : probe.getNanosToWaitForRefill() + 1;
    }

    @Override
    public long capacity() {
        return shape.capacity();
    }

    @Override
    public Level level() {
        Shape now = shape;
        long left = Math.min(Math.floorDiv(bucket.getAvailableTokens(), now.grain()), now.capacity());
        return new Level(now.capacity(), Math.max(0, left), Math.max(0, -left),
                (long) Math.ceil((now.capacity() - left) * now.nanosPerToken()));
    }

    @Override
    public long intervalNanos() {
        return (long) Math.ceil(shape.nanosPerToken());
    }

    /** Bucket4j rounds the wait down, so it can be 0 on a refusal. */
    private static long roundedUp(ConsumptionProbe probe) {
        return probe.getNanosToWaitForRefill() + 1;
    }

    private static TimeMeter meter(Time time) {
        return new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return time.nanos();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
    }
}
