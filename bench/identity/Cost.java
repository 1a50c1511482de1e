import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What a call costs the gateway with a remembered token and with a key: alternating rounds of calls that the cache answers. */
final class Cost {
    private static final int CONNECTIONS = 8;
    private static final int ROUNDS = 9;
    private static final long ROUND_NANOS = 3_000_000_000L;
    private static final long WARM_NANOS = 15_000_000_000L;
    private static final int NEW_TOKENS = 1_000;
    private static final double BOUND_MICROS = 2;

    private Cost() {}

    static Identity.Report run(Path work) throws Exception {
        try (Lab lab = new Lab(work.resolve("cost"), "");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String token = lab.token(false);
            Load load = new Load(lab, threads);
            load.forNanos(WARM_NANOS, Lab.KEY);
            load.forNanos(WARM_NANOS, token);
            List<Double> keys = new ArrayList<>();
            List<Double> tokens = new ArrayList<>();
            List<Double> differences = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                boolean keyFirst = round % 2 == 0;
                double one = load.forNanos(ROUND_NANOS, keyFirst ? Lab.KEY : token);
                double other = load.forNanos(ROUND_NANOS, keyFirst ? token : Lab.KEY);
                keys.add(keyFirst ? one : other);
                tokens.add(keyFirst ? other : one);
                differences.add(tokens.getLast() - keys.getLast());
            }
            double difference = median(differences);
            double rsa = firstSight(lab, load, false);
            double elliptic = firstSight(lab, load, true);
            return new Identity.Report(String.format(Locale.ROOT, """
                    | CPU of the gateway per call, µs, median of %d rounds | |
                    |---|---|
                    | with a key | %.2f |
                    | with a remembered token | %.2f |
                    | difference within rounds (bound ± %.0f) | %+.2f |
                    | more for the first sight of a token, RS256 | %.1f |
                    | more for the first sight of a token, ES256 | %.1f |
                    """, ROUNDS, median(keys), median(tokens), BOUND_MICROS, difference, rsa, elliptic),
                    Math.abs(difference) > BOUND_MICROS);
        }
    }

    /** The second batch counts: the first one warms up. */
    private static double firstSight(Lab lab, Load load, boolean elliptic) throws Exception {
        double more = 0;
        for (int batch = 0; batch < 3; batch++) {
            List<byte[]> fresh = new ArrayList<>();
            List<byte[]> known = new ArrayList<>();
            for (int i = 0; i < NEW_TOKENS; i++) {
                fresh.add(Wire.request(lab.token(elliptic), "hi"));
                known.add(Wire.request(Lab.KEY, "hi"));
            }
            more = load.each(fresh) - load.each(known);
        }
        return more;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** Calls on several connections; returns the microseconds of processor time per call. */
    private record Load(Lab lab, ExecutorService threads) {

        double forNanos(long nanos, String credential) throws Exception {
            byte[] request = Wire.request(credential, "hi");
            long before = lab.cpuNanos();
            long end = System.nanoTime() + nanos;
            List<Future<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                calls.add(threads.submit(() -> {
                    int count = 0;
                    try (Wire wire = new Wire("127.0.0.1", lab.port)) {
                        for (; System.nanoTime() < end; count++) {
                            good(wire.call(request));
                        }
                    }
                    return count;
                }));
            }
            long count = 0;
            for (Future<Integer> each : calls) {
                count += each.get();
            }
            return (lab.cpuNanos() - before) / 1e3 / count;
        }

        double each(List<byte[]> requests) throws Exception {
            long before = lab.cpuNanos();
            try (Wire wire = new Wire("127.0.0.1", lab.port)) {
                for (byte[] each : requests) {
                    good(wire.call(each));
                }
            }
            return (lab.cpuNanos() - before) / 1e3 / requests.size();
        }

        private static void good(int status) {
            if (status != 200) {
                throw new IllegalStateException("status " + status);
            }
        }
    }
}
