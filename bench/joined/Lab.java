import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The processes of the bench, on loopback, with their logs in one folder. */
final class Lab implements AutoCloseable {
    static final String KEY = "sk-sluice-0123456789abcdef0123456789abcdef";
    private static final String CACHE_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final Pattern DIRECT = Pattern.compile("- +Other \\(reserved=\\d+KB, committed=(\\d+)KB");
    private static final Pattern HEAP = Pattern.compile("used (\\d+)K");

    private final String java;
    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    /** A gateway, and the ports of its calls and of its metrics. */
    record Replica(Process process, int port, int admin) {}

    /** What a gateway uses after a collection, in MiB. */
    record Memory(double heap, double direct) {

        @Override
        public String toString() {
            return "heap %.1f MiB, direct %.1f MiB".formatted(heap, direct);
        }
    }

    Lab(String java) throws IOException {
        this.java = java;
        this.folder = Files.createTempDirectory("joined");
    }

    /** A Redis that keeps nothing on disk. */
    Process redis(int port) throws IOException {
        return process("redis", List.of("redis-server", "--port", Integer.toString(port), "--bind", "127.0.0.1",
                "--save", "", "--dir", folder.toString()));
    }

    /** A simulated OpenAI that takes 100 ms for an answer and about a second for a stream; returns its port. */
    int simulator() throws Exception {
        int port = freePort();
        process("simulator", List.of(java, "-Xmx256m", "-jar", "target/sluice.jar", "simulate", "--port",
                Integer.toString(port), "--account", "main=sk-main:rpm=100000000", "--latency", "100ms", "--chunks",
                "100", "--chunk-interval", "10ms"));
        await(port, "/simulator/statistics");
        return port;
    }

    /** @param redis the URL of the cache's second tier; empty if it has none */
    Replica gateway(int upstream, String redis) throws Exception {
        int port = freePort();
        int admin = freePort();
        Path file = folder.resolve("sluice-" + port + ".yaml");
        Files.writeString(file, """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s", spool: { dir: "%s" } }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  connections: 1000
                  breaker: { failures: 100%%, of-at-least: 1000000 }
                  accounts: [{ name: main, rpm: 10000000, strict: false, keys: [sk-main] }]
                cache: { redis: { url: "%s", timeout: 25ms, max-wait: 10s, keys: ["%s"] } }
                tenants: [{ name: bot, rpm: 10000000, concurrent: 100000, keys: [%s] }]
                """.formatted(port, admin, folder.resolve("ledger-" + port + ".db"), folder.resolve("spool-" + port),
                upstream, redis, CACHE_KEY, KEY));
        Process process = process("gateway-" + port, List.of(java, "-Xmx256m", "-XX:NativeMemoryTracking=summary",
                "-jar", "target/sluice.jar", "serve", "--config", file.toString()));
        await(admin, "/readyz");
        return new Replica(process, port, admin);
    }

    /** The sum of a meter over all its labels. */
    double metric(Replica replica, String name) throws Exception {
        return get(replica.admin(), "/metrics").lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    /** Collects its garbage first. */
    Memory memory(Replica replica) throws Exception {
        jcmd(replica, "GC.run");
        return new Memory(number(HEAP, jcmd(replica, "GC.heap_info")),
                number(DIRECT, jcmd(replica, "VM.native_memory", "summary")));
    }

    private static double number(Pattern pattern, String said) {
        Matcher matcher = pattern.matcher(said);
        double sum = 0;
        while (matcher.find()) {
            sum += Long.parseLong(matcher.group(1)) / 1024.0;
            if (pattern == DIRECT) {
                break;
            }
        }
        return sum;
    }

    private String jcmd(Replica replica, String... command) throws Exception {
        List<String> whole = new ArrayList<>(List.of(Path.of(java).resolveSibling("jcmd").toString(),
                Long.toString(replica.process().pid())));
        whole.addAll(List.of(command));
        Process run = new ProcessBuilder(whole).redirectErrorStream(true).start();
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        run.waitFor();
        return said;
    }

    String get(int port, String path) throws Exception {
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

    private Process process(String name, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile()).start();
        processes.add(process);
        return process;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
