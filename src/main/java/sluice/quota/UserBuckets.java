package sluice.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.BiFunction;
import sluice.time.Time;

/** The buckets of one tenant's end users. One that nobody has used for three minutes is full, and forgotten. */
public final class UserBuckets {
    /** The most buckets that are kept; beyond them the least used are forgotten. */
    private static final int MOST = 20_000;
    private static final Duration KEPT = Duration.ofMinutes(3);

    private final Cache<String, QuotaBucket> buckets;
    private final BiFunction<String, Limit, QuotaBucket> make;

    /** @param make creates the bucket of a limit, given its name within the tenant */
    public UserBuckets(BiFunction<String, Limit, QuotaBucket> make, Time time) {
        this.make = make;
        this.buckets = Caffeine.newBuilder().maximumSize(MOST).expireAfterAccess(KEPT).ticker(time::nanos)
                .executor(Runnable::run).build();
    }

    /**
     * The bucket of a user's limit.
     *
     * @param limit one of minutes
     */
    public QuotaBucket of(String user, Limit limit) {
        QuotaBucket bucket = buckets.get(limit.kind().key() + " user " + user, name -> make.apply(name, limit));
        bucket.change(limit);
        return bucket;
    }
}
