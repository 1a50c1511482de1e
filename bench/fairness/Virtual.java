import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Decision;
import sluice.schedule.Lane;
import sluice.schedule.Need;
import sluice.schedule.Permit;
import sluice.schedule.Place;
import sluice.schedule.Quote;
import sluice.schedule.Scheduler;
import sluice.schedule.Share;
import sluice.time.Time;

/**
 * Hours of traffic through the gateway's own scheduler and buckets in seconds, on a clock that jumps from event to event.
 * No network, no threads, the same figures each time.
 */
final class Virtual {
    static final double SECOND = 1e9;
    static final String MODEL = "gpt-4o-mini";

    /** Who offers what: calls a minute, evenly spaced or by chance, of so many tokens, in bursts of so many. */
    record Tenant(String name, double weight, double perMinute, boolean byChance, long tokens, Duration maxWait,
            boolean stopsWhenRefused) {

        static Tenant of(String name, double perMinute) {
            return new Tenant(name, 1, perMinute, true, 0, Duration.ofSeconds(30), false);
        }

        Tenant evenly() {
            return new Tenant(name, weight, perMinute, false, tokens, maxWait, stopsWhenRefused);
        }

        Tenant weighing(double other) {
            return new Tenant(name, other, perMinute, byChance, tokens, maxWait, stopsWhenRefused);
        }

        Tenant using(long others) {
            return new Tenant(name, weight, perMinute, byChance, others, maxWait, stopsWhenRefused);
        }

        Tenant waiting(int seconds) {
            return new Tenant(name, weight, perMinute, byChance, tokens, Duration.ofSeconds(seconds),
                    stopsWhenRefused);
        }

        /** One client that sends nothing more until the time it was given has passed. */
        Tenant obeying() {
            return new Tenant(name, weight, perMinute, byChance, tokens, maxWait, true);
        }
    }

    /** The clock and what is to happen; events of one moment in the order in which they were set. */
    static final class World {
        private record Event(long at, long number, Runnable task) implements Comparable<Event> {
            @Override
            public int compareTo(Event other) {
                return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
            }
        }

        private final PriorityQueue<Event> events = new PriorityQueue<>();
        private long now = 1;
        private long events_;
        final Time time = new Time(() -> now, () -> Instant.EPOCH.plusNanos(now));

        void after(long nanos, Runnable task) {
            events.add(new Event(now + Math.max(0, nanos), events_++, task));
        }

        void run(long until) {
            while (!events.isEmpty() && events.peek().at() <= until) {
                Event next = events.poll();
                now = next.at();
                next.task().run();
            }
            now = until;
        }
    }

    /** An account's own buckets, which nobody else uses. */
    record Account(String name, AccountQuota quota) implements Capacity {

        @Override
        public boolean serves(String model) {
            return true;
        }

        @Override
        public Quote quote(Need need, Set<String> withheld) {
            AccountQuota.Check check = quota.check(need.model(), need.tokens(), withheld);
            AccountQuota.Lacking own = check.lacking();
            Quote.Lacking lacking = own == null
                    ? null
                    : new Quote.Lacking(own.unit() == Limit.Unit.TOKENS
                            ? Quote.Scope.TOKENS
                            : own.ofAllModels() ? Quote.Scope.ACCOUNT : Quote.Scope.LIMIT, own.name());
            return new Quote(check.waitNanos(), lacking, cost(need), check.headroom(), new Quote.Load(0, 0), null);
        }

        @Override
        public void take(Need need) {
            quota.take(need.model(), need.tokens());
        }

        @Override
        public void charge(Need need) {
            throw new AssertionError("nothing begins by itself here");
        }

        @Override
        public void named(Need need, String model) {
            throw new AssertionError("every call names its model at once here");
        }

        @Override
        public void sent(Need need) {
            // There are no reports to hold against it.
        }

        @Override
        public void forfeit(Need need) {
            // Its buckets keep what was taken.
        }

        @Override
        public void giveBack(Need need) {
            quota.giveBack(need.model(), need.tokens(), 0);
        }

        @Override
        public void settle(Need need, long usedTokens) {
            quota.settle(need.model(), need.tokens(), usedTokens);
        }

        @Override
        public double cost(Need need) {
            return quota.share(need.model(), need.tokens());
        }

        @Override
        public double refill(Need need) {
            return quota.refill(need.model(), need.tokens());
        }

        @Override
        public boolean exceeds(Need need) {
            return quota.exceeds(need.model(), need.tokens());
        }
    }

    /** What became of one tenant's calls after the first minute. */
    static final class Tally {
        final Tenant tenant;
        final List<Double> waits = new ArrayList<>();
        final List<Double> errors = new ArrayList<>();
        long offered;
        long served;
        double service;
        long refused;
        long late;
        long tries;
        long in;

        Tally(Tenant tenant) {
            this.tenant = tenant;
        }
    }

    /** One pool and its tenants. */
    static final class Simulation {
        private static final long SETTLED = TimeUnit.MINUTES.toNanos(1);

        private final World world = new World();
        private final Random random = new Random(7);
        private final List<Account> accounts = new ArrayList<>();
        private final Map<String, Tally> tallies = new LinkedHashMap<>();
        private final Scheduler scheduler;
        private final Call.Routes anywhere = new Call.Routes() {
            @Override
            public boolean allows(Capacity account) {
                return true;
            }

            @Override
            public boolean connect(Capacity account) {
                return true;
            }
        };
        private double service;

        Simulation(int pool, List<Limit> limits, List<Tenant> tenants) {
            for (int i = 0; i < pool; i++) {
                accounts.add(new Account("account-" + i, new AccountQuota(
                        new AccountLimits(limits, Map.of(), true, AccountLimits.defaultBurst(limits.get(0).amount(),
                                true)),
                        (name, limit, of) -> LocalBucket.of(name, limit, of, -1, world.time))));
            }
            scheduler = new Scheduler(new Scheduler.Settings(Duration.ofSeconds(30), 10_000, 0.1, true),
                    List.copyOf(accounts), world.time, world::after, nanos -> {
                    });
            tenants.forEach(tenant -> tallies.put(tenant.name(), new Tally(tenant)));
        }

        Collection<Tally> run(Duration span) {
            for (Tally tally : tallies.values()) {
                world.after((long) (random.nextDouble() * gap(tally.tenant)), () -> offer(tally, false));
            }
            world.run(span.toNanos());
            return tallies.values();
        }

        /** Service that the accounts had to give after the first minute, in shares of a minute. */
        double offeredService(Duration span, Need need) {
            return accounts.stream().mapToDouble(account -> account.refill(need)).sum()
                    * (span.toNanos() - SETTLED);
        }

        private double gap(Tenant tenant) {
            double even = 60 * SECOND / tenant.perMinute();
            return tenant.byChance() ? -Math.log(1 - random.nextDouble()) * even : even;
        }

        private void offer(Tally tally, boolean again) {
            Tenant tenant = tally.tenant;
            long now = world.time.nanos();
            Need need = new Need(MODEL, tenant.tokens());
            Call call = new Call(new Share(tenant.name(), tenant.weight()), need, Lane.INTERACTIVE, anywhere,
                    now + tenant.maxWait().toNanos(), false, Runnable::run);
            boolean counts = now >= SETTLED;
            tally.offered += counts ? 1 : 0;
            Place place = scheduler.ask(call);
            place.outcome().onSuccess(outcome -> ended(tally, outcome, need));
            long pause = place.outcome().isComplete() && place.outcome().result() instanceof Decision.Denied denied
                    ? denied.retryAfterNanos()
                    : 0;
            if (again && counts) {
                tally.tries++;
                tally.in += pause == 0 ? 1 : 0;
            }
            if (tenant.stopsWhenRefused() && pause > 0) {
                // As the header says: in whole milliseconds, rounded up.
                world.after(Math.ceilDiv(pause, 1_000_000L) * 1_000_000L, () -> offer(tally, true));
            } else {
                world.after((long) gap(tenant), () -> offer(tally, false));
            }
        }

        private void ended(Tally tally, Decision outcome, Need need) {
            boolean counts = world.time.nanos() >= SETTLED;
            switch (outcome) {
                case Decision.Granted granted -> {
                    Permit permit = granted.permit();
                    permit.sent();
                    world.after((long) (0.3 * SECOND), () -> permit.settle(need.tokens()));
                    if (counts) {
                        tally.served++;
                        tally.service += permit.account().cost(need);
                        service += permit.account().cost(need);
                        tally.waits.add(granted.waitNanos() / SECOND);
                        if (granted.waitNanos() >= 5 * SECOND) {
                            tally.errors.add(Math.abs((double) granted.predictedNanos() / granted.waitNanos() - 1));
                        }
                    }
                }
                case Decision.Denied denied -> {
                    if (counts && denied.why() == Decision.Why.DEADLINE) {
                        tally.late++;
                    } else if (counts) {
                        tally.refused++;
                    }
                }
                case Decision.Left() -> {
                }
            }
        }
    }

    private static final List<String[]> rows = new ArrayList<>();
    private static final JsonObject json = new JsonObject();
    private static boolean kept = true;

    public static void main(String[] words) throws Exception {
        Duration span = Duration.ofMinutes(words.length > 0 ? Integer.parseInt(words[0]) : 240);
        Path directory = Path.of(words.length > 1 ? words[1] : "target/fairness/virtual");
        long started = System.nanoTime();
        shares(span);
        weights(span);
        quiet(span);
        sizes(span);
        pool(span);
        forecast(span);
        row("seconds that it took", (System.nanoTime() - started) / 1e9);
        rows.forEach(row -> System.out.printf("%-62s %-14s %-14s %s%n", (Object[]) row));
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("report.json"), json.put("kept", kept).encodePrettily() + "\n");
        System.exit(kept ? 0 : 1);
    }

    private static List<Limit> rpm(long amount) {
        return List.of(new Limit(Limit.Kind.RPM, amount));
    }

    /** Equal tenants that offer 1 : 2 : … : 128. */
    private static void shares(Duration span) {
        List<Tenant> tenants = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tenants.add(Tenant.of("offers-" + (1 << i), 25 << i));
        }
        Simulation simulation = new Simulation(1, rpm(600), tenants);
        Collection<Tally> tallies = simulation.run(span);
        fairness("shares", tallies.stream().filter(tally -> tally.tenant.perMinute() >= 100).toList(), 3);
        use("shares", simulation, span, new Need(MODEL, 0));
        waits("shares", tallies);
    }

    private static void weights(Duration span) {
        Simulation simulation = new Simulation(1, rpm(600), List.of(Tenant.of("weight-1", 600),
                Tenant.of("weight-2", 600).weighing(2), Tenant.of("weight-4", 600).weighing(4)));
        Collection<Tally> tallies = simulation.run(span);
        fairness("weights", tallies, 5);
        use("weights", simulation, span, new Need(MODEL, 0));
        waits("weights", tallies);
    }

    /** One tenant at half its share while seven others are backlogged. */
    private static void quiet(Duration span) {
        for (boolean evenly : new boolean[]{true, false}) {
            List<Tenant> tenants = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                tenants.add(Tenant.of("loud-" + i, 300));
            }
            Tenant quiet = Tenant.of("quiet", 571 * 60.0 / 61 / 8 / 2);
            tenants.add(evenly ? quiet.evenly() : quiet);
            Collection<Tally> tallies = new Simulation(1, rpm(600), tenants).run(span);
            Tally tally = tallies.stream().filter(each -> each.tenant.name().equals("quiet")).findFirst().orElseThrow();
            double interval = 61.0 / 571;
            atMost("quiet, " + (evenly ? "evenly" : "by chance") + ": wait p99, s", quantile(tally.waits, 0.99),
                    (evenly ? 1.5 : 4) * 7 * interval);
            row("quiet, " + (evenly ? "evenly" : "by chance") + ": wait p50, s", quantile(tally.waits, 0.5));
        }
    }

    /** Calls of 200 and of 8000 tokens under a limit of tokens. */
    private static void sizes(Duration span) {
        List<Limit> limits = List.of(new Limit(Limit.Kind.RPM, 6000), new Limit(Limit.Kind.TPM, 200_000));
        Simulation simulation = new Simulation(1, limits, List.of(Tenant.of("small", 2000).using(200),
                Tenant.of("medium", 400).using(1000), Tenant.of("large", 60).using(8000)));
        Collection<Tally> tallies = simulation.run(span);
        fairness("sizes", tallies, 3);
        use("sizes", simulation, span, new Need(MODEL, 8000));
        waits("sizes", tallies);
    }

    private static void pool(Duration span) {
        List<Tenant> tenants = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            tenants.add(Tenant.of("tenant-" + i, 400 << i));
        }
        Simulation simulation = new Simulation(3, rpm(300), tenants);
        Collection<Tally> tallies = simulation.run(span);
        fairness("pool of 3", tallies, 3);
        use("pool of 3", simulation, span, new Need(MODEL, 0));
    }

    /** Tenants that wait for as long as they may, of different patience; and single clients that obey. */
    private static void forecast(Duration span) {
        List<Tenant> tenants = new ArrayList<>();
        for (int seconds : new int[]{8, 12, 16, 20, 25, 30}) {
            tenants.add(Tenant.of("waits-" + seconds, 200).waiting(seconds));
        }
        tenants.add(Tenant.of("obeys-8", 140).evenly().waiting(8).obeying());
        tenants.add(Tenant.of("obeys-3", 140).waiting(3).obeying());
        Collection<Tally> tallies = new Simulation(1, rpm(600), tenants).run(span);
        List<Double> errors = tallies.stream().flatMap(tally -> tally.errors.stream()).toList();
        atMost("forecast: error p50, %", 100 * quantile(errors, 0.5), 20);
        atMost("forecast: error p90, %", 100 * quantile(errors, 0.9), 40);
        for (Tally tally : tallies) {
            if (tally.tenant.stopsWhenRefused()) {
                row("forecast: " + tally.tenant.name() + ", refusals", tally.tries);
                atLeast("forecast: " + tally.tenant.name() + ", in at the next try, %", 100.0 * tally.in / tally.tries,
                        95);
            }
        }
        waits("forecast", tallies);
    }

    /** Service by weight of those who always wait: how equal, and how far the worst is off. */
    private static void fairness(String what, Collection<Tally> backlogged, double mostPercent) {
        double[] shares = backlogged.stream().mapToDouble(tally -> tally.service / tally.tenant.weight()).toArray();
        double sum = Arrays.stream(shares).sum();
        double squares = Arrays.stream(shares).map(share -> share * share).sum();
        double mean = sum / shares.length;
        row(what + ": tenants always waiting", shares.length);
        atLeast(what + ": Jain index", sum * sum / shares.length / squares, 0.99);
        atMost(what + ": largest deviation, %",
                100 * Arrays.stream(shares).map(share -> Math.abs(share / mean - 1)).max().orElse(1), mostPercent);
    }

    private static void use(String what, Simulation simulation, Duration span, Need need) {
        atLeast(what + ": used of what there was, %",
                100 * simulation.service / simulation.offeredService(span, need), 97);
    }

    private static void waits(String what, Collection<Tally> tallies) {
        for (Tally tally : tallies) {
            row(what + ": " + tally.tenant.name() + " served / refused / late, wait p50 / p99, s",
                    String.format(Locale.ROOT, "%d / %d / %d, %.1f / %.1f", tally.served, tally.refused, tally.late,
                            quantile(tally.waits, 0.5), quantile(tally.waits, 0.99)));
        }
    }

    private static double quantile(List<Double> values, double share) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    private static void row(String name, Object value) {
        add(name, value, "", true);
    }

    private static void atMost(String name, double value, double most) {
        add(name, value, String.format(Locale.ROOT, "<= %.4g", most), value <= most);
    }

    private static void atLeast(String name, double value, double least) {
        add(name, value, String.format(Locale.ROOT, ">= %.4g", least), value >= least);
    }

    private static void add(String name, Object value, String bound, boolean good) {
        kept &= good;
        Object shown = value instanceof Double number && !number.isNaN() ? Math.round(number * 10_000) / 10_000.0 : value;
        json.put(name, String.valueOf(shown));
        rows.add(new String[]{name, String.valueOf(shown), bound, bound.isEmpty() ? "" : good ? "ok" : "BROKEN"});
    }
}
