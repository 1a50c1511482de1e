package sluice.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.BiFunction;
import sluice.time.Time;

/** The buckets of one tenant's end users. Those unused for three minutes and full are forgotten. */
public final class UserBuckets {
    /** The most buckets that are kept; beyond them the least used are forgotten. */
    private static final int MOST = 20_000;
    private static final Duration KEPT = Duration.ofMinutes(3);

    private final Cache<String, QuotaBucket> buckets;
    private final BiFunction<String, Limit, QuotaBucket> make;

    /** @param make creates the bucket of a limit, given its name within the tenant */
    public UserBuckets(BiFunction<String, Limit, QuotaBucket> make, Time time) {
        this.make = make;
        this.buckets = Caffeine.newBuilder().maximumSize(MOST)
                .expireAfter(Expiry.<String, QuotaBucket>accessing((name, bucket) -> untilForgotten(bucket)))
                .ticker(time::nanos).executor(Runnable::run).build();
    }

    private static Duration untilForgotten(QuotaBucket bucket) {
        Duration full = Duration.ofNanos(bucket.level().resetNanos());
        return full.compareTo(KEPT) > 0 ? full : KEPT;
    }

    /**
     * The bucket of a user's limit.
     *
     * @param limit one of minutes
     */
    public QuotaBucket of(String user, Limit limit) {
        String name = limit.kind().key() + " user " + user;
        QuotaBucket bucket = buckets.get(name, fresh -> make.apply(fresh, limit));
        bucket.change(limit);
        return new OfUser(name, bucket);
    }

    /** A bucket kept until its debt is paid. */
    private final class OfUser implements QuotaBucket {
        private final String name;
        private final QuotaBucket bucket;

        OfUser(String name, QuotaBucket bucket) {
            this.name = name;
            this.bucket = bucket;
        }

        @Override
        public Future<Probe> take(long amount) {
            return bucket.take(amount);
        }

        @Override
        public void giveBack(long amount) {
            bucket.giveBack(amount);
        }

        @Override
        public void settle(long taken, long used) {
            bucket.settle(taken, used);
            var _ = buckets.getIfPresent(name);
        }

        @Override
        public boolean exceeds(long amount) {
            return bucket.exceeds(amount);
        }

        @Override
        public void change(Limit limit) {
            bucket.change(limit);
        }

        @Override
        public Level level() {
            return bucket.level();
        }
    }
}
