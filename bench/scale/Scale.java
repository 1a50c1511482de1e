import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import sluice.cluster.AccountFleet;
import sluice.cluster.Fleet;
import sluice.cluster.StoreLoss;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.schedule.Share;
import sluice.testing.RedisProcess;
import sluice.testing.Resp;

/**
 * The protocol between replicas and store at sizes that no one machine runs: the real scripts on a real redis-server, the
 * real queues and slices of 3 to 300 replicas, on a clock that jumps. See README.md.
 */
final class Scale {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int TENANTS = 1_000_000;

    private Scale() {}

    public static void main(String[] words) {
        try (RedisProcess redis = RedisProcess.start()) {
            System.out.println("account of 6000 rpm, 4 tenants of equal weight, each waiting on a quarter of the replicas");
            System.out.println("replicas  visits/s  per replica  of a Redis core  permits/s  used  fairness error");
            for (int size : new int[]{4, 12, 40, 100, 300}) {
                account(redis.port(), size);
            }
            System.out.println("one limit of 60000 rpm, leased, 2000 calls/s over all replicas");
            System.out.println("replicas  messages/s  of a Redis core  each admitted  overshoot  bound");
            for (int size : new int[]{3, 30, 100, 300}) {
                limit(redis.port(), size);
            }
            System.out.println("a million tenants of 60000 rpm, leased, over 30 replicas; then 5000 calls/s by Zipf's law");
            tenants(redis.port());
        }
    }

    private static void account(int port, int size) {
        try (AccountFleet fleet = new AccountFleet(port, size, StoreLoss.SHARE, AccountFleet.strict(6000, 300))) {
            for (int replica = 0; replica < size; replica++) {
                Share share = new Share("tenant-" + replica % 4, 1);
                for (int i = 0; i < 8; i++) {
                    fleet.ask(replica, share, again -> true);
                }
            }
            fleet.run((size > 100 ? 3 : 10) * SECOND);
            Map<String, Long> before = Map.copyOf(fleet.served());
            int sent = fleet.sent();
            long messages = fleet.fleet().messages();
            double busy = busy(port);
            int seconds = size > 100 ? 4 : size > 12 ? 10 : 30;
            fleet.run(seconds * SECOND);
            double visits = (fleet.fleet().messages() - messages) / (double) seconds - 4.0 * size;
            double permits = (fleet.sent() - sent) / (double) seconds;
            double error = 0;
            for (Map.Entry<String, Long> each : fleet.served().entrySet()) {
                double served = each.getValue() - before.getOrDefault(each.getKey(), 0L);
                error = Math.max(error, Math.abs(served / (permits * seconds) - 0.25) / 0.25);
            }
            System.out.printf(Locale.ROOT, "%8d  %8.0f  %11.1f  %14.1f%%  %9.1f  %3.0f%%  %13.2f%%%n", size, visits,
                    visits / size, 100 * (busy(port) - busy) / seconds, permits, 100 * permits / (5701 / 61.0),
                    100 * error);
        }
    }

    private static void limit(int port, int size) {
        Random random = new Random(1);
        long amount = 60_000;
        try (Fleet fleet = new Fleet(port, size, StoreLoss.SHARE)) {
            var buckets = fleet.buckets(new Limit(Limit.Kind.RPM, amount), false);
            double level = amount;
            double worst = 0;
            long admitted = 0;
            int seconds = 60;
            long before = fleet.messages();
            double busy = busy(port);
            long last = fleet.time().nanos();
            for (int i = 0; i < 2_000 * seconds; i++) {
                fleet.advance(SECOND / 2_000);
                if (Fleet.take(buckets.get(random.nextInt(size)), 1).taken()) {
                    long now = fleet.time().nanos();
                    level = Math.min((double) amount, level + (now - last) * (amount / 60.0) / SECOND) - 1;
                    last = now;
                    worst = Math.max(worst, -level);
                    admitted++;
                }
            }
            double messages = (fleet.messages() - before) / (double) seconds - 4.0 * size;
            System.out.printf(Locale.ROOT, "%8d  %10.0f  %14.1f%%  %13.3f  %9.0f  %5.0f%n", size, messages,
                    100 * (busy(port) - busy) / seconds, messages * seconds / admitted, worst,
                    (double) size * Math.max(1, amount / (10L * size)));
        }
    }

    /** Every one calls once; then they call by Zipf's law, as tenants do. */
    private static void tenants(int port) {
        long began = System.nanoTime();
        Limit limit = new Limit(Limit.Kind.RPM, 60_000);
        try (Fleet fleet = new Fleet(port, 30, StoreLoss.SHARE)) {
            for (int i = 0; i < TENANTS; i++) {
                fleet.advance(SECOND / 50_000);
                Fleet.take(fleet.bucket(i % fleet.size(), "tenant-" + i, limit), 1);
            }
            System.out.printf(Locale.ROOT, "each has called once: %s, %.0f real s%n", memory(port),
                    (System.nanoTime() - began) / 1e9);
            Random random = new Random(1);
            Map<String, QuotaBucket> buckets = new HashMap<>();
            long before = fleet.messages();
            int calls = 150_000;
            long admitted = 0;
            for (int i = 0; i < calls; i++) {
                fleet.advance(SECOND / 5_000);
                int replica = random.nextInt(fleet.size());
                String tenant = "tenant-" + (long) Math.exp(random.nextDouble() * Math.log(TENANTS));
                admitted += Fleet.take(buckets.computeIfAbsent(replica + "/" + tenant,
                        fresh -> fleet.bucket(replica, tenant, limit)), 1).taken() ? 1 : 0;
            }
            double seconds = calls / 5_000.0;
            double messages = fleet.messages() - before - 4.0 * fleet.size() * seconds;
            System.out.printf(Locale.ROOT, "%.0f messages/s, %.3f for each admitted call; %d of %d admitted%n",
                    messages / seconds, messages / admitted, admitted, calls);
        }
    }

    /** Seconds that the server has spent in scripts. */
    private static double busy(int port) {
        try (Resp redis = new Resp(port)) {
            String info = String.valueOf(redis.ask(List.of("INFO", "commandstats")));
            return Long.parseLong(info.replaceAll("(?s).*cmdstat_evalsha:calls=\\d+,usec=(\\d+).*", "$1")) / 1e6;
        }
    }

    /** Keys expire by the real clock, so that on a slow machine not all are there any more. */
    private static String memory(int port) {
        try (Resp redis = new Resp(port)) {
            String info = String.valueOf(redis.ask(List.of("INFO", "memory")));
            double used = Long.parseLong(info.replaceAll("(?s).*used_memory:(\\d+).*", "$1"));
            long keys = Long.parseLong(String.valueOf(redis.ask(List.of("DBSIZE"))));
            return String.format(Locale.ROOT, "%.0f bytes of Redis for each of %d keys", used / keys, keys);
        }
    }
}
