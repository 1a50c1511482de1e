package sluice.account;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.quota.AccountQuota.Allowed;
import sluice.quota.Limit.Kind;
import sluice.quota.Limit.Unit;
import sluice.upstream.LearnedQuota;

/**
 * The models of an account whose calls wait for the upstream's quota although the configuration would let them go:
 * either the upstream grants less than is configured, or something besides this gateway uses the account. Nothing else
 * would tell, since calls that wait do not fail. Shared by all event loops.
 */
public final class Shortages {
    /** Below this remaining share, a quota is short. */
    static final double SHORT = 0.1;
    /** With more than this share left of the configured limit, and others that take more than so much of what refills. */
    private static final double UNUSED = 0.5;
    private static final double TAKEN = 0.1;
    /** Calls that use up a quota as fast as it refills are short of it now and then: it is over after as long. */
    private static final long OVER_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int MOST = 100;
    private static final Logger LOG = LoggerFactory.getLogger(Shortages.class);

    private record Quota(String model, Kind kind) {}

    /**
     * One quota that is short.
     *
     * @param text  what the log says of it, with the account's name
     * @param since when it began, by the clock's {@code nanos()}
     * @param seen  when it was last so
     */
    public record Shortage(String text, long since, long seen) {}

    private final String account;
    private final BiFunction<String, Kind, Optional<Allowed>> configured;
    private final ConcurrentMap<Quota, Shortage> now = new ConcurrentHashMap<>();

    /** @param configured what the account's own limits allow a model */
    Shortages(String account, BiFunction<String, Kind, Optional<Allowed>> configured) {
        this.account = account;
        this.configured = configured;
    }

    /** The upstream reported less than {@link #SHORT} of something as remaining for a model. */
    void look(String model, LearnedQuotas.Learned learned, long nanos) {
        look(model, Unit.REQUESTS, learned.requests(), nanos);
        look(model, Unit.TOKENS, learned.tokens(), nanos);
    }

    private void look(String model, Unit unit, LearnedQuota reported, long nanos) {
        if (reported.headroom(nanos) < SHORT) {
            reported.standing(nanos).ifPresent(standing -> look(model, kind(unit, standing.daily()), standing,
                    reported.takenByOthers() > TAKEN, nanos));
        }
    }

    private void look(String model, Kind kind, LearnedQuota.Standing standing, boolean shared, long nanos) {
        Optional<Allowed> allowed = configured.apply(model, kind);
        boolean less = allowed.isEmpty() || standing.limit() < allowed.get().amount();
        if (less || (shared && allowed.get().left() > UNUSED)) {
            begins(new Quota(model, kind), text(model, kind, standing.limit(), less, allowed), nanos);
        }
    }

    private String text(String model, Kind kind, long granted, boolean less, Optional<Allowed> allowed) {
        String quota = "account " + account + ": " + model + " has used up the " + granted + " " + kind.unit().key()
                + (kind.daily() ? " a day" : " a minute") + " that the upstream grants";
        if (!less) {
            return quota + ", but mostly not through this gateway: something else uses the account";
        }
        return quota + allowed.map(own -> "; the configuration allows " + own.amount())
                .orElse("; the configuration sets no " + kind.key());
    }

    private void begins(Quota quota, String text, long nanos) {
        if (now.size() >= MOST && !now.containsKey(quota)) {
            return;
        }
        now.compute(quota, (same, before) -> {
            if (before != null && nanos - before.seen() <= OVER_NANOS) {
                return new Shortage(text, before.since(), nanos);
            }
            LOG.warn("{}; its calls wait", text);
            return new Shortage(text, nanos, nanos);
        });
    }

    /** The upstream reported enough as remaining for a model. */
    void ease(long nanos) {
        if (!now.isEmpty()) {
            now.forEach((quota, shortage) -> {
                if (nanos - shortage.seen() > OVER_NANOS && now.remove(quota, shortage)) {
                    LOG.info("account {}: {} has {} again", account, quota.model(), quota.kind().unit().key());
                }
            });
        }
    }

    /** Those of now. */
    public List<Shortage> all(long nanos) {
        return now.values().stream().filter(shortage -> nanos - shortage.seen() <= OVER_NANOS).toList();
    }

    private static Kind kind(Unit unit, boolean daily) {
        return unit == Unit.REQUESTS ? (daily ? Kind.RPD : Kind.RPM) : daily ? Kind.TPD : Kind.TPM;
    }
}
