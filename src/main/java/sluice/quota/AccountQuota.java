package sluice.quota;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import sluice.openai.ModelGlob;
import sluice.quota.Limit.Unit;

/**
 * The buckets of one upstream account: its own, and those of model families. An attempt takes one request and its
 * tokens from all that apply to its model. A taker must have checked first and be the only one to take; anyone may
 * give back.
 */
public final class AccountQuota {

    /**
     * The buckets' answer to an attempt.
     *
     * @param waitNanos until all have room, 0 if now
     * @param lacking   the bucket that lacks room the longest, null if none does
     * @param headroom  the smallest share that would be left, 0 to 1
     */
    public record Check(long waitNanos, @Nullable Lacking lacking, double headroom) {}

    /**
     * A bucket without room.
     *
     * @param name        unique within the account
     * @param unit        what it counts
     * @param ofAllModels whether every call of the account needs it
     */
    public record Lacking(String name, Unit unit, boolean ofAllModels) {}

    /**
     * What the tightest limit of a kind allows a model.
     *
     * @param amount in the limit's window
     * @param left   the share that remains, 0 to 1
     */
    public record Allowed(long amount, double left) {}

    private record Held(String name, Limit limit, boolean ofAllModels, AccountBucket bucket) {

        long due(long tokens) {
            return limit.kind().unit().of(tokens);
        }

        double share(long tokens) {
            return (double) due(tokens) / limit.amount();
        }
    }

    private record Family(ModelGlob models, List<Held> buckets) {}

    private static final int REMEMBERED_MODELS = 1000;

    /** Longer names are matched each time, so that they take no memory. */
    private static final int LONGEST_NAME = 256;

    private final List<Held> own;
    private final List<Family> families;
    private final Cache<String, List<Held>> byModel = Caffeine.newBuilder().maximumSize(REMEMBERED_MODELS)
            .executor(Runnable::run).build();

    /** Creates an account's buckets, wherever they live. */
    public AccountQuota(AccountLimits limits, AccountBucket.Maker make) {
        this.own = limits.limits().stream().map(limit -> new Held(limit.kind().key(), limit, true,
                make.make(limit.kind().key(), limit, limits))).toList();
        this.families = limits.byModel().entrySet().stream()
                .map(entry -> family(entry.getKey(), entry.getValue(), limits, make)).toList();
    }

    /** Whether all buckets have room now, without taking anything; withheld ones have no tokens for this attempt. */
    public Check check(String model, long tokens, Set<String> withheld) {
        long wait = 0;
        Lacking lacking = null;
        double headroom = 1;
        for (Held held : buckets(model)) {
            boolean kept = held.limit().kind().unit() == Unit.TOKENS && tokens > 0 && withheld.contains(held.name());
            long own = kept ? Math.max(1, held.bucket().intervalNanos()) : held.bucket().waitNanos(held.due(tokens));
            if (own > wait) {
                wait = own;
                lacking = new Lacking(held.name(), held.limit().kind().unit(), held.ofAllModels());
            }
            double left = held.bucket().level().remaining() - held.due(tokens);
            headroom = Math.min(headroom, Math.max(0, left / held.bucket().capacity()));
        }
        return new Check(wait, lacking, headroom);
    }

    /** Takes what a check has just found available. */
    public void take(String model, long tokens) {
        buckets(model).forEach(held -> held.bucket().spend(held.due(tokens)));
    }

    /** Takes what has already been used, even if it is not available: the buckets then refill from below zero. */
    public void charge(String model, long tokens) {
        buckets(model).forEach(held -> held.bucket().settle(0, held.due(tokens)));
    }

    /** An attempt charged for one model turns out to be for another: charges what only the other one needs. */
    public void named(String before, String model, long tokens) {
        List<Held> taken = buckets(before);
        buckets(model).stream().filter(held -> !taken.contains(held))
                .forEach(held -> held.bucket().settle(0, held.due(tokens)));
    }

    /**
     * Gives back what an unsent attempt took.
     *
     * @param unsent permits that others still hold; requests return only as far as the bucket has room with these in
     *               it, or calls that fail to connect could hoard permits and use them all at once
     */
    public void giveBack(String model, long tokens, int unsent) {
        for (Held held : buckets(model)) {
            boolean requests = held.limit().kind().unit() == Unit.REQUESTS;
            held.bucket().giveBack(held.due(tokens), requests ? unsent : 0);
        }
    }

    /** What an attempt takes from the named bucket; 0 if its model does not need it. */
    public long due(String bucket, String model, long tokens) {
        for (Held held : buckets(model)) {
            if (held.name().equals(bucket)) {
                return held.due(tokens);
            }
        }
        return 0;
    }

    /** Settles the tokens of a finished attempt. */
    public void settle(String model, long tokens, long used) {
        for (Held held : buckets(model)) {
            if (held.limit().kind().unit() == Unit.TOKENS) {
                held.bucket().settle(tokens, used);
            }
        }
    }

    /** Whether an attempt is larger than some bucket can ever hold. */
    public boolean exceeds(String model, long tokens) {
        for (Held held : buckets(model)) {
            if (held.bucket().exceeds(held.due(tokens))) {
                return true;
            }
        }
        return false;
    }

    /** The largest share of any limit that an attempt takes; above 0. */
    public double share(String model, long tokens) {
        double share = 0;
        for (Held held : buckets(model)) {
            share = Math.max(share, held.share(tokens));
        }
        return share == 0 ? Double.MIN_NORMAL : share;
    }

    /** The share of its tightest limit that refills per nanosecond while such attempts wait. */
    public double refill(String model, long tokens) {
        double slowest = 0;
        for (Held held : buckets(model)) {
            if (!held.limit().kind().daily()) {
                slowest = Math.max(slowest, (double) held.due(tokens) * held.bucket().intervalNanos());
            }
        }
        return slowest == 0 ? share(model, tokens) : share(model, tokens) / slowest;
    }

    /** The longest window of any limit that applies to a model; a minute if none does. */
    public Duration longestWindow(String model) {
        return buckets(model).stream().map(held -> held.limit().kind().window()).max(Comparator.naturalOrder())
                .orElse(Duration.ofMinutes(1));
    }

    /** The remaining share of each limit, 0 to 1, by the limit's name; read by the metrics. */
    public Map<String, DoubleSupplier> remainingRatios() {
        Map<String, DoubleSupplier> ratios = new LinkedHashMap<>();
        for (Held held : all()) {
            ratios.put(held.name(),
                    () -> (double) held.bucket().level().remaining() / held.bucket().capacity());
        }
        return ratios;
    }

    /** What the limits of a kind allow a model; empty if none applies to it. */
    public Optional<Allowed> allowed(String model, Limit.Kind kind) {
        return buckets(model).stream().filter(held -> held.limit().kind() == kind)
                .map(held -> new Allowed(held.limit().amount(),
                        (double) held.bucket().level().remaining() / held.bucket().capacity()))
                .min(Comparator.comparingLong(Allowed::amount));
    }

    /** The levels of the daily limits, by the limit's name. */
    public Map<String, QuotaBucket.Level> dailyLevels() {
        Map<String, QuotaBucket.Level> levels = new LinkedHashMap<>();
        for (Held held : all()) {
            if (held.limit().kind().daily()) {
                levels.put(held.name(), held.bucket().level());
            }
        }
        return levels;
    }

    private List<Held> all() {
        List<Held> all = new ArrayList<>(own);
        families.forEach(family -> all.addAll(family.buckets()));
        return all;
    }

    private List<Held> buckets(String model) {
        if (families.isEmpty()) {
            return own;
        }
        return model.length() > LONGEST_NAME ? matching(model) : byModel.get(model, this::matching);
    }

    private List<Held> matching(String model) {
        List<Held> matching = new ArrayList<>(own);
        for (Family family : families) {
            if (family.models().matches(model)) {
                matching.addAll(family.buckets());
            }
        }
        return List.copyOf(matching);
    }

    private static Family family(ModelGlob models, List<Limit> limits, AccountLimits of, AccountBucket.Maker make) {
        return new Family(models, limits.stream().map(limit -> {
            String name = limit.kind().key() + " " + models;
            return new Held(name, limit, false, make.make(name, limit, of));
        }).toList());
    }
}
