import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.tenancy.KeyDigest;

/**
 * What a call costs in a gateway with one managed tenant and key, and in one with ten thousand tenants and a hundred
 * thousand keys: processor time of the gateway's process, in turns, so that whatever else the machine does meets both.
 */
final class Directory {
    private static final int TENANTS = 10_000;
    private static final int KEYS_EACH = 10;
    private static final int CALLERS = 4;
    private static final Duration WINDOW = Duration.ofSeconds(4);
    private static final Duration WARM = Duration.ofSeconds(15);
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final double TICKS = 100;

    private final Path folder = Files.createTempDirectory("directory-bench");
    private final List<Process> processes = new ArrayList<>();
    private final int upstream = freePort();

    private Directory() throws IOException {}

    /** A gateway in a process of its own. */
    private record Gateway(String name, Process process, int port, int admin, int tenants, int keysEach, int called) {

        /** In seconds. */
        double processorTime() throws IOException {
            return processorTime(Path.of("/proc/" + process.pid() + "/stat"));
        }

        private static double processorTime(Path file) throws IOException {
            String stat = Files.readString(file);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS;
        }

        /** In seconds, by the name of the thread, its number left out; the busiest first. */
        String byThread() throws IOException {
            Map<String, Double> byName = new TreeMap<>();
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
                for (Path thread : threads.toList()) {
                    String name = Files.readString(thread.resolve("comm")).strip().replaceAll("[-#0-9 ]+$", "");
                    byName.merge(name, processorTime(thread.resolve("stat")), Double::sum);
                }
            }
            return byName.entrySet().stream().sorted(Map.Entry.<String, Double>comparingByValue().reversed()).limit(6)
                    .map(each -> String.format(Locale.ROOT, "%s %.1f s", each.getKey(), each.getValue()))
                    .collect(Collectors.joining(", "));
        }
    }

    public static void main(String[] words) throws Exception {
        int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 12;
        Directory bench = new Directory();
        try {
            bench.run(rounds);
        } finally {
            bench.processes.forEach(Process::destroyForcibly);
            remove(bench.folder);
        }
    }

    private void run(int rounds) throws Exception {
        launch("simulator", List.of("simulate", "--port", Integer.toString(upstream), "--account",
                "main=" + UPSTREAM_KEY + ":rpm=100000000", "--latency", "0ms"), upstream);
        List<Gateway> gateways = List.of(gateway("1 tenant, 1 key", 1, 1, 1),
                gateway("10,000 tenants, 100,000 keys; one calls", TENANTS, KEYS_EACH, 1),
                gateway("10,000 tenants, 100,000 keys; all call", TENANTS, KEYS_EACH, TENANTS));
        for (Gateway gateway : gateways) {
            micros(gateway, WARM);
        }
        double[][] all = new double[gateways.size()][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < all.length; i++) {
                int turn = (i + round) % all.length;
                all[turn][round] = micros(gateways.get(turn), WINDOW);
            }
        }
        for (int i = 0; i < all.length; i++) {
            double[] ratios = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                ratios[round] = all[i][round] / all[0][round];
            }
            System.out.printf(Locale.ROOT, "%-42s %.1f µs a call, %+.1f %% (quartiles %+.1f to %+.1f %%)%n",
                    gateways.get(i).name(), quantile(all[i], 0.5), 100 * (quantile(ratios, 0.5) - 1),
                    100 * (quantile(ratios, 0.25) - 1), 100 * (quantile(ratios, 0.75) - 1));
            System.out.println("    " + gateways.get(i).byThread());
        }
    }

    private static double quantile(double[] values, double part) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
    }

    private Gateway gateway(String name, int tenants, int keysEach, int called) throws Exception {
        int port = freePort();
        int admin = freePort();
        Path home = Files.createDirectory(folder.resolve("gateway" + processes.size()));
        Path database = home.resolve("ledger.db");
        try (Ledger made = new Ledger(new LedgerUrl.Sqlite(database), () -> {
            throw new IllegalStateException("the ledger cannot be made");
        })) {
            made.open();
        }
        fill(database, tenants, keysEach);
        Path config = Files.writeString(home.resolve("sluice.yaml"), """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                cache: { mode: off }
                ledger: { url: "sqlite:%s", spool: { dir: "%s" } }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 10000000, strict: false, keys: [%s] }]
                """.formatted(port, admin, database, home.resolve("spool"), upstream, UPSTREAM_KEY));
        Process process = launch(name, List.of("serve", "--config", config.toString()), port);
        return new Gateway(name, process, port, admin, tenants, keysEach, called);
    }

    private Process launch(String name, List<String> command, int port) throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), "sluice.cli.Main"));
        whole.addAll(command);
        long began = System.nanoTime();
        Process process = new ProcessBuilder(whole).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log" + processes.size()).toFile()).start();
        processes.add(process);
        while (!listens(port)) {
            if (!process.isAlive()) {
                throw new IOException(name + " ended: " + Files.readString(folder.resolve("log"
                        + (processes.size() - 1))));
            }
            Thread.sleep(50);
        }
        System.out.printf(Locale.ROOT, "%-42s listens after %d ms%n", name, (System.nanoTime() - began) / 1_000_000);
        return process;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Processor time of a call, in microseconds. */
    private static double micros(Gateway gateway, Duration lasts) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong calls = new AtomicLong();
        List<Thread> callers = new ArrayList<>();
        double before = gateway.processorTime();
        for (int i = 0; i < CALLERS; i++) {
            int seed = i;
            callers.add(Thread.ofPlatform().start(() -> call(gateway, new SplittableRandom(seed), over, calls)));
        }
        Thread.sleep(lasts.toMillis());
        over.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        return 1e6 * (gateway.processorTime() - before) / calls.get();
    }

    private static void call(Gateway gateway, SplittableRandom random, AtomicBoolean over, AtomicLong calls) {
        String body = "{\"model\":\"gpt-4o-mini\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[64 << 10];
            while (!over.get()) {
                String key = key(random.nextInt(gateway.called()), random.nextInt(
                        gateway.called() == 1 ? 1 : gateway.keysEach()));
                socket.getOutputStream().write(("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                        + key + "\r\ncontent-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n"
                        + body).getBytes(StandardCharsets.US_ASCII));
                answer(in, buffer);
                calls.incrementAndGet();
            }
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static void answer(InputStream in, byte[] buffer) throws IOException {
        int size = 0;
        int end = -1;
        int length = 0;
        while (end < 0 || size < end + length) {
            int read = in.read(buffer, size, buffer.length - size);
            if (read < 0) {
                throw new IOException("the gateway has closed the connection");
            }
            size += read;
            if (end < 0) {
                String head = new String(buffer, 0, size, StandardCharsets.ISO_8859_1);
                int blank = head.indexOf("\r\n\r\n");
                if (blank >= 0) {
                    if (!head.startsWith("HTTP/1.1 200")) {
                        throw new IOException(head);
                    }
                    end = blank + 4;
                    String lower = head.toLowerCase(Locale.ROOT);
                    int at = lower.indexOf("content-length: ") + "content-length: ".length();
                    length = Integer.parseInt(lower.substring(at, lower.indexOf('\r', at)).strip());
                }
            }
        }
    }

    private static String key(int tenant, int key) {
        return "sk-sluice-" + tenant + "-" + key;
    }

    private static void fill(Path database, int tenants, int keysEach) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO managed_tenant VALUES (?, ?, 1700000000000, 1700000000000, 0, 1)")) {
                for (int i = 0; i < tenants; i++) {
                    insert.setString(1, "t-" + i);
                    insert.setString(2, new JsonObject().put("rpm", 100_000_000).encode());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO managed_key VALUES (?, ?, ?, '', 'bench', 1700000000000, 0, '', 0, 1)")) {
                for (int i = 0; i < tenants * keysEach; i++) {
                    KeyDigest digest = KeyDigest.of(key(i / keysEach, i % keysEach));
                    insert.setString(1, digest.id());
                    insert.setString(2, digest.hex());
                    insert.setString(3, "t-" + i / keysEach);
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE last_change SET number = 1");
            }
            connection.commit();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.collect(Collectors.toList()).reversed()) {
                Files.delete(file);
            }
        }
    }
}
