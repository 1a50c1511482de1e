package sluice.quota;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import sluice.openai.ModelGlob;
import sluice.quota.Limit.Unit;

/**
 * All buckets of one tenant. A call takes from several at once or from none: what was taken from the first ones goes
 * back when a later one refuses.
 */
public final class TenantQuota {

    private record Held(Limit limit, String subject, String label, QuotaBucket bucket) {

        Verdict.Refused refusal(long due, long waitNanos) {
            return new Verdict.Refused(limit, subject, due, waitNanos, bucket.level());
        }
    }

    /** Creates the buckets of one tenant. */
    public interface Buckets {

        /** The bucket of a limit, given its name within the tenant. */
        QuotaBucket of(String name, Limit limit);

        /** The bucket of a limit of one of its end users. */
        default QuotaBucket ofUser(String user, Limit limit) {
            return of(limit.kind().key() + " user " + user, limit);
        }
    }

    private record ModelBuckets(ModelGlob models, List<Held> buckets) {}

    private final List<Held> overall;
    private final List<Held> requests;
    private final List<Held> tokens;
    private final List<ModelBuckets> byModel;
    private final List<Limit> perUser;
    private final Buckets buckets;
    private final boolean shadow;
    private final LimitObserver observer;
    private final Outstanding outstanding;

    /**
     * Creates a tenant's buckets.
     *
     * @param limits  what it may use
     * @param shadow  whether a limit without room only counts
     * @param buckets makes the bucket of each limit
     */
    public TenantQuota(Limits limits, boolean shadow, Buckets buckets, LimitObserver observer,
            Outstanding outstanding) {
        this.perUser = limits.perUser();
        this.buckets = buckets;
        this.overall = limits.overall().stream().map(limit -> held(limit, "", buckets)).toList();
        this.byModel = limits.byModel().entrySet().stream().map(entry -> ofModels(entry, buckets)).toList();
        this.requests = ofUnit(Unit.REQUESTS);
        this.tokens = ofUnit(Unit.TOKENS);
        this.shadow = shadow;
        this.observer = observer;
        this.outstanding = outstanding;
    }

    /** Takes one request from the overall limits. */
    public Future<Verdict> takeRequest() {
        return take(requests, 0, 0, 0, new Reservation(outstanding));
    }

    /** Takes nothing, for a call that counts against no limit. */
    public Verdict.Granted takeNothing() {
        return new Verdict.Granted(new Reservation(outstanding));
    }

    /**
     * Takes one request and tokens that can no longer be refused, from the overall limits and those of the model;
     * what a limit does not hold becomes debt.
     */
    public Reservation charge(String model, long tokens) {
        Reservation charged = new Reservation(outstanding);
        Stream.concat(requests.stream(), bucketsOf(model).stream()).forEach(held -> {
            Unit unit = held.limit().kind().unit();
            held.bucket().settle(0, unit.of(tokens));
            charged.add(held.bucket(), unit, unit.of(tokens));
        });
        return charged;
    }

    /** Takes tokens from the overall limits, and one request and tokens from every limit of the model. */
    public Future<Verdict> takeTokens(String model, long amount) {
        return takeTokens(model, "", amount, amount);
    }

    /**
     * Likewise, and from the limits of the end user, unless some limit could never hold the most that the call may use.
     *
     * @param user   the end user; empty if none is named
     * @param amount the tokens it is expected to use
     * @param most   the tokens it may use, at least the amount
     */
    public Future<Verdict> takeTokens(String model, String user, long amount, long most) {
        return take(bucketsOf(model, user), amount, most, 0, new Reservation(outstanding));
    }

    /**
     * A limit, and what a call would take of it.
     *
     * @param name  that callers know
     * @param due   what the call takes
     * @param never whether the limit could never hold the most that the call may use
     */
    public record Outlook(String name, Unit unit, QuotaBucket.Level level, long due, boolean never) {

        /** Whether there is room. */
        public boolean fits() {
            return !never && level.remaining() >= due;
        }

        /** Whether it counts requests of all models. */
        public boolean ofRequests() {
            return unit == Unit.REQUESTS && name.indexOf('/') < 0;
        }
    }

    /**
     * What a call would take of every limit that counts for it; nothing is taken.
     *
     * @param amount the tokens it is expected to use
     * @param most   the tokens it may use
     */
    public List<Outlook> outlook(String model, long amount, long most) {
        return Stream.concat(requests.stream(), bucketsOf(model).stream()).map(held -> {
            Unit unit = held.limit().kind().unit();
            return new Outlook(Verdict.name(held.limit(), held.subject()), unit, held.bucket().level(), unit.of(amount),
                    held.bucket().exceeds(unit.of(most)));
        }).toList();
    }

    /** The level of the unit's overall limit with the least left; empty if there is none. */
    public Optional<QuotaBucket.Level> level(Unit unit) {
        QuotaBucket.Level tightest = null;
        for (Held held : overall) {
            if (held.limit().kind().unit() == unit) {
                QuotaBucket.Level level = held.bucket().level();
                tightest = tightest == null || level.remaining() < tightest.remaining() ? level : tightest;
            }
        }
        return Optional.ofNullable(tightest);
    }

    /** The remaining share of each overall limit, 0 to 1, by the limit's key; read by the metrics. */
    public Map<String, DoubleSupplier> remainingRatios() {
        Map<String, DoubleSupplier> ratios = new LinkedHashMap<>();
        for (Held held : overall) {
            ratios.put(held.label(), () -> (double) held.bucket().level().remaining() / held.limit().amount());
        }
        return ratios;
    }

    /** The levels of all limits, by the name that callers know: {@code rpm}, or {@code gpt-4o/tpm} for some models. */
    public Map<String, QuotaBucket.Level> levels() {
        Map<String, QuotaBucket.Level> levels = new LinkedHashMap<>();
        Stream.concat(overall.stream(), byModel.stream().flatMap(some -> some.buckets().stream()))
                .forEach(held -> levels.put(Verdict.name(held.limit(), held.subject()), held.bucket().level()));
        return levels;
    }

    /** The levels of the daily limits, by the limit's name. */
    public Map<String, QuotaBucket.Level> dailyLevels() {
        Map<String, QuotaBucket.Level> levels = new LinkedHashMap<>();
        Stream.concat(overall.stream(), byModel.stream().flatMap(some -> some.buckets().stream()))
                .filter(held -> held.limit().kind().daily())
                .forEach(held -> levels.put(held.label(), held.bucket().level()));
        return levels;
    }

    private List<Held> ofUnit(Unit unit) {
        return overall.stream().filter(held -> held.limit().kind().unit() == unit).toList();
    }

    private List<Held> bucketsOf(String model, String user) {
        if (user.isEmpty() || perUser.isEmpty()) {
            return bucketsOf(model);
        }
        List<Held> all = new ArrayList<>(bucketsOf(model));
        perUser.forEach(limit -> all.add(new Held(limit, Verdict.USER, label(limit, Verdict.USER),
                buckets.ofUser(user, limit))));
        return all;
    }

    private List<Held> bucketsOf(String model) {
        if (byModel.isEmpty()) {
            return tokens;
        }
        List<Held> all = new ArrayList<>(tokens);
        for (ModelBuckets some : byModel) {
            if (some.models().matches(model)) {
                all.addAll(some.buckets());
            }
        }
        return all;
    }

    /** Takes from each bucket in turn: at once while the buckets answer at once, otherwise when they answer. */
    private Future<Verdict> take(List<Held> buckets, long amount, long most, int from, Reservation reservation) {
        for (int i = from; i < buckets.size(); i++) {
            Held held = buckets.get(i);
            Unit unit = held.limit().kind().unit();
            if (held.bucket().exceeds(unit.of(most)) && !shadow) {
                reservation.close(Ending.NOT_SENT);
                return Future.succeededFuture(held.refusal(unit.of(most), Verdict.NEVER));
            }
            long due = unit.of(amount);
            Future<QuotaBucket.Probe> probe = held.bucket().take(due);
            if (!probe.succeeded()) {
                int next = i + 1;
                return probe.onFailure(lost -> reservation.close(Ending.NOT_SENT)).compose(late -> {
                    Optional<Verdict> refusal = judge(held, due, late, reservation);
                    return refusal.isPresent()
                            ? Future.succeededFuture(refusal.get())
                            : take(buckets, amount, most, next, reservation);
                });
            }
            Optional<Verdict> refusal = judge(held, due, probe.result(), reservation);
            if (refusal.isPresent()) {
                return Future.succeededFuture(refusal.get());
            }
        }
        return Future.succeededFuture(new Verdict.Granted(reservation));
    }

    private Optional<Verdict> judge(Held held, long due, QuotaBucket.Probe probe, Reservation reservation) {
        observer.decided(held.label(), probe.taken());
        if (probe.taken()) {
            reservation.add(held.bucket(), held.limit().kind().unit(), due);
            return Optional.empty();
        }
        if (shadow) {
            return Optional.empty();
        }
        reservation.close(Ending.NOT_SENT);
        return Optional.of(held.refusal(due, probe.waitNanos()));
    }

    private static ModelBuckets ofModels(Map.Entry<ModelGlob, List<Limit>> entry,
            Buckets make) {
        String subject = entry.getKey().pattern();
        return new ModelBuckets(entry.getKey(), entry.getValue().stream().map(l -> held(l, subject, make)).toList());
    }

    private static Held held(Limit limit, String subject, Buckets make) {
        String label = label(limit, subject);
        return new Held(limit, subject, label, make.of(label, limit));
    }

    private static String label(Limit limit, String subject) {
        return subject.isEmpty() ? limit.kind().key() : limit.kind().key() + " " + subject;
    }
}
