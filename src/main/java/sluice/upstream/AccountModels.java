package sluice.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.time.Time;
import sluice.upstream.AccountHealth.BreakerSettings;

/**
 * The models of one account that are paused or failing. Only those that were so within the last hour are remembered,
 * and only as many as fit; a forgotten one is sent calls as if nothing had happened.
 */
public final class AccountModels {
    /** No model has a longer name. */
    public static final int LONGEST_NAME = 256;

    private static final Logger LOG = LoggerFactory.getLogger(AccountModels.class);
    private static final int REMEMBERED = 1_000;
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    /**
     * What a failure is attributed to.
     *
     * @param model as the call named it
     * @param tier  the service tier it asked for; empty for the default one
     */
    public record Served(String model, String tier) {

        @Override
        public String toString() {
            return tier.isEmpty() ? model : model + " (" + tier + ")";
        }
    }

    /**
     * A model that gets no calls now.
     *
     * @param served which one
     * @param hold   why, and for how long
     */
    public record Paused(Served served, Hold hold) {}

    /**
     * A model that is paused because calls fail, until one succeeds.
     *
     * @param served which one
     * @param since  when it was, by the clock's {@code nanos()}
     */
    public record Failing(Served served, long since) {}

    private final AccountHealth account;
    private final Time time;
    private final Cache<Served, ModelHealth> models;

    /** Starts with no trouble known. */
    public AccountModels(AccountHealth account, Time time) {
        this.account = account;
        this.time = time;
        this.models = Caffeine.newBuilder().maximumSize(REMEMBERED).expireAfterAccess(LONGEST_PAUSE)
                .ticker(time::nanos).executor(Runnable::run).build();
    }

    /** What holds a tenant's calls back; null if nothing does. */
    public @Nullable Hold hold(Served served, String tenant) {
        ModelHealth known = known(served);
        return known == null ? null : known.hold(tenant, settings(), time.nanos());
    }

    /** Whether the tenant's last call failed, so that another account is preferred. */
    public boolean failing(Served served, String tenant) {
        ModelHealth known = known(served);
        return known != null && known.failing(tenant, settings(), time.nanos());
    }

    /** A call is about to be sent; the first one after a pause is the trial. */
    public void entered(Served served, String tenant) {
        ModelHealth known = known(served);
        if (known != null) {
            known.entered(tenant, time.nanos());
        }
    }

    /** A call that had entered was not sent, or its caller left. */
    public void left(Served served, String tenant) {
        ModelHealth known = known(served);
        if (known != null) {
            known.left(tenant, time.nanos());
        }
    }

    /** The model answered; true if calls were held back until now. */
    public boolean answered(Served served, String tenant) {
        ModelHealth known = known(served);
        if (known == null) {
            return false;
        }
        boolean failed = known.triesAfterFailures();
        ModelHealth.Verdict again = known.answered(tenant, settings(), time.nanos());
        if (failed && again == ModelHealth.Verdict.ALL) {
            LOG.info("account {}: {} is back in service", account.account(), served);
        }
        return again != ModelHealth.Verdict.NOBODY;
    }

    /** A call failed: it got a status of 500 or above, its connection broke, or its answer did not begin in time. */
    public void failed(Served served, String tenant) {
        if (!nameable(served)) {
            return;
        }
        switch (of(served).failed(tenant, settings(), time.nanos())) {
            case ALL -> LOG.warn("account {}: {} is paused: too many calls fail", account.account(), served);
            case TENANT ->
                LOG.warn("account {}: {}'s calls to {} are paused: too many of them fail, and no other tenant's do",
                        account.account(), tenant, served);
            case NOBODY -> {
                // Nothing changes.
            }
        }
    }

    /** The model's quota is used up for this long; returns whether that is remembered. */
    public boolean rateLimited(Served served, long nanos) {
        if (!nameable(served)) {
            return false;
        }
        of(served).rateLimited(time.nanos(), Math.min(nanos, LONGEST_PAUSE.toNanos()));
        return true;
    }

    /** The models that get no tenant's calls now, the longest remaining pause first. */
    public List<Paused> paused() {
        long now = time.nanos();
        return models.asMap().entrySet().stream()
                .flatMap(entry -> paused(entry, now))
                .sorted(Comparator.comparingLong((Paused paused) -> -paused.hold().nanos())).toList();
    }

    private Stream<Paused> paused(Map.Entry<Served, ModelHealth> entry, long now) {
        Hold hold = entry.getValue().hold(settings(), now);
        return hold == null ? Stream.empty() : Stream.of(new Paused(entry.getKey(), hold));
    }

    /** The models that are paused for all tenants because calls fail. */
    public List<Failing> failing() {
        return models.asMap().entrySet().stream().flatMap(entry -> entry.getValue().failingSince().stream()
                .mapToObj(since -> new Failing(entry.getKey(), since))).toList();
    }

    private BreakerSettings settings() {
        return account.settings();
    }

    private static boolean nameable(Served served) {
        return served.model().length() <= LONGEST_NAME;
    }

    private @Nullable ModelHealth known(Served served) {
        return models.getIfPresent(served);
    }

    private ModelHealth of(Served served) {
        return models.get(served, fresh -> new ModelHealth());
    }
}
