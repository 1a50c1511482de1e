import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls at a steady rate, sent when due however earlier ones fared, and streams of which each is followed by
 * another. A call that fails is not tried again.
 */
final class Load {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final int port;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final AtomicLong questions = new AtomicLong();
    private final AtomicInteger openCalls = new AtomicInteger();
    private final AtomicInteger openStreams = new AtomicInteger();
    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
    private final Queue<Double> millis = new ConcurrentLinkedQueue<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private volatile boolean on = true;

    Load(int port) {
        this.port = port;
    }

    /** Begins to send calls of a tenant. */
    void calls(String key, double perSecond) {
        long every = (long) (1e9 / perSecond);
        timer.scheduleAtFixedRate(() -> {
            if (on) {
                call(key);
            }
        }, every, every, TimeUnit.NANOSECONDS);
    }

    /** Begins so many streams. */
    void streams(String key, int number) {
        for (int i = 0; i < number; i++) {
            timer.schedule(() -> stream(key), i * 20L, TimeUnit.MILLISECONDS);
        }
    }

    /** Waits until the processes are warm: twenty answers in a row within a fifth of a second. */
    void warm(String key) throws Exception {
        for (int quick = 0, tries = 0; quick < 20 && tries < 2_000; tries++) {
            long sentAt = System.nanoTime();
            quick = ask(key).statusCode() == 200 && System.nanoTime() - sentAt < 200_000_000L ? quick + 1 : 0;
            TimeUnit.MILLISECONDS.sleep(20);
        }
        millis.clear();
    }

    int openStreams() {
        return openStreams.get();
    }

    long count(String what) {
        return counts.getOrDefault(what, new AtomicLong()).get();
    }

    /** What went wrong, by kind. */
    Queue<String> faults() {
        return faults;
    }

    /** The time within which a share of all calls was answered. */
    String percentile(double share) {
        double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? "none"
                : String.format(Locale.ROOT, "%.0f ms", sorted[(int) Math.min(sorted.length - 1, sorted.length * share)]);
    }

    /** Sends no more, and awaits what is open. */
    void end() throws InterruptedException {
        on = false;
        for (int tries = 0; openCalls.get() + openStreams.get() > 0 && tries < 600; tries++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        timer.shutdownNow();
        client.shutdownNow();
    }

    private void call(String key) {
        long sentAt = System.nanoTime();
        openCalls.incrementAndGet();
        client.sendAsync(request(key, false), BodyHandlers.ofString()).whenComplete((answer, failure) -> {
            openCalls.decrementAndGet();
            millis.add((System.nanoTime() - sentAt) / 1e6);
            count(key + " " + (answer == null ? "failed" : answer.statusCode()), answer, failure);
        });
    }

    private void stream(String key) {
        openStreams.incrementAndGet();
        client.sendAsync(request(key, true), BodyHandlers.ofString()).whenComplete((answer, failure) -> {
            openStreams.decrementAndGet();
            boolean whole = answer != null && answer.statusCode() == 200 && answer.body().endsWith("data: [DONE]\n\n");
            count("streams " + (whole ? "whole" : "cut"), answer, failure);
            if (on) {
                timer.execute(() -> stream(key));
            }
        });
    }

    private void count(String what, HttpResponse<String> answer, Throwable failure) {
        counts.computeIfAbsent(what, fresh -> new AtomicLong()).incrementAndGet();
        if (what.endsWith("failed") || what.endsWith("cut")) {
            faults.add(what + ": " + (failure == null ? answer.statusCode() + " " + answer.body() : failure));
        } else if (!what.endsWith("200") && !what.endsWith("429") && !what.endsWith("whole")) {
            faults.add(what + ": " + answer.body());
        }
    }

    /** A question of a tenant that nobody has asked before. */
    HttpRequest request(String key, boolean stream) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .timeout(PATIENCE).header("authorization", "Bearer " + key).header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"stream\":" + stream
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"Question " + questions.incrementAndGet()
                        + "\"}]}"))
                .build();
    }

    HttpResponse<String> ask(String key) throws Exception {
        return client.send(request(key, false), BodyHandlers.ofString());
    }
}
