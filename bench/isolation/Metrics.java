import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A gateway's metrics at one moment. */
record Metrics(Map<String, Double> series, Set<String> gauges) {
    /** These show a state, not resources in use. */
    private static final Pattern NOT_TAKEN = Pattern.compile("sluice_(.*_ratio|account_.*|build_info|cache_bytes|replicas|"
            + "config_reload.*|certificate.*|(store|ledger)_reachable|.*_timestamp_seconds|.*_max)");
    /** The cache keeps answers for whom it has given them. */
    private static final String KEPT = "sluice_shared_holders{thing=\"cache\"}";
    private static final Pattern OVERHEAD = Pattern.compile(
            "sluice_overhead_seconds_bucket\\{endpoint=\"chat[_/]?completions\".*outcome=\"answered\".*le=\"([^\"]+)\"\\}");
    private static final Pattern SERIES = Pattern.compile("[a-z_]+(\\{.*\\})? \\S+\\s*");
    private static final int MILLIS = 5_000;

    /** Asks the admin listener. */
    static Metrics of(int adminPort) throws IOException {
        Map<String, Double> series = new TreeMap<>();
        Set<String> gauges = new HashSet<>();
        for (String line : get(adminPort, "/metrics").split("\n")) {
            if (line.startsWith("# TYPE ") && line.strip().endsWith(" gauge")) {
                gauges.add(line.split(" ")[2]);
            }
            int space = line.lastIndexOf(' ');
            if (SERIES.matcher(line).matches()) {
                series.put(line.substring(0, space), Double.valueOf(line.substring(space + 1).strip()
                        .replace("+Inf", "Infinity")));
            }
        }
        if (series.isEmpty()) {
            throw new IOException("no metrics");
        }
        return new Metrics(series, gauges);
    }

    static String get(int port, String path) throws IOException {
        return send(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    static String post(int port, String path) throws IOException {
        return send(port, "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    private static String send(int port, String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MILLIS);
            socket.setSoTimeout(MILLIS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    double value(String name) {
        return series.entrySet().stream().filter(each -> each.getKey().replaceFirst("\\{.*", "").equals(name))
                .mapToDouble(Map.Entry::getValue).sum();
    }

    /** Resources in use now: every gauge of the gateway's own for things that calls take and give back. */
    Map<String, Double> taken() {
        Map<String, Double> taken = new TreeMap<>();
        series.forEach((name, value) -> {
            String meter = name.replaceFirst("\\{.*", "");
            if (meter.startsWith("sluice_") && gauges.contains(meter) && !NOT_TAKEN.matcher(meter).matches()
                    && value != 0 && !name.equals(KEPT)) {
                taken.put(name, value);
            }
        });
        return taken;
    }

    /** A percentile of the overhead of answered chat calls since an earlier moment, in milliseconds; within a bucket as if even. */
    double overheadMillis(Metrics before, double share) {
        TreeMap<Double, Double> buckets = new TreeMap<>();
        series.forEach((name, value) -> {
            var found = OVERHEAD.matcher(name);
            if (found.matches()) {
                double bound = found.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(found.group(1));
                buckets.merge(bound, value - before.series.getOrDefault(name, 0.0), Double::sum);
            }
        });
        double all = buckets.isEmpty() ? 0 : buckets.lastEntry().getValue();
        double low = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
            if (bucket.getValue() >= share * all && all > 0) {
                double high = Double.isInfinite(bucket.getKey()) ? 2 * low : bucket.getKey();
                double within = bucket.getValue() - below;
                return 1000 * (low + (high - low) * (within == 0 ? 1 : (share * all - below) / within));
            }
            low = bucket.getKey();
            below = bucket.getValue();
        }
        return 0;
    }
}
