import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Replicas that share answers: one call upstream for all of them, and what a slow or dead Redis costs. See README.md. */
final class Joined {
    private static final int REPLICAS = 3;
    private static final int CLIENTS = 1_000;
    private static final int ROUNDS = 10;
    private static final int CALLS = 100;
    private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    /** The time-out of the second tier. */
    private static final Duration TIMEOUT = Duration.ofMillis(25);

    private final String java;
    private final Path folder = Files.createTempDirectory("joined");
    private final List<Process> processes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int redisPort = freePort();
    private final int simulatorPort = freePort();
    private Process redis;
    private boolean broken;

    private Joined(String java) throws IOException {
        this.java = java;
    }

    public static void main(String[] arguments) throws Exception {
        Joined bench = new Joined(arguments[0]);
        try {
            bench.start();
            bench.herd();
            bench.slow();
        } finally {
            bench.processes.forEach(Process::destroyForcibly);
        }
        System.exit(bench.broken ? 1 : 0);
    }

    private void start() throws Exception {
        redis = process("redis", "redis-server", "--port", Integer.toString(redisPort), "--bind", "127.0.0.1", "--save",
                "", "--dir", folder.toString());
        process("simulator", java, "-Xmx256m", "-jar", "target/sluice.jar", "simulate", "--port",
                Integer.toString(simulatorPort), "--account", "main=sk-main:rpm=100000000", "--latency", "100ms");
        await(simulatorPort, "/simulator/statistics");
        for (int i = 0; i < REPLICAS; i++) {
            gateway("redis://127.0.0.1:" + redisPort);
        }
        // The last one has no second tier.
        gateway("");
    }

    private void gateway(String secondTier) throws Exception {
        int port = freePort();
        int admin = freePort();
        int index = ports.size();
        ports.add(port);
        Path file = folder.resolve("sluice-" + index + ".yaml");
        Files.writeString(file, """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 10000000, strict: false, keys: [sk-main] }]
                cache: { redis: { url: "%s", timeout: %dms, max-wait: 10s, keys: ["%s"] } }
                tenants: [{ name: bot, rpm: 10000000, keys: [sk-sluice-0123456789abcdef0123456789abcdef] }]
                """.formatted(port, admin, folder.resolve("ledger-" + index + ".db"), simulatorPort, secondTier,
                TIMEOUT.toMillis(), KEY));
        process("gateway-" + index, java, "-Xmx256m", "-jar", "target/sluice.jar", "serve", "--config",
                file.toString());
        await(admin, "/readyz");
    }

    /** Many clients at all replicas ask the same new thing at once. */
    private void herd() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            long before = upstream();
            String prompt = "round " + round;
            long began = System.nanoTime();
            List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> client.sendAsync(request(i % REPLICAS, prompt), BodyHandlers.ofString())).toList();
            Set<String> answers = new HashSet<>();
            asked.forEach(each -> answers.add(each.join().statusCode() + each.join().body()));
            long calls = upstream() - before;
            System.out.printf("herd %d: %d clients, %d calls upstream, %d different answers, %d ms%n", round, CLIENTS,
                    calls, answers.size(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            must(calls == 1 && answers.size() == 1, "one call upstream, and one answer");
        }
    }

    /** Misses, one after another, without a second tier and with one that is well, hangs, and is dead. */
    private void slow() throws Exception {
        double alone = times("warm-up", REPLICAS)[1];
        alone = times("no second tier", REPLICAS)[1];
        times("warm-up", 0);
        bound("well", times("well", 0), alone);
        new ProcessBuilder("kill", "-STOP", Long.toString(redis.pid())).start().waitFor();
        bound("hangs", times("hangs", 0), alone);
        new ProcessBuilder("kill", "-CONT", Long.toString(redis.pid())).start().waitFor();
        Thread.sleep(2_000);
        redis.destroyForcibly().waitFor();
        bound("dead", times("dead", 0), alone);
    }

    private void bound(String what, double[] times, double alone) {
        must(times[1] - alone <= TIMEOUT.toMillis(), what + ": the time added at p99 is at most the time-out");
    }

    /** The median and the 99th percentile in milliseconds. */
    private double[] times(String what, int replica) throws Exception {
        List<Double> millis = new ArrayList<>();
        int errors = 0;
        for (int i = 0; i < CALLS; i++) {
            long began = System.nanoTime();
            HttpResponse<String> answer = client.send(request(replica, what + " " + i + " " + began),
                    BodyHandlers.ofString());
            millis.add((System.nanoTime() - began) / 1e6);
            errors += answer.statusCode() == 200 ? 0 : 1;
        }
        millis.sort(null);
        double[] times = {millis.get(millis.size() / 2), millis.get(millis.size() * 99 / 100)};
        System.out.printf("%s: p50 %.1f ms, p99 %.1f ms, largest %.1f ms, %d errors%n", what, times[0], times[1],
                millis.getLast(), errors);
        must(errors == 0, what + ": no call fails");
        return times;
    }

    private void must(boolean holds, String what) {
        if (!holds) {
            broken = true;
            System.out.println("BROKEN: " + what);
        }
    }

    private HttpRequest request(int replica, String prompt) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(replica) + "/v1/chat/completions"))
                .header("authorization", "Bearer sk-sluice-0123456789abcdef0123456789abcdef")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + prompt + "\"}]}"))
                .build();
    }

    private long upstream() throws Exception {
        String json = get(simulatorPort, "/simulator/statistics");
        return Long.parseLong(json.replaceAll("(?s).*?\"requests\"\\s*:\\s*(\\d+).*", "$1"));
    }

    private String get(int port, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                BodyHandlers.ofString()).body();
    }

    private void await(int port, String path) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                        BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // It is still starting.
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("nothing answers on port " + port + "; see " + folder);
            }
            Thread.sleep(50);
        }
    }

    private Process process(String name, String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(folder.resolve(name + ".log").toFile()).start();
            processes.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
