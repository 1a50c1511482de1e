import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens and closes sockets, and has calls refused at each stage, many times; what is taken at rest must be what it was. */
final class Rest {
    private static final double SCALE = Double.parseDouble(System.getenv().getOrDefault("BENCH_SCALE", "1"));
    private static final int SOCKETS = (int) (100_000 * SCALE);
    private static final int CALLS = (int) (20_000 * SCALE);
    private static final int WORKERS = 50;
    /** Fewer than the share of one tenant, whose places come back when both ends of a socket are closed. */
    private static final int SOCKETS_AT_ONCE = 8;
    private static final int MILLIS = 10_000;
    /** The longest that one row may take; what has not been sent by then counts as not answered. */
    private static final long ROW_NANOS = 900_000_000_000L;
    private static final int REST_SECONDS = 15;
    private static final Path RESULTS = Path.of("target", "isolation", "rest.md");
    private static final String CHAT = "/v1/chat/completions";

    private boolean held = true;

    /** A way to be refused. */
    private record Refused(String name, List<Integer> statuses, byte[] request) {}

    boolean run() throws Exception {
        Files.deleteIfExists(RESULTS);
        try (Lab lab = new Lab(Setup.named("rest"))) {
            Map<String, Double> quiet = Metrics.of(lab.admin).taken();
            Lab.say(RESULTS, "| what | times | answers | seconds | not given back within " + REST_SECONDS + " s | exceptions logged |");
            Lab.say(RESULTS, "|---|---|---|---|---|---|");
            many(lab, quiet, "sockets opened and closed", SOCKETS, List.of(101), this::socket, new AtomicBoolean(),
                    SOCKETS_AT_ONCE);
            for (Refused each : refusals()) {
                many(lab, quiet, each.name(), CALLS, each.statuses(), (port, kept, count) -> call(port, kept, each));
            }
            held(lab, quiet);
            lab.stopUpstream();
            Refused unreachable = new Refused("503 upstream away", List.of(503), uncached("wide", "gpt-4o"));
            many(lab, quiet, unreachable.name(), CALLS, unreachable.statuses(),
                    (port, kept, count) -> call(port, kept, unreachable));
        }
        System.out.println(held ? "all bounds held" : "a bound is broken");
        return held;
    }

    private static String chat(String model) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    }

    private static byte[] uncached(String tenant, String model) {
        return bytes(Wire.head("POST", CHAT, Lab.key(tenant), "Content-Type: application/json\r\nCache-Control: no-store\r\n"
                + "Content-Length: " + chat(model).length() + "\r\n") + chat(model));
    }

    private static byte[] bytes(String head) {
        return head.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static List<Refused> refusals() {
        String wide = Lab.key("wide");
        return List.of(
                new Refused("401 key", List.of(401), bytes(Wire.head("GET", "/v1/models", Scene.wrong(), ""))),
                new Refused("403 class", List.of(403), bytes(Wire.head("GET", "/v1/files", Lab.key("poor"), ""))),
                new Refused("404 route", List.of(404), bytes(Wire.head("GET", "/nowhere", wide, ""))),
                new Refused("405 method", List.of(405), Wire.post("/v1/models", wide, "{}")),
                new Refused("400 path", List.of(400), bytes(Wire.head("GET", "/v1/models/../files", wide, ""))),
                new Refused("400 JSON", List.of(400), Wire.post(CHAT, wide, "{]")),
                new Refused("400 field twice", List.of(400), Wire.post(CHAT, wide, "{\"model\":\"a\",\"model\":\"b\"}")),
                new Refused("403 model", List.of(403), Wire.post(CHAT, Lab.key("narrow"), chat("another"))),
                new Refused("413 body", List.of(413), bytes(Wire.head("POST", CHAT, wide,
                        "Content-Type: application/json\r\nContent-Length: 50000000\r\n"))),
                new Refused("429 rpm", List.of(429), Wire.post(CHAT, Lab.key("spent"), chat("gpt-4o"))),
                new Refused("429 no permit", List.of(429), uncached("impatient", "gpt-rare")),
                new Refused("502 upstream broke", List.of(502, 503), Wire.post(CHAT, wide, chat("bad-head"))),
                new Refused("504 not cached", List.of(504), bytes(Wire.head("POST", CHAT, wide,
                        "Content-Type: application/json\r\nCache-Control: only-if-cached\r\nContent-Length: "
                                + chat("gpt-4o").length() + "\r\n") + chat("gpt-4o"))));
    }

    /** Refused since as many are in flight as may be: two calls are held meanwhile. */
    private void held(Lab lab, Map<String, Double> quiet) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> holders = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            holders.add(Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    try (Wire wire = Wire.http1(lab.port, "127.0.0.1")) {
                        wire.send(Wire.post("/v1/completions", Lab.key("narrow"), Attack.ask("bad-slow", true)));
                        while (!over.get() && wire.some(4096, 2_000).length > 0) {
                            // It goes on.
                        }
                    } catch (IOException again) {
                        Lab.nap(50);
                    }
                }
            }));
        }
        Lab.nap(1_000);
        Refused concurrent = new Refused("429 concurrent", List.of(429, 200), uncached("narrow", "gpt-4o"));
        many(lab, quiet, concurrent.name(), CALLS, concurrent.statuses(), (port, kept, count) -> call(port, kept, concurrent), over, WORKERS);
        for (Thread holder : holders) {
            holder.join();
        }
    }

    private interface Deed {
        int run(int port, Wire[] kept, int number) throws IOException;
    }

    private void many(Lab lab, Map<String, Double> quiet, String name, int times, List<Integer> expected, Deed deed)
            throws Exception {
        many(lab, quiet, name, times, expected, deed, new AtomicBoolean(), WORKERS);
    }

    private void many(Lab lab, Map<String, Double> quiet, String name, int times, List<Integer> expected, Deed deed,
            AtomicBoolean over, int workersAtOnce) throws Exception {
        AtomicInteger next = new AtomicInteger();
        Map<Integer, Integer> statuses = new TreeMap<>();
        List<Thread> workers = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < workersAtOnce; i++) {
            workers.add(Thread.ofVirtual().start(() -> {
                Wire[] kept = {null};
                for (int number = next.getAndIncrement(); number < times && System.nanoTime() - began < ROW_NANOS;
                        number = next.getAndIncrement()) {
                    int status;
                    try {
                        status = deed.run(lab.port, kept, number);
                    } catch (IOException broken) {
                        status = 0;
                        Lab.nap(20);
                    }
                    if (status == 0 && kept[0] != null) {
                        kept[0].close();
                        kept[0] = null;
                    }
                    synchronized (statuses) {
                        statuses.merge(status, 1, Integer::sum);
                    }
                }
                if (kept[0] != null) {
                    kept[0].close();
                }
            }));
        }
        for (Thread worker : workers) {
            worker.join();
        }
        over.set(true);
        double seconds = (System.nanoTime() - began) / 1e9;
        Map<String, Double> left = lab.leftAfter(quiet, REST_SECONDS);
        int as = expected.stream().mapToInt(each -> statuses.getOrDefault(each, 0)).sum();
        Lab.say(RESULTS, String.format(java.util.Locale.ROOT, "| %s | %,d | %s | %.0f | %s | %d |", name, times, statuses,
                seconds, left.isEmpty() ? "" : "**" + left.toString().replace("|", "/") + "**", lab.trouble().size()));
        held &= left.isEmpty() && as >= times * 0.99;
        if (!left.isEmpty() || !lab.livesNow()) {
            lab.restartGateway();
        }
    }

    private int socket(int port, Wire[] kept, int number) throws IOException {
        try (Wire wire = Wire.http1(port, "127.0.0.1")) {
            String answer = wire.send(Wire.upgrade("/v1/realtime?model=gpt-4o", Lab.key("victim"))).answer(MILLIS);
            if (number % 2 == 0) {
                wire.send(Wire.message(8, true, new byte[] {3, -24})).some(64, MILLIS);
            }
            return Wire.statusOf(answer);
        }
    }

    private static int call(int port, Wire[] kept, Refused refused) throws IOException {
        boolean old = kept[0] != null;
        if (!old) {
            kept[0] = Wire.http1(port, "127.0.0.1");
        }
        String answer = kept[0].send(refused.request()).answer(MILLIS);
        if (answer.toLowerCase(java.util.Locale.ROOT).contains("\nconnection: close") || answer.isEmpty()) {
            kept[0].close();
            kept[0] = null;
        }
        return answer.isEmpty() && old ? call(port, kept, refused) : Wire.statusOf(answer);
    }
}
