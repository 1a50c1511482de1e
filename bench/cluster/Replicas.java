import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * Three gateways, one Redis, one simulated OpenAI, each a process of its own, under load and under faults. See README.md.
 */
final class Replicas {
    private static final int SIZE = 3;
    private static final List<String> TENANTS = List.of("exact", "leased", "big", "one", "all", "twice", "few",
            "revoked");

    /** One answer. */
    record Call(String tenant, int replica, long sentAt, long endedAt, int status) {}

    private final Path folder = Files.createTempDirectory("replicas");
    private final String java;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    private final ConcurrentLinkedQueue<Call> calls = new ConcurrentLinkedQueue<>();
    private final List<Process> gateways = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final List<Integer> admins = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();
    private final AtomicLong questions = new AtomicLong();
    private final int redisPort = freePort();
    private final int simulatorPort = freePort();
    private Process redis;
    private Process simulator;
    private boolean broken;

    Replicas(String java) throws IOException {
        this.java = java;
    }

    public static void main(String[] words) throws Exception {
        Replicas replicas = new Replicas(words[0]);
        try {
            replicas.start();
            for (String phase : List.of(words).subList(1, words.length)) {
                replicas.phase(phase);
            }
        } finally {
            replicas.stop();
        }
        System.out.println(replicas.broken ? "== a bound is broken" : "== all bounds held");
        System.exit(replicas.broken ? 1 : 0);
    }

    private void phase(String name) throws Exception {
        System.out.println("== " + name);
        switch (name) {
            case "limits" -> limits(180);
            case "cost" -> cost();
            case "stop" -> outage("stop", SIZE);
            case "kill" -> outage("kill", SIZE);
            case "partition" -> outage("partition", 1);
            case "revoke" -> revoke(200);
            case "dead" -> deadReplica();
            case "cpu" -> cpu();
            default -> throw new IllegalArgumentException(name);
        }
    }

    /** The limits of tenants, and fairness of a tight account, while nothing fails. */
    private void limits(int seconds) throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        long began = System.nanoTime();
        random("exact", 20, on);
        random("leased", 20, on);
        for (int i = 0; i < 6; i++) {
            again("one", 0, on);
            again("twice", 1, on);
            for (int replica = 0; replica < SIZE; replica++) {
                again("all", replica, on);
            }
        }
        pause(seconds);
        on.set(false);
        double took = (System.nanoTime() - began) / 1e9;
        pause(3);
        double allowed = 600 + 600 * took / 60;
        check("exact: admitted", admitted("exact", began, Long.MAX_VALUE), 0.95 * allowed, allowed + 1);
        check("leased: admitted", admitted("leased", began, Long.MAX_VALUE), 0.95 * allowed, allowed + 60);
        long from = began + 20_000_000_000L;
        double served = 0;
        for (String tenant : List.of("one", "all", "twice")) {
            served += admitted(tenant, from, began + (long) (took * 1e9));
        }
        for (String tenant : List.of("one", "all", "twice")) {
            double part = tenant.equals("twice") ? 0.5 : 0.25;
            check("share of " + tenant, admitted(tenant, from, began + (long) (took * 1e9)) / served, part * 0.95,
                    part * 1.05);
        }
        double refill = (600 - 30 + 1) / 61.0;
        check("use of the account", served / (refill * (took - 20)), 0.95, 1.05);
        check("upstream 429", statuses().getOrDefault("429", 0L), 0, 0);
    }

    /** Messages to the store for each admitted call, fast and slow. */
    private void cost() throws Exception {
        for (int rate : new int[]{5, 100}) {
            AtomicBoolean on = new AtomicBoolean(true);
            double before = metric("sluice_store_messages_total", "kind=\"take\"")
                    + metric("sluice_store_messages_total", "kind=\"visit\"");
            long began = System.nanoTime();
            random("big", rate * SIZE, on);
            pause(30);
            on.set(false);
            pause(3);
            double messages = metric("sluice_store_messages_total", "kind=\"take\"")
                    + metric("sluice_store_messages_total", "kind=\"visit\"") - before;
            double admitted = admitted("big", began, Long.MAX_VALUE);
            System.out.printf(Locale.ROOT, "   %d calls/s and replica: %.0f admitted, account and tenant together %.3f "
                    + "messages each%n", rate, admitted, messages / admitted);
            check("messages of one limit for each call", messages / admitted / 2, 0, rate >= 100 ? 0.1 : 1);
        }
    }

    /** The store is away for half a minute, for some replicas, while calls come. */
    private void outage(String how, int cutOff) throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        long started = System.nanoTime();
        random("exact", 20, on);
        random("leased", 20, on);
        random("big", 15, on);
        pause(15);
        long calm = System.nanoTime() - 10_000_000_000L;
        long began = System.nanoTime();
        switch (how) {
            case "stop" -> signal(redis, "STOP");
            case "kill" -> redis.destroyForcibly().waitFor();
            default -> wires.getFirst().cut(true);
        }
        pause(30);
        switch (how) {
            case "stop" -> signal(redis, "CONT");
            case "kill" -> redis = redisServer();
            default -> wires.getFirst().cut(false);
        }
        long ended = System.nanoTime();
        pause(30);
        on.set(false);
        pause(3);
        double more = cutOff == SIZE ? 1 : 1 + (double) cutOff / SIZE;
        double seconds = (ended - began) / 1e9;
        for (String tenant : List.of("exact", "leased")) {
            check(tenant + ": admitted while away", admitted(tenant, began, ended), 0,
                    (600 / 60.0 * seconds) * more + (cutOff == SIZE ? 30 : 90));
            double all = admitted(tenant, started, Long.MAX_VALUE);
            double bucket = 600 + 600 / 60.0 * (System.nanoTime() - started) / 1e9;
            check(tenant + ": admitted from before until after", all, bucket * 0.5,
                    bucket + 60 + (more - 1) * 600 / 60.0 * seconds);
        }
        check("answers other than 200 and 429",
                calls.stream().filter(call -> call.status() != 200 && call.status() != 429).count(), 0, 0);
        check("big: refused", calls.stream().filter(call -> call.tenant().equals("big") && call.status() != 200
                && call.sentAt() >= calm).count(), 0, 0);
        System.out.printf(Locale.ROOT, "   big: p50, p99 before %s ms, first 2 s %s ms, then %s ms, after %s ms%n",
                latency("big", calm, began), latency("big", began, began + 2_000_000_000L),
                latency("big", began + 2_000_000_000L, ended), latency("big", ended, Long.MAX_VALUE));
        for (int i = 0; i < SIZE; i++) {
            long lines = Files.lines(folder.resolve("gateway-" + i + ".log"))
                    .filter(line -> line.contains("redis cannot be reached")).count();
            System.out.println("   lines of the log on the store being away, replica " + i + ", so far: " + lines);
        }
    }

    /** From the answer of the admin API until the last replica refuses. */
    private void revoke(int trials) throws Exception {
        List<Double> took = new ArrayList<>();
        String id = id(key("revoked"));
        for (int i = 0; i < trials; i++) {
            admin(i % SIZE, "/admin/v1/keys/" + id + "/revoke");
            long told = System.nanoTime();
            for (int replica = 0; replica < SIZE; replica++) {
                while (ask("revoked", replica) != 401) {
                    Thread.onSpinWait();
                }
            }
            took.add((System.nanoTime() - told) / 1e6);
            admin(i % SIZE, "/admin/v1/keys/" + id + "/restore");
            for (int replica = 0; replica < SIZE; replica++) {
                while (ask("revoked", replica) == 401) {
                    Thread.onSpinWait();
                }
            }
        }
        took.sort(Double::compare);
        System.out.printf(Locale.ROOT, "   %d trials, worst replica: p50 %.0f ms, p99 %.0f ms%n", trials,
                took.get(trials / 2), took.get(trials * 99 / 100));
        check("slowest, ms", took.getLast(), 0, 1000);
    }

    /** A replica with calls in flight is killed; others get its places. */
    private void deadReplica() throws Exception {
        for (int i = 0; i < 4; i++) {
            send("few", 0);
        }
        pause(1);
        gateways.getFirst().destroyForcibly().waitFor();
        long died = System.nanoTime();
        while (first("few", 1) != 200) {
            pause(0.05);
        }
        double seconds = (System.nanoTime() - died) / 1e9;
        check("places are free after, s", seconds, 0, 5.5);
    }

    /** CPU of a gateway for each call, with Redis and without, in turns. */
    private void cpu() throws Exception {
        double[] sums = new double[2];
        for (int round = 0; round < 4; round++) {
            gateway(round % 2 == 0);
            int index = ports.size() - 1;
            await(admins.get(index), "/readyz");
            AtomicBoolean on = new AtomicBoolean(true);
            steady("big", index, 250, on);
            pause(20);
            double before = gateways.get(index).info().totalCpuDuration().orElseThrow().toNanos();
            long from = System.nanoTime();
            pause(20);
            double used = gateways.get(index).info().totalCpuDuration().orElseThrow().toNanos() - before;
            long to = System.nanoTime();
            on.set(false);
            double served = calls.stream().filter(call -> call.replica() == index && call.endedAt() >= from
                    && call.endedAt() <= to && call.status() == 200).count();
            sums[round % 2] += used / served / 1e3 / 2;
            System.out.printf(Locale.ROOT, "   %s Redis: %.0f microseconds each of %.0f calls%n",
                    round % 2 == 0 ? "with" : "without", used / served / 1e3, served);
            gateways.get(index).destroyForcibly().waitFor();
        }
        check("CPU with Redis over without", sums[0] / sums[1], 0, 1.1);
    }

    private void steady(String tenant, int replica, double perSecond, AtomicBoolean on) {
        Runnable[] next = new Runnable[1];
        next[0] = () -> {
            if (on.get()) {
                send(tenant, replica);
                timer.schedule(next[0], (long) (1e9 / perSecond), TimeUnit.NANOSECONDS);
            }
        };
        next[0].run();
    }

    private void random(String tenant, double perSecond, AtomicBoolean on) {
        Random random = new Random(tenant.hashCode());
        Runnable[] next = new Runnable[1];
        next[0] = () -> {
            if (on.get()) {
                send(tenant, random.nextInt(SIZE));
                timer.schedule(next[0], (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9),
                        TimeUnit.NANOSECONDS);
            }
        };
        next[0].run();
    }

    /** One caller that asks again as soon as it is answered. */
    private void again(String tenant, int replica, AtomicBoolean on) {
        if (on.get()) {
            send(tenant, replica).thenRunAsync(() -> again(tenant, replica, on), timer);
        }
    }

    private java.util.concurrent.CompletableFuture<Integer> send(String tenant, int replica) {
        long sentAt = System.nanoTime();
        return client.sendAsync(request(tenant, replica), BodyHandlers.ofString())
                .handle((answer, failure) -> answer == null ? 0 : answer.statusCode()).thenApply(status -> {
                    calls.add(new Call(tenant, replica, sentAt, System.nanoTime(), status));
                    return status;
                });
    }

    /** Of the head of an answer, which may then last. */
    private int first(String tenant, int replica) throws Exception {
        return client.send(request(tenant, replica), BodyHandlers.ofInputStream()).statusCode();
    }

    /** 0 where the connection broke. */
    private int ask(String tenant, int replica) throws InterruptedException {
        try {
            return client.send(request(tenant, replica), BodyHandlers.ofString()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private HttpRequest request(String tenant, int replica) {
        boolean stream = tenant.equals("few");
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(replica) + "/v1/chat/completions"))
                .timeout(Duration.ofSeconds(60)).header("authorization", "Bearer " + key(tenant))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"stream\":" + stream + ",\"max_tokens\":4,\"messages\":[{\"role\":"
                        + "\"user\",\"content\":\"Question " + questions.incrementAndGet() + "\"}]}"))
                .build();
    }

    private void admin(int replica, String path) throws Exception {
        HttpResponse<String> answer = client.send(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + admins.get(replica) + path))
                .POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.body());
        }
    }

    private double metric(String name, String label) throws Exception {
        double sum = 0;
        for (int port : admins) {
            sum += client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
                    BodyHandlers.ofString()).body().lines()
                    .filter(line -> line.startsWith(name + "{") && line.contains(label))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
        }
        return sum;
    }

    /** Of all attempts that the gateways have sent upstream. */
    private Map<String, Long> statuses() throws Exception {
        Map<String, Long> statuses = new TreeMap<>();
        statuses.put("429", (long) metric("sluice_upstream_requests_total", "code=\"429\""));
        return statuses;
    }

    private double admitted(String tenant, long from, long to) {
        return calls.stream().filter(call -> call.tenant().equals(tenant) && call.status() == 200
                && call.endedAt() >= from && call.endedAt() <= to).count();
    }

    private String latency(String tenant, long from, long to) {
        double[] millis = calls.stream()
                .filter(call -> call.tenant().equals(tenant) && call.sentAt() >= from && call.sentAt() < to)
                .mapToDouble(call -> (call.endedAt() - call.sentAt()) / 1e6).sorted().toArray();
        return millis.length == 0
                ? "none"
                : String.format(Locale.ROOT, "%.1f, %.1f", millis[millis.length / 2],
                        millis[(int) (millis.length * 0.99)]);
    }

    private void check(String what, double value, double least, double most) {
        boolean holds = value >= least && value <= most;
        broken |= !holds;
        System.out.printf(Locale.ROOT, "%s %s: %.3f (bound: %.3f to %.3f)%n", holds ? "  " : "! ", what, value, least,
                most);
    }

    private void start() throws Exception {
        redis = redisServer();
        simulator = process("simulator", java, "-Xmx512m", "-jar", "target/sluice.jar", "simulate", "--port",
                Integer.toString(simulatorPort), "--account", "plenty=sk-plenty:rpm=1000000", "--account",
                "tight=sk-tight:rpm=600", "--latency", "20ms", "--chunks", "100", "--chunk-interval",
                "100ms");
        await(simulatorPort, "/simulator/statistics");
        for (int i = 0; i < SIZE; i++) {
            gateway(true);
        }
        for (int port : admins) {
            await(port, "/readyz");
        }
        pause(2);
    }

    private void gateway(boolean shared) throws IOException {
        int index = ports.size();
        ports.add(freePort());
        admins.add(freePort());
        wires.add(new Wire(redisPort));
        Path config = folder.resolve("sluice-" + index + ".yaml");
        String yaml = config(index);
        Files.writeString(config, shared ? yaml : yaml.replaceAll("(?m)^redis: .*$", ""));
        gateways.add(process("gateway-" + index, java, "-Xmx512m", "-jar", "target/sluice.jar", "serve", "--config",
                config.toString()));
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
                redis: { url: "redis://127.0.0.1:%d", exact: [exact/rpm] }
                tenants:
                """.formatted(ports.get(index), admins.get(index), folder.resolve("ledger-" + index + ".db"),
                simulatorPort, wires.get(index).port()));
        for (String tenant : TENANTS) {
            boolean limited = tenant.equals("exact") || tenant.equals("leased");
            boolean waits = List.of("one", "all", "twice").contains(tenant);
            yaml.append("  - { name: ").append(tenant).append(", rpm: ").append(limited ? 600 : 600_000)
                    .append(", keys: [").append(key(tenant)).append("], accounts: [")
                    .append(waits ? "tight" : "plenty").append("], max-wait: 60s, weight: ")
                    .append(tenant.equals("twice") ? 2 : 1).append(tenant.equals("few") ? ", concurrent: 4" : "")
                    .append(" }\n");
        }
        return yaml.toString();
    }

    private Process redisServer() throws Exception {
        Process started = process("redis", "redis-server", "--port", Integer.toString(redisPort), "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no");
        pause(1);
        return started;
    }

    private Process process(String name, String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(name + ".log").toFile())).start();
    }

    private void stop() throws Exception {
        timer.shutdownNow();
        for (Process gateway : gateways) {
            gateway.destroyForcibly();
        }
        if (simulator != null) {
            simulator.destroyForcibly();
        }
        if (redis != null) {
            signal(redis, "CONT");
            redis.destroyForcibly();
        }
        System.out.println("   logs: " + folder);
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    private void await(int port, String path) throws Exception {
        IntSupplier status = () -> {
            try {
                return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                        BodyHandlers.ofString()).statusCode();
            } catch (IOException | InterruptedException e) {
                return 0;
            }
        };
        for (int i = 0; status.getAsInt() != 200; i++) {
            if (i > 300) {
                throw new IllegalStateException("port " + port + " does not answer; see " + folder);
            }
            Thread.sleep(100);
        }
    }

    private static void pause(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
    }

    private static String key(String tenant) {
        return "sk-sluice-cluster-bench-key-of-tenant-" + tenant;
    }

    private static String id(String key) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes("UTF-8")), 0, 6);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The way of one replica to Redis; cut, it swallows what is sent and stays open. */
    private static final class Wire {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int to;
        private volatile boolean cut;

        Wire(int to) throws IOException {
            this.to = to;
            Thread.ofVirtual().start(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        void cut(boolean isCut) {
            cut = isCut;
        }

        private void accept() {
            while (true) {
                try {
                    Socket near = server.accept();
                    Socket far = new Socket(InetAddress.getLoopbackAddress(), to);
                    near.setTcpNoDelay(true);
                    far.setTcpNoDelay(true);
                    Thread.ofVirtual().start(() -> pass(near, far));
                    Thread.ofVirtual().start(() -> pass(far, near));
                } catch (IOException e) {
                    // Redis is not there; the next attempt may find it.
                }
            }
        }

        private void pass(Socket from, Socket to) {
            try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
                byte[] some = new byte[8192];
                for (int n = in.read(some); n >= 0; n = in.read(some)) {
                    if (!cut) {
                        out.write(some, 0, n);
                    }
                }
            } catch (IOException e) {
                // Both ends are closed with this one.
            }
        }
    }
}
