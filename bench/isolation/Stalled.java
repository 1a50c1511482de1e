import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * As many connections as a gateway takes by default, from eight addresses, each with one refused call and half the head of
 * a second; a caller from a ninth address opens a connection for each of its calls.
 */
final class Stalled {
    private static final double SCALE = Double.parseDouble(System.getenv().getOrDefault("BENCH_SCALE", "1"));
    /** What this process and the gateway's may have open, less what else they need. */
    private static final int ALLOWED = (int) ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getMaxFileDescriptorCount() - 500;
    private static final int CONNECTIONS = Math.min(ALLOWED, (int) (20_000 * SCALE));
    private static final int MAX_CONNECTIONS = 20_000;
    private static final int OPENERS = 64;
    private static final int EVERY_MILLIS = 50;
    private static final int GONE_SECONDS = 60;
    private static final String NINTH = "127.0.0.10";
    private static final Path RESULTS = Path.of("target", "isolation", "stalled.md");

    private final Histogram micros = new ConcurrentHistogram(60_000_000, 3);
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private volatile boolean over;

    boolean run() throws Exception {
        Files.deleteIfExists(RESULTS);
        try (Lab lab = new Lab(Setup.named("stalled").withoutTls().withConnections(MAX_CONNECTIONS))) {
            Thread victim = Thread.ofPlatform().start(() -> call(lab.port));
            Lab.nap(3_000);
            List<Wire> held = new ArrayList<>();
            AtomicInteger next = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            List<Thread> openers = new ArrayList<>();
            long began = System.nanoTime();
            for (int i = 0; i < OPENERS; i++) {
                openers.add(Thread.ofVirtual().start(() -> {
                    for (int number = next.getAndIncrement(); number < CONNECTIONS; number = next.getAndIncrement()) {
                        open(lab.port, number, held, refused);
                    }
                }));
            }
            for (Thread opener : openers) {
                opener.join();
            }
            double opened = (System.nanoTime() - began) / 1e9;
            double most = Metrics.of(lab.admin).value("sluice_connections");
            double left = most;
            began = System.nanoTime();
            while (left > 20 && System.nanoTime() - began < GONE_SECONDS * 1_000_000_000L) {
                Lab.nap(500);
                left = Metrics.of(lab.admin).value("sluice_connections");
            }
            double gone = (System.nanoTime() - began) / 1e9;
            over = true;
            victim.join();
            synchronized (held) {
                held.forEach(Wire::close);
            }
            long failed = statuses.entrySet().stream().filter(each -> each.getKey() != 200).mapToInt(Map.Entry::getValue).sum();
            Lab.say(RESULTS, "| | |\n|---|---|");
            Lab.say(RESULTS, String.format(Locale.ROOT, "| connections opened, not let in | %,d in %.0f s, %,d |", CONNECTIONS, opened,
                    refused.get()));
            Lab.say(RESULTS, String.format(Locale.ROOT, "| open at the gateway once all were | %.0f |", most));
            Lab.say(RESULTS, String.format(Locale.ROOT, "| %.0f of them left after | %.0f s |", left, gone));
            Lab.say(RESULTS, "| calls of the victim, each on a new connection, by status | " + statuses + " |");
            Lab.say(RESULTS, String.format(Locale.ROOT, "| their p50, p99 | %.1f ms, %.0f ms |",
                    micros.getValueAtPercentile(50) / 1000.0, micros.getValueAtPercentile(99) / 1000.0));
            boolean kept = failed == 0 && left <= 20 && lab.livesNow();
            System.out.println(kept ? "all bounds held" : "a bound is broken");
            return kept;
        }
    }

    private static void open(int port, int number, List<Wire> held, AtomicInteger refused) {
        try {
            Wire wire = Wire.plain(port, Scene.address(number));
            synchronized (held) {
                held.add(wire);
            }
            String answer = wire.send(Wire.head("GET", "/v1/models", Scene.wrong(), "")).answer(5_000);
            if (Wire.statusOf(answer) != 401) {
                refused.incrementAndGet();
                return;
            }
            wire.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx-half");
        } catch (IOException closed) {
            refused.incrementAndGet();
        }
    }

    private void call(int port) {
        while (!over) {
            long began = System.nanoTime();
            int status = 0;
            try (Wire wire = Wire.plain(port, NINTH)) {
                status = Wire.statusOf(wire.send(Wire.post("/v1/completions", Lab.key("victim"), Attack.ask("gpt-4o", false)))
                        .answer(5_000));
            } catch (IOException refused) {
                // Status 0.
            }
            micros.recordValue(Math.min(59_000_000, (System.nanoTime() - began) / 1000));
            statuses.merge(status, 1, Integer::sum);
            Lab.nap(EVERY_MILLIS);
        }
    }
}
