package sluice.quota;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.quota.Budget.Period;
import sluice.time.Time;

/**
 * What one tenant spends of its budgets, or of those for one of its tags, in picodollars. A call reserves what it is
 * expected to cost, and is settled with what it did cost; what calls in flight have reserved counts in every period,
 * so that nothing is lost when one ends. Where several processes spend the same budgets, a {@link Treasury} decides
 * for all of them.
 */
public final class Spending {

    /**
     * What holds for the budgets of all tenants.
     *
     * @param zone   whose midnights begin a period
     * @param warnAt the share of a budget at which to warn, 0 to 1
     */
    public record Rules(ZoneId zone, double warnAt) {}

    /** Notified of decisions and warnings. */
    public interface Observer {

        /** The budget of this name had room for a call, or not. */
        void decided(String budget, boolean granted);

        /** A budget has reached the share to warn at, for the first time in its period. */
        void nearlySpent(String budget);
    }

    /** A budget's answer to a call. */
    public sealed interface Answer {
        /** All budgets have room. */
        record Granted(Hold hold) implements Answer {}

        /**
         * One does not.
         *
         * @param tag   whose budget it is; empty if it is of all calls
         * @param asked what the call may cost, in picodollars
         * @param left  of the budget, in picodollars, at least 0
         * @param reset until it resets
         */
        record Refused(String tag, Budget budget, long asked, long left, Duration reset) implements Answer {

            /** The name in metrics and for callers: {@code usd-per-day}, or {@code team=search/usd-per-day}. */
            public String name() {
                return nameOf(tag, budget.period());
            }
        }
    }

    /** What remains of a budget. */
    public record Level(String name, Budget budget, long left, Duration reset) {}

    /** What a call has reserved. Closed once, when it is over. */
    public static final class Hold {
        private final Spending of;
        private final long reserved;
        private final AtomicBoolean closed = new AtomicBoolean();
        private @Nullable Hold joined;

        private Hold(Spending of, long reserved) {
            this.of = of;
            this.reserved = reserved;
            of.outstanding.opened();
        }

        /** In picodollars. */
        public long reserved() {
            return reserved;
        }

        /** This, and what the same call has reserved elsewhere; closed together. */
        Hold with(Hold elsewhere) {
            joined = elsewhere;
            return this;
        }

        /** The call cost this. */
        public void close(long picodollars) {
            if (closed.compareAndSet(false, true)) {
                of.settle(reserved, picodollars);
                of.outstanding.closed();
                if (joined != null) {
                    joined.close(picodollars);
                }
            }
        }
    }

    /** One period, what an earlier process knew to be spent in it, and what this one has spent. */
    private static final class Window {
        private final Instant end;
        private final long before;
        private long spent;
        private boolean warned;

        Window(Instant end, long before, long spent) {
            this.end = end;
            this.before = before;
            this.spent = spent;
        }
    }

    private final String tag;
    private final Time time;
    private final Observer observer;
    private final Outstanding outstanding;
    private final Map<Period, Window> windows = new EnumMap<>(Period.class);
    private final Optional<Treasury> treasury;
    private Rules rules;
    private volatile List<Budget> budgets = List.of();
    private boolean shadow;
    private long reserved;

    /**
     * Starts without budgets.
     *
     * @param tag    whose calls they are for, such as {@code team=search}; empty for all calls
     * @param before what was spent before, in the current period
     * @param shared makes the treasury of all processes, given this one's parts; empty if there is no other process
     */
    public Spending(String tag, Rules rules, ToLongFunction<Period> before, Observer observer, Outstanding outstanding,
            Time time, Optional<Function<Supplier<List<Treasury.Part>>, Treasury>> shared) {
        this.tag = tag;
        this.rules = rules;
        this.observer = observer;
        this.outstanding = outstanding;
        this.time = time;
        for (Period period : Period.values()) {
            windows.put(period, new Window(period.end(time.now(), rules.zone()), before.applyAsLong(period), 0));
        }
        this.treasury = shared.map(make -> make.apply(this::parts));
    }

    /**
     * Changes the budgets; what was spent stays.
     *
     * @param shadow whether a budget without room only counts
     */
    public synchronized void change(List<Budget> changed, boolean shadow, Rules rules) {
        this.budgets = List.copyOf(changed);
        this.shadow = shadow;
        if (!rules.zone().equals(this.rules.zone())) {
            windows.replaceAll((period, window) -> new Window(period.end(time.now(), rules.zone()), window.before,
                    window.spent));
        }
        this.rules = rules;
    }

    /** Whether there is any budget. */
    public boolean isLimited() {
        return !budgets.isEmpty();
    }

    /** A budget's name: {@code usd-per-day}, or {@code team=search/usd-per-day} for those of a tag. */
    public static String nameOf(String tag, Period period) {
        return tag.isEmpty() ? period.key() : tag + '/' + period.key();
    }

    private String name(Budget budget) {
        return nameOf(tag, budget.period());
    }

    /** Reserves what a call is expected to cost, of all budgets or of none. */
    public Future<Answer> take(long picodollars) {
        if (!isLimited()) {
            return Future.succeededFuture(new Answer.Granted(open()));
        }
        return treasury
                .map(all -> all.take(picodollars).map(room -> {
                    Answer answer = decided(picodollars, room);
                    if (!room && answer instanceof Answer.Granted) {
                        all.insist(picodollars);
                    }
                    return answer;
                }))
                .orElseGet(() -> Future.succeededFuture(decided(picodollars)));
    }

    /** Reserves nothing, for a call that can no longer be refused. */
    public synchronized Hold open() {
        return hold(0);
    }

    private synchronized Answer decided(long picodollars) {
        for (Budget budget : budgets) {
            long left = left(budget);
            boolean room = left > 0 && picodollars <= left;
            observer.decided(name(budget), room);
            if (!room && !shadow) {
                return refused(budget, picodollars, left);
            }
        }
        return new Answer.Granted(hold(picodollars));
    }

    /** The treasury says whether there is room; the budget with the least left says why not. */
    private synchronized Answer decided(long picodollars, boolean room) {
        Budget scarce = null;
        for (Budget budget : budgets) {
            scarce = scarce == null || left(budget) < left(scarce) ? budget : scarce;
        }
        for (Budget budget : budgets) {
            observer.decided(name(budget), room || !budget.equals(scarce));
        }
        if (!room && scarce != null && !shadow) {
            return refused(scarce, picodollars, left(scarce));
        }
        return new Answer.Granted(hold(picodollars));
    }

    private Answer refused(Budget budget, long asked, long left) {
        return new Answer.Refused(tag, budget, asked, left, reset(budget));
    }

    private Duration reset(Budget budget) {
        return Duration.between(time.now(), window(budget.period()).end);
    }

    private Hold hold(long picodollars) {
        reserved = sum(reserved, picodollars);
        return new Hold(this, picodollars);
    }

    private void settle(long taken, long used) {
        synchronized (this) {
            reserved -= taken;
            Instant now = time.now();
            for (Period period : Period.values()) {
                Window window = window(period, now);
                window.spent = sum(window.spent, used);
            }
            for (Budget budget : budgets) {
                Window window = window(budget.period(), now);
                if (!window.warned && spent(budget.period()) >= budget.picodollars() * rules.warnAt()) {
                    window.warned = true;
                    observer.nearlySpent(name(budget));
                }
            }
        }
        treasury.ifPresent(all -> all.over(taken));
    }

    private Window window(Period period) {
        return window(period, time.now());
    }

    private Window window(Period period, Instant now) {
        Window current = windows.get(period);
        if (current == null || !now.isBefore(current.end)) {
            current = new Window(period.end(now, rules.zone()), 0, 0);
            windows.put(period, current);
        }
        return current;
    }

    /** This process's parts; none while there is no budget. */
    private synchronized List<Treasury.Part> parts() {
        return budgets.isEmpty() ? List.of() : Stream.of(Period.values()).map(this::part).toList();
    }

    private Treasury.Part part(Period period) {
        Window window = window(period);
        Instant now = time.now();
        OptionalLong limit = budgets.stream().filter(budget -> budget.period() == period)
                .mapToLong(Budget::picodollars).findFirst();
        return new Treasury.Part(period, period.beginning(now, rules.zone()).atZone(rules.zone()).toLocalDate(), limit,
                window.spent, window.before, Duration.between(now, window.end));
    }

    /** By all processes, as far as known. */
    private long spent(Period period) {
        Window window = window(period);
        return sum(window.spent, treasury.map(all -> all.spentElsewhere(part(period))).orElse(window.before));
    }

    private long left(Budget budget) {
        long underWay = sum(reserved, treasury.map(Treasury::reservedElsewhere).orElse(0L));
        return Math.max(0, budget.picodollars() - sum(spent(budget.period()), underWay));
    }

    /** Budgets are far below the largest number; what a tenant without any has spent may not be. */
    private static long sum(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE - 1 : one + other;
    }

    /** What remains of each budget. */
    public synchronized List<Level> left() {
        return budgets.stream().map(budget -> new Level(name(budget), budget, left(budget), reset(budget))).toList();
    }

    /** What was spent in each period, as a level below 0; to be remembered while there is any budget. */
    public synchronized Map<String, QuotaBucket.Level> levels() {
        Map<String, QuotaBucket.Level> levels = new LinkedHashMap<>();
        if (!budgets.isEmpty()) {
            for (Period period : Period.values()) {
                levels.put(nameOf(tag, period), new QuotaBucket.Level(0, -spent(period), 0));
            }
        }
        return levels;
    }

    /** The remaining share of each budget, 0 to 1, by its key; read by the metrics. */
    public synchronized Map<String, DoubleSupplier> remainingRatios() {
        Map<String, DoubleSupplier> ratios = new LinkedHashMap<>();
        budgets.forEach(budget -> ratios.put(name(budget), () -> remaining(budget)));
        return ratios;
    }

    private synchronized double remaining(Budget budget) {
        return (double) left(budget) / budget.picodollars();
    }
}
