import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The gateway on a core of its own; on the other an upstream, a sink and the attacker. */
final class Lab implements AutoCloseable {
    static final int ATTACKERS = 120;
    static final int UPSTREAM_CONNECTIONS = 64;
    private static final String GATEWAY_CORE = "0";
    private static final String OTHER_CORE = "1";
    private static final Pattern TROUBLE = Pattern.compile(
            "\"level\":\"ERROR\"|\"throwable\":\\{|^\\s+at |^Exception|OutOfMemoryError|StackOverflowError");

    final Path directory;
    final int port = freePort();
    final int admin = freePort();
    final int sinkPort = freePort();
    final int sinkPlain = freePort();
    private final int upstreamPort = freePort();
    private final int http2Port = freePort();
    private final Setup setup;
    /** Further replicas, which share a Redis with the first. */
    private final List<Replica> others = new ArrayList<>();
    private final int redisPort = freePort();
    private Process redis;
    private final List<Process> otherGateways = new ArrayList<>();
    private Process gateway;
    private Process upstream;
    private Process http2Front;
    private Process sink;
    private int starts;
    private long logRead;

    /** One of the further replicas. */
    private record Replica(int number, int port, int admin) {}

    Lab(Setup setup) throws IOException {
        this.setup = setup;
        directory = Path.of("target", "isolation", setup.name());
        delete(directory);
        Files.createDirectories(directory);
        output(List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", file("key.pem"), "-out", file("certificate.pem")));
        output(List.of("openssl", "pkcs12", "-export", "-inkey", file("key.pem"), "-in", file("certificate.pem"),
                "-passout", "pass:" + Sink.PASSWORD, "-out", file("sink.p12")));
        for (int i = 1; i < setup.replicas(); i++) {
            others.add(new Replica(i, freePort(), freePort()));
        }
        writeConfig(60, 0);
        startUpstream();
        if (setup.http2Upstream()) {
            http2Front = start(OTHER_CORE, "http2.log", null, own("-Xmx1g", "Http2Front", Integer.toString(http2Port),
                    file("certificate.pem"), file("key.pem"), Integer.toString(upstreamPort)));
            await(http2Front, http2Port);
        }
        if (setup.replicas() > 1) {
            redis = start(OTHER_CORE, "redis.log", null, List.of("redis-server", "--port", Integer.toString(redisPort),
                    "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
            await(redis, redisPort);
        }
        startGateway();
    }

    /** Where attackers call: the last replica, while the victim calls the first. */
    int attackedPort() {
        return others.isEmpty() ? port : others.getLast().port();
    }

    int attackedAdmin() {
        return others.isEmpty() ? admin : others.getLast().admin();
    }

    String file(String name) {
        return directory.resolve(name).toString();
    }

    static String key(String tenant) {
        return "sk-sluice-bench-key-of-" + tenant;
    }

    /** The file, with a limit and a key that may differ from those before, so that a reload changes something. */
    void writeConfig(int attackersRpm, int generation) throws IOException {
        writeConfig(attackersRpm, generation, new Replica(0, port, admin));
        for (Replica other : others) {
            writeConfig(attackersRpm, generation, other);
        }
    }

    private static String configName(int replica) {
        return replica == 0 ? "sluice.yaml" : "sluice-" + replica + ".yaml";
    }

    private void writeConfig(int attackersRpm, int generation, Replica replica) throws IOException {
        StringBuilder yaml = new StringBuilder();
        yaml.append("listen:\n  host: 127.0.0.1\n  port: ").append(replica.port()).append("\n  max-connections: ")
                .append(setup.connections());
        if (setup.tls()) {
            yaml.append("\n  tls: { certificate: ").append(file("certificate.pem")).append(", key: ")
                    .append(file("key.pem")).append(" }");
        }
        yaml.append("\nadmin: { host: 127.0.0.1, port: ").append(replica.admin()).append(" }\nupstream:\n  base-url: ").append(upstream())
                .append("\n  connections: ").append(UPSTREAM_CONNECTIONS).append("\n  accounts:\n");
        for (int i = 0; i < setup.accounts(); i++) {
            yaml.append("    - { name: account-").append(i)
                    .append(", rpm: 1000000, strict: false, models: { gpt-rare: { rpm: 1 } }, keys: [\"sk-upstream-").append(i).append("\"] }\n");
        }
        yaml.append("cache: { max-size: 64MiB }\nledger: { url: \"sqlite:").append(file("ledger-" + replica.number() + ".db"))
                .append("\" }\ndrain: { delay: 0s, grace: 1s }\ntenants:\n");
        if (!others.isEmpty()) {
            yaml.insert(0, "redis: { url: \"redis://127.0.0.1:" + redisPort + "\" }\n");
        }
        tenant(yaml, "victim", "rpm: 1000000");
        tenant(yaml, "wide", "rpm: 100000");
        tenant(yaml, "narrow", "rpm: 1000000, concurrent: 2, models: [\"gpt-*\", \"bad-*\"]");
        tenant(yaml, "spent", "rpm: 1");
        tenant(yaml, "impatient", "rpm: 1000000, max-wait: 0s");
        tenant(yaml, "rotated-" + generation, "rpm: 1000");
        tenant(yaml, "poor", "rpm: 1000000, endpoints: [inference]");
        for (int i = 0; i < ATTACKERS; i++) {
            tenant(yaml, "attacker-" + i, "rpm: " + attackersRpm + ", concurrent: 2");
        }
        Path fresh = directory.resolve(configName(replica.number()) + ".new");
        Files.writeString(fresh, yaml);
        Files.move(fresh, directory.resolve(configName(replica.number())), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private String upstream() {
        return setup.http2Upstream()
                ? "https://localhost:" + http2Port + "/v1\n  ca-file: " + file("certificate.pem")
                : "http://127.0.0.1:" + upstreamPort + "/v1";
    }

    private static void tenant(StringBuilder yaml, String name, String more) {
        yaml.append("  - { name: ").append(name).append(", ").append(more);
        if (!more.contains("endpoints")) {
            yaml.append(", endpoints: [inference, realtime]");
        }
        yaml.append(", keys: [\"").append(key(name)).append("\"] }\n");
    }

    void startUpstream() {
        upstream = start(OTHER_CORE, "upstream.log", ProcessBuilder.Redirect.PIPE,
                own("-Xmx1g", "Upstream", Integer.toString(upstreamPort)));
        await(upstream, upstreamPort);
    }

    void stopUpstream() {
        upstream.destroyForcibly();
        stop(upstream);
    }

    /** Connections and requests that the upstream has seen, and those of them that it answered badly. */
    long[] seenUpstream() throws IOException {
        upstream.outputWriter().write("?");
        upstream.outputWriter().flush();
        String[] words = upstream.inputReader().readLine().split(" ");
        return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])};
    }

    void startSink() {
        if (sink == null) {
            sink = start(OTHER_CORE, "sink.log", null, own("-Xmx1g", "Sink", Integer.toString(sinkPort),
                    file("sink.p12"), Integer.toString(sinkPlain)));
            await(sink, sinkPort);
            await(sink, sinkPlain);
        }
    }

    void startGateway() throws IOException {
        if (starts++ == 0) {
            for (Replica other : others) {
                otherGateways.add(startReplica(other.number(), "gateway-" + other.number()));
                await(otherGateways.getLast(), other.port());
            }
        }
        logRead = 0;
        gateway = startReplica(0, "gateway." + starts);
        await(gateway, admin);
        for (int tries = 0; tries < 200 && !livesNow(); tries++) {
            nap(50);
        }
        await(gateway, port);
    }

    private Process startReplica(int number, String log) {
        String probe = number == 0 ? "probe." + starts : "probe-" + number;
        return start(GATEWAY_CORE, log + ".log", null, List.of(java(), "-Xmx512m", "-XX:NativeMemoryTracking=summary",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-Dprobe.file=" + file(probe), "-cp", "target/sluice.jar:target/lib/*:target/isolation/classes",
                "sluice.cli.Main", "serve", "--config", file(configName(number))));
    }

    void restartGateway() throws IOException {
        stop(gateway);
        startGateway();
    }

    /** A program of ours with its arguments; its first line says that it has begun. */
    Process startAttack(String... words) throws IOException {
        Process attack = start(OTHER_CORE, "attacks.log", ProcessBuilder.Redirect.PIPE, own("-Xmx768m", words));
        if (attack.inputReader().readLine() == null) {
            throw new IOException("the attacker did not start; see " + file("attacks.log"));
        }
        return attack;
    }

    Path probe() {
        return directory.resolve("probe." + starts);
    }

    boolean livesNow() {
        try {
            return gateway.isAlive() && Metrics.get(admin, "/livez").startsWith("HTTP/1.1 200");
        } catch (IOException silent) {
            return false;
        }
    }

    /** What is taken at rest, waited for as long as it is not what it was; empty once it is. */
    Map<String, Double> leftAfter(Map<String, Double> before, int seconds) {
        Map<String, Double> left = Map.of("no answer from /metrics", 1.0);
        for (long until = System.nanoTime() + seconds * 1_000_000_000L; System.nanoTime() < until; nap(200)) {
            try {
                Map<String, Double> now = Metrics.of(admin).taken();
                now.replaceAll((name, value) -> value - before.getOrDefault(name, 0.0));
                now.values().removeIf(value -> value <= 0);
                left = now;
                if (left.isEmpty()) {
                    return left;
                }
            } catch (IOException | RuntimeException notNow) {
                // Asked again.
            }
        }
        return left;
    }

    /** Lines with exceptions or errors that the gateway has logged since this was last asked. */
    List<String> trouble() throws IOException {
        Path log = directory.resolve("gateway." + starts + ".log");
        List<String> found = new ArrayList<>();
        long length = Files.size(log);
        try (var in = Files.newInputStream(log)) {
            in.skipNBytes(Math.min(logRead, length));
            var reader = new java.io.BufferedReader(new java.io.InputStreamReader(in));
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (TROUBLE.matcher(line).find() && found.size() < 1000) {
                    found.add(line);
                }
            }
        }
        logRead = length;
        return found;
    }

    /** Bytes of the log so far. */
    long logBytes() throws IOException {
        return Files.size(directory.resolve("gateway." + starts + ".log"));
    }

    // The gateway's process

    /** Bytes that are live on its heap, after a collection; without what the collector itself fills gaps with. */
    long liveBytes() {
        jcmd("GC.run");
        String histogram = jcmd("GC.class_histogram");
        Matcher filler = Pattern.compile("\\s\\d+\\s+(\\d+)\\s+\\S*jdk\\.internal\\.vm\\.Filler\\S*").matcher(histogram);
        long filled = filler.results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
        Matcher total = Pattern.compile("Total\\s+\\d+\\s+(\\d+)").matcher(histogram);
        return total.find() ? Long.parseLong(total.group(1)) - filled : 0;
    }

    /** Bytes of direct memory, which the JVM files under "Other". */
    long directBytes() {
        Matcher other = Pattern.compile("Other \\(reserved=\\d+, committed=(\\d+)")
                .matcher(jcmd("VM.native_memory", "summary", "scale=1"));
        return other.find() ? Long.parseLong(other.group(1)) : 0;
    }

    int threads() throws IOException {
        return count("task");
    }

    int descriptors() throws IOException {
        return count("fd");
    }

    private int count(String what) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/" + gateway.pid() + "/" + what))) {
            return (int) all.count();
        }
    }

    private String jcmd(String... words) {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return output(Stream.concat(Stream.of(tool, Long.toString(gateway.pid())), Stream.of(words)).toList());
    }

    // Processes in general

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static List<String> own(String heap, String... words) {
        return Stream.concat(Stream.of(java(), heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                "target/isolation/classes:target/lib/*"), Stream.of(words)).toList();
    }

    private Process start(String core, String log, ProcessBuilder.Redirect out, List<String> command) {
        try {
            ProcessBuilder.Redirect file = ProcessBuilder.Redirect.appendTo(directory.resolve(log).toFile());
            Process process = new ProcessBuilder(Stream.concat(Stream.of("taskset", "-c", core), command.stream())
                    .toList()).redirectError(file).redirectOutput(out == null ? file : out).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String output(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void stop(Process process) {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop(gateway);
        otherGateways.forEach(Lab::stop);
        stop(redis);
        stop(http2Front);
        stop(upstream);
        stop(sink);
    }

    private void await(Process process, int where) {
        for (int tries = 0; tries < 600 && process.isAlive(); tries++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), where));
                return;
            } catch (IOException notYet) {
                nap(50);
            }
        }
        throw new IllegalStateException("port " + where + " does not answer; see the logs in " + directory);
    }

    /** Below the ports that systems give to outgoing connections. */
    private static int freePort() {
        while (true) {
            int port = 20_000 + ThreadLocalRandom.current().nextInt(10_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Another one.
            }
        }
    }

    static void nap(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void say(Path file, String line) throws IOException {
        System.out.println(line);
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path each : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
