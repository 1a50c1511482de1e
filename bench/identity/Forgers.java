import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A flood of forged tokens next to a victim that calls 50 times a second with a token the gateway knows, and once a second
 * with one that is new. The same flood is first aimed at a sink, so that what it takes of the machine is not counted.
 */
final class Forgers {
    private static final int FORGERS = 8;
    private static final int FORGED = 2_000;
    private static final int SECONDS = 20;
    private static final int PER_SECOND = 50;
    private static final double BOUND_MILLIS = 50;

    private final Lab lab;
    private final ExecutorService threads;
    private final List<byte[]> forged = new ArrayList<>();

    private Forgers(Lab lab, ExecutorService threads) throws Exception {
        this.lab = lab;
        this.threads = threads;
        for (int i = 0; i < FORGED; i++) {
            forged.add(Wire.request(lab.forged(), "hi"));
        }
    }

    /** What the victim met. */
    private record Met(List<Long> micros, Map<Integer, Integer> known, Map<Integer, Integer> fresh,
            Map<Integer, Integer> forged) {

        double millis(double share) {
            List<Long> sorted = micros.stream().sorted().toList();
            return sorted.get((int) Math.min(sorted.size() - 1, sorted.size() * share)) / 1e3;
        }

        boolean isHurt() {
            return !known.keySet().equals(java.util.Set.of(200)) || fresh.containsKey(401);
        }
    }

    static Identity.Report run(Path work) throws Exception {
        try (Lab lab = new Lab(work.resolve("flood"), "");
                ServerSocket sink = sink();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Forgers forgers = new Forgers(lab, threads);
            forgers.beside("127.0.0.2", sink.getLocalPort(), 10);
            forgers.beside("127.0.0.2", lab.port, 10);
            StringBuilder text = new StringBuilder("""
                    | forged tokens from | p50, ms (sink) | p99, ms (sink) | known token | new token | forged |
                    |---|---|---|---|---|---|
                    """);
            boolean broken = false;
            for (String from : List.of("127.0.0.2", "127.0.0.1")) {
                Met quiet = forgers.beside(from, sink.getLocalPort(), SECONDS);
                Met flooded = forgers.beside(from, lab.port, SECONDS);
                broken |= flooded.isHurt() || flooded.millis(0.99) > quiet.millis(0.99) + BOUND_MILLIS;
                text.append(String.format(Locale.ROOT, "| %s | %.1f (%.1f) | %.1f (%.1f) | %s | %s | %s |%n",
                        from.equals("127.0.0.1") ? "the victim's own address" : "another address",
                        flooded.millis(0.5), quiet.millis(0.5), flooded.millis(0.99), quiet.millis(0.99),
                        flooded.known(), flooded.fresh(), flooded.forged()));
            }
            return new Identity.Report(text.toString(), broken);
        }
    }

    private Met beside(String from, int port, int seconds) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Map<Integer, Integer> answers = new ConcurrentHashMap<>();
        for (int i = 0; i < FORGERS; i++) {
            int first = i;
            threads.submit(() -> {
                try (Wire wire = new Wire(from, port)) {
                    for (int n = first; !over.get(); n++) {
                        answers.merge(wire.call(forged.get(n % FORGED)), 1, Integer::sum);
                    }
                }
                return true;
            });
        }
        try {
            return victim(seconds, answers);
        } finally {
            over.set(true);
        }
    }

    private Met victim(int seconds, Map<Integer, Integer> answers) throws Exception {
        byte[] known = Wire.request(lab.token(false), "hi");
        Met met = new Met(new ArrayList<>(), new TreeMap<>(), new TreeMap<>(), answers);
        try (Wire wire = new Wire("127.0.0.1", lab.port)) {
            // Known from before the flood, or from the first moment in which the gateway looks at it.
            while (wire.call(known) != 200) {
                Thread.sleep(10);
            }
            long began = System.nanoTime();
            for (int i = 0; i < seconds * PER_SECOND; i++) {
                long due = began + i * 1_000_000_000L / PER_SECOND;
                Thread.sleep(Math.max(0, (due - System.nanoTime()) / 1_000_000));
                boolean fresh = i % PER_SECOND == PER_SECOND / 2;
                int status = wire.call(fresh ? Wire.request(lab.token(false), "hi") : known);
                (fresh ? met.fresh() : met.known()).merge(status, 1, Integer::sum);
                if (!fresh) {
                    met.micros().add((System.nanoTime() - due) / 1_000);
                }
            }
        }
        return met;
    }

    /** Answers everything with 401, at little cost. */
    private static ServerSocket sink() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> swallow(socket));
                }
            } catch (IOException closed) {
                // The bench is over.
            }
        });
        return server;
    }

    private static void swallow(Socket socket) {
        byte[] answer = "HTTP/1.1 401 No\r\ncontent-length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[16_384];
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            while (in.read(bytes) > 0) {
                out.write(answer);
            }
        } catch (IOException gone) {
            // The forger has left.
        }
    }
}
