import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The processes of the bench, each with its own files, and what their callers do and see. */
final class Installation {
    static final int SIZE = 3;
    private static final List<String> TENANTS = List.of("exact", "leased", "exact-skew", "leased-skew", "exact-loss",
            "leased-loss", "big", "asks", "one", "all", "twice", "few", "revoked", "exact-bad", "leased-bad");

    /** One answer; status 0 where the connection broke. */
    record Call(String tenant, int replica, long sentAt, long endedAt, int status) {}

    final ConcurrentLinkedQueue<Call> calls = new ConcurrentLinkedQueue<>();
    final int redisPort = freePort();
    private final Path folder = Files.createTempDirectory("replicas");
    private final String java;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    private final List<Process> gateways = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Integer> admins = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();
    private final AtomicLong questions = new AtomicLong();
    private final int simulatorPort = freePort();
    private Process redis;
    private Process simulator;

    Installation(String java) throws IOException {
        this.java = java;
    }

    void start() throws Exception {
        startRedis();
        simulator = process("simulator", Map.of(), java, "-Xmx512m", "-jar", "target/sluice.jar", "simulate", "--port",
                Integer.toString(simulatorPort), "--account", "plenty=sk-plenty:rpm=1000000", "--account",
                "tight=sk-tight:rpm=600", "--latency", "20ms", "--chunks", "100", "--chunk-interval", "100ms");
        await(simulatorPort, "/simulator/statistics");
        for (int i = 0; i < SIZE; i++) {
            gateway(true);
        }
        for (int i = 0; i < SIZE; i++) {
            awaitReady(i);
        }
        pause(2);
    }

    /** One more gateway, with Redis or without; its index. */
    int gateway(boolean shared) throws IOException {
        int index = ports.size();
        ports.add(freePort());
        admins.add(freePort());
        wires.add(new Wire(redisPort));
        String yaml = config(index);
        Files.writeString(folder.resolve("sluice-" + index + ".yaml"),
                shared ? yaml : yaml.replaceAll("(?m)^redis: .*$", ""));
        gateways.add(launch(index, Map.of()));
        return index;
    }

    /** A gateway ends, by a signal, and another process takes its place; by how many seconds its date is ahead of ours. */
    double restart(int index, String signal, Map<String, String> environment) throws Exception {
        signal(gateways.get(index), signal);
        gateways.get(index).waitFor();
        gateways.set(index, launch(index, environment));
        awaitReady(index);
        String log = Files.readString(folder.resolve("gateway-" + index + ".log"));
        String last = log.substring(log.lastIndexOf("\"timestamp\":") + 12);
        return (Long.parseLong(last.replaceAll("(?s)^(\\d+).*", "$1")) - System.currentTimeMillis()) / 1e3;
    }

    private Process launch(int index, Map<String, String> environment) throws IOException {
        return process("gateway-" + index, environment, java, "-Xmx512m", "-jar", "target/sluice.jar", "serve",
                "--config", folder.resolve("sluice-" + index + ".yaml").toString());
    }

    void awaitReady(int index) throws Exception {
        await(admins.get(index), "/readyz");
    }

    Process gatewayProcess(int index) {
        return gateways.get(index);
    }

    /** What the threads of a gateway with such names have used, of user and system time. */
    long cpuNanos(int index, String names) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + gateways.get(index).pid() + "/task"))) {
            return tasks.filter(task -> text(task.resolve("comm")).matches(names))
                    .mapToLong(task -> Long.parseLong("0" + text(task.resolve("schedstat")).split(" ")[0])).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of a thread; empty if that has ended. */
    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    Wire wire(int index) {
        return wires.get(index);
    }

    private String config(int index) {
        StringBuilder yaml = new StringBuilder("""
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts:
                    - { name: plenty, rpm: 1000000, strict: false, keys: [sk-plenty] }
                    - { name: tight, rpm: 600, keys: [sk-tight] }
                cache: { mode: off }
                drain: { delay: 1s, grace: 5s }
                redis: { url: "redis://127.0.0.1:%d", exact: [exact/rpm, exact-skew/rpm, exact-loss/rpm, exact-bad/rpm, asks/rpm] }
                tenants:
                """.formatted(ports.get(index), admins.get(index), folder.resolve("ledger-" + index + ".db"),
                simulatorPort, wires.get(index).port()));
        for (String tenant : TENANTS) {
            boolean limited = tenant.startsWith("exact") || tenant.startsWith("leased");
            boolean waits = List.of("one", "all", "twice").contains(tenant);
            yaml.append("  - { name: ").append(tenant).append(", rpm: ").append(limited ? 600 : 600_000)
                    .append(", keys: [").append(key(tenant)).append("], accounts: [")
                    .append(waits ? "tight" : "plenty").append("], max-wait: 60s, weight: ")
                    .append(tenant.equals("twice") ? 2 : 1).append(tenant.equals("few") ? ", concurrent: 4" : "")
                    .append(" }\n");
        }
        return yaml.toString();
    }

    /** A gateway reads another file, in which the tenants of 600 rpm have so many. */
    void limit(int index, long rpm) throws IOException {
        Files.writeString(folder.resolve("sluice-" + index + ".yaml"),
                config(index).replace("rpm: 600,", "rpm: " + rpm + ",").replace("name: tight, rpm: " + rpm, "name: tight, rpm: 600"));
    }

    /** Says something to Redis, as another program; the answer's first line, or the text that it holds. */
    String redis(String... words) throws IOException {
        StringBuilder message = new StringBuilder("*").append(words.length).append("\r\n");
        for (String word : words) {
            message.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redisPort)) {
            socket.getOutputStream().write(message.toString().getBytes(StandardCharsets.ISO_8859_1));
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = in.readLine();
            return first.startsWith("$") && !first.equals("$-1") ? in.readLine() : first.substring(1);
        }
    }

    void startRedis() throws Exception {
        redis = process("redis", Map.of(), "redis-server", "--port", Integer.toString(redisPort), "--bind",
                "127.0.0.1", "--save", "", "--appendonly", "no");
        pause(1);
    }

    void signalRedis(String name) throws Exception {
        signal(redis, name);
        if (name.equals("KILL")) {
            redis.waitFor();
        }
    }

    private Process process(String name, Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".log").toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    void stop() {
        timer.shutdownNow();
        gateways.forEach(Process::destroyForcibly);
        if (simulator != null) {
            simulator.destroyForcibly();
        }
        if (redis != null) {
            redis.destroyForcibly();
        }
        System.out.println("   logs: " + folder);
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    /** Calls at even intervals. */
    void steady(String tenant, int replica, double perSecond, AtomicBoolean on) {
        repeat(() -> send(tenant, replica), () -> (long) (1e9 / perSecond), on);
    }

    /** Calls of a Poisson process, each to any replica. */
    void random(String tenant, double perSecond, AtomicBoolean on) {
        Random random = new Random(tenant.hashCode());
        repeat(() -> send(tenant, random.nextInt(SIZE)),
                () -> (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9), on);
    }

    private void repeat(Runnable task, LongSupplier nanos, AtomicBoolean on) {
        if (on.get()) {
            task.run();
            timer.schedule(() -> repeat(task, nanos, on), nanos.getAsLong(), TimeUnit.NANOSECONDS);
        }
    }

    /** Empties a limit: the bounds of an outage count what refills meanwhile, not what a fresh bucket holds. */
    void drain(String tenant) {
        long refused = 0;
        while (refused < SIZE) {
            refused = IntStream.range(0, 8 * SIZE).mapToObj(each -> send(tenant, each % SIZE)).toList().stream()
                    .map(CompletableFuture::join).filter(status -> status == 429).count();
        }
    }

    /** One caller that asks again as soon as it is answered; after a failure, a little later. */
    void again(String tenant, int replica, AtomicBoolean on) {
        if (on.get()) {
            send(tenant, replica).thenAccept(status -> timer.schedule(() -> again(tenant, replica, on),
                    status == 200 ? 0 : 50, TimeUnit.MILLISECONDS));
        }
    }

    CompletableFuture<Integer> send(String tenant, int replica) {
        long sentAt = System.nanoTime();
        return client.sendAsync(request(tenant, replica), BodyHandlers.ofString())
                .handle((answer, failure) -> answer == null ? 0 : answer.statusCode()).thenApply(status -> {
                    calls.add(new Call(tenant, replica, sentAt, System.nanoTime(), status));
                    return status;
                });
    }

    /** The status of an answer whose body may take longer. */
    int first(String tenant, int replica) throws Exception {
        return client.send(request(tenant, replica), BodyHandlers.ofInputStream()).statusCode();
    }

    /** The status of a call for a model of this name. */
    int askFor(String model, String tenant, int replica) throws Exception {
        return client.send(request(tenant, replica, model), BodyHandlers.ofString()).statusCode();
    }

    /** 0 where the connection broke. */
    int ask(String tenant, int replica) throws InterruptedException {
        try {
            return client.send(request(tenant, replica), BodyHandlers.ofString()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private HttpRequest request(String tenant, int replica) {
        return request(tenant, replica, "gpt-4o-mini");
    }

    private HttpRequest request(String tenant, int replica, String model) {
        String body = "{\"model\":\"%s\",\"stream\":%s,\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"Question %d\"}]}"
                .formatted(model, tenant.equals("few"), questions.incrementAndGet());
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(replica) + "/v1/chat/completions"))
                .timeout(Duration.ofSeconds(60)).header("authorization", "Bearer " + key(tenant))
                .header("content-type", "application/json").POST(BodyPublishers.ofString(body)).build();
    }

    /** Once, whatever the answer says. */
    void tell(int replica, String path) throws Exception {
        client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admins.get(replica) + path))
                .POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    /** As an operator would: again, if the answer says that the others were not notified. */
    void admin(int replica, String path) throws Exception {
        for (int i = 0; i < 100; i++) {
            int status = client.send(HttpRequest
                    .newBuilder(URI.create("http://127.0.0.1:" + admins.get(replica) + path))
                    .POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString()).statusCode();
            if (status == 200) {
                return;
            }
            pause(0.1);
        }
        throw new IllegalStateException(path + " is not taken; see " + folder);
    }

    /** The sum of the series with this label, over all gateways that are still alive. */
    double metric(String name, String label) throws Exception {
        double sum = 0;
        for (int i = 0; i < admins.size(); i++) {
            if (gateways.get(i).isAlive()) {
                sum += metric(i, name, label);
            }
        }
        return sum;
    }

    double metric(int replica, String name, String label) throws Exception {
        return get(admins.get(replica), "/metrics").lines()
                .filter(line -> line.startsWith(name) && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    /** A number that the simulator reports of the tight account. */
    long upstream(String name) throws Exception {
        String json = get(simulatorPort, "/simulator/statistics");
        int tight = json.indexOf("\"tight\"");
        return tight < 0 ? 0 : number(json.substring(tight), name);
    }

    /** Calls that the tight account refused, from one look: between two looks it takes others. */
    long refusedUpstream() throws Exception {
        String json = get(simulatorPort, "/simulator/statistics");
        int tight = json.indexOf("\"tight\"");
        return tight < 0
                ? 0
                : number(json.substring(tight), "requests") - number(json.substring(tight), "accepted");
    }

    private static long number(String json, String name) {
        return Long.parseLong(json.replaceAll("(?s).*?\"" + name + "\"\\s*:\\s*(\\d+).*", "$1"));
    }

    private String get(int port, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                BodyHandlers.ofString()).body();
    }

    /** Lines of a gateway's log with these words. */
    long lines(int replica, String words) throws IOException {
        try (var lines = Files.lines(folder.resolve("gateway-" + replica + ".log"))) {
            return lines.filter(line -> line.contains(words)).count();
        }
    }

    private void await(int port, String path) throws Exception {
        for (int i = 0; status(port, path) != 200; i++) {
            if (i > 600) {
                throw new IllegalStateException("port " + port + " does not answer; see " + folder);
            }
            Thread.sleep(100);
        }
    }

    private int status(int port, String path) throws InterruptedException {
        try {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    BodyHandlers.ofString()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    static void pause(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
    }

    static String key(String tenant) {
        return "sk-sluice-cluster-bench-key-of-tenant-" + tenant;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
