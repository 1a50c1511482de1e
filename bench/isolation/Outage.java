import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Twenty callers, and an upstream that is gone for 30 s: how fast are they refused, and how soon is its return noticed? */
final class Outage {
    private static final int CALLERS = 20;
    private static final int PAUSE_MILLIS = 100;
    private static final int OUTAGE_SECONDS = 30;
    private static final double MOST_P50_MILLIS = 100;
    private static final Path RESULTS = Path.of("target", "isolation", "outage.md");

    private volatile boolean over;
    private volatile long counted = Long.MAX_VALUE;
    private volatile long countedUntil = Long.MAX_VALUE;
    private volatile long back = Long.MAX_VALUE;
    private final AtomicLong firstGood = new AtomicLong(Long.MAX_VALUE);
    private final Histogram micros = new ConcurrentHistogram(120_000_000, 3);
    private final Map<String, Integer> statuses = new TreeMap<>();

    boolean run() throws Exception {
        Files.deleteIfExists(RESULTS);
        try (Lab lab = new Lab(Setup.named("outage"))) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                callers.add(Thread.ofVirtual().start(() -> call(lab.port)));
            }
            Lab.nap(8_000);
            lab.stopUpstream();
            Lab.nap(1_000);
            counted = System.nanoTime();
            Metrics before = Metrics.of(lab.admin);
            Lab.nap((OUTAGE_SECONDS - 1) * 1_000L);
            countedUntil = System.nanoTime();
            Metrics after = Metrics.of(lab.admin);
            lab.startUpstream();
            back = System.nanoTime();
            Lab.nap(35_000);
            over = true;
            for (Thread caller : callers) {
                caller.join();
            }
            double attempts = after.value("sluice_upstream_requests_total") - before.value("sluice_upstream_requests_total");
            double recovered = (firstGood.get() - back) / 1e6;
            double p50 = micros.getValueAtPercentile(50) / 1000.0;
            Lab.say(RESULTS, "| | |\n|---|---|");
            Lab.say(RESULTS, "| calls begun from the second second of the outage on | " + micros.getTotalCount() + " " + statuses + " |");
            Lab.say(RESULTS, String.format(Locale.ROOT, "| p50, p99, longest | %.1f ms, %.0f ms, %.0f ms |", p50,
                    micros.getValueAtPercentile(99) / 1000.0, micros.getMaxValue() / 1000.0));
            Lab.say(RESULTS, String.format(Locale.ROOT, "| attempts upstream from then on | %.0f |", attempts));
            Lab.say(RESULTS, String.format(Locale.ROOT, "| from its return to the first 200 | %s |",
                    firstGood.get() == Long.MAX_VALUE ? "none in 35 s" : String.format(Locale.ROOT, "%.0f ms", recovered)));
            boolean held = p50 < MOST_P50_MILLIS && firstGood.get() != Long.MAX_VALUE;
            System.out.println(held ? "all bounds held" : "a bound is broken");
            return held;
        }
    }

    private void call(int port) {
        Wire wire = null;
        while (!over) {
            long began = System.nanoTime();
            String status = "none";
            try {
                if (wire == null) {
                    wire = Wire.http1(port, "127.0.0.1");
                }
                String answer = wire.send(Wire.post("/v1/completions", Lab.key("victim"), Attack.ask("gpt-4o", false)))
                        .answer(60_000);
                int code = Wire.statusOf(answer);
                status = code + (code == 200 || answer.toLowerCase(Locale.ROOT).contains("\nretry-after:") ? ""
                        : " without retry-after");
                if (code == 200 && began > counted && System.nanoTime() > back) {
                    firstGood.accumulateAndGet(System.nanoTime(), Math::min);
                }
                if (code == 0) {
                    wire.close();
                    wire = null;
                }
            } catch (IOException broken) {
                wire = null;
            }
            if (began > counted && began < countedUntil) {
                micros.recordValue(Math.min(119_000_000, (System.nanoTime() - began) / 1000));
                synchronized (statuses) {
                    statuses.merge(status, 1, Integer::sum);
                }
            }
            Lab.nap(PAUSE_MILLIS);
        }
        if (wire != null) {
            wire.close();
        }
    }
}
