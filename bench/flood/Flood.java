import ch.qos.logback.classic.Level;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Floods a gateway before a simulator with many times its upstream quota, and says whether the quota held and whether
 * it was used. Started by {@code run}, which also starts, stops and restarts the gateway, and records that in a file.
 *
 * <p>Open loop: calls are sent when they are due, however earlier ones fared, and a late one is counted from the
 * moment at which it was due. Everything is bounded: the calls, those open at once, and the time of each and of all.
 */
final class Flood {

    /** What to do; each field is set by a flag of its name. */
    record Plan(String variant, int gateway, int admin, int simulator, Path directory, int seconds, int callsPerMinute,
            int quota, int tenants, int mostOpen) {
        static final int SETTLED_MILLIS = 5_000;
        static final int WINDOW_MILLIS = 60_000;
        static final int CALL_MILLIS = 60_000;
        static final double LEAST_USE = 0.92;
        static final double MOST_HEAP_GROWTH = 0.10;

        static Plan of(String[] words) {
            Map<String, String> flags = new TreeMap<>();
            for (int i = 0; i + 1 < words.length; i += 2) {
                flags.put(words[i].replaceFirst("^--", ""), words[i + 1]);
            }
            return new Plan(flags.getOrDefault("variant", "steady"), number(flags, "gateway", 0),
                    number(flags, "admin", 0), number(flags, "simulator", 0),
                    Path.of(flags.getOrDefault("directory", "target/flood")), number(flags, "seconds", 180),
                    number(flags, "calls-per-minute", 20_000), number(flags, "quota", 1000),
                    number(flags, "tenants", 8), number(flags, "most-open", 4000));
        }

        private static int number(Map<String, String> flags, String name, int otherwise) {
            return Integer.parseInt(flags.getOrDefault(name, Integer.toString(otherwise)));
        }

        boolean restarts() {
            return !variant.equals("steady");
        }

        long calls() {
            return (long) callsPerMinute * seconds / 60;
        }
    }

    /** A line of the file that both sides append to: a moment, what happened, to which process. */
    record Event(long millis, String word, long number) {
        static Path file(Path directory) {
            return directory.resolve("events");
        }

        static List<Event> read(Path directory) throws IOException {
            return Files.readAllLines(file(directory)).stream().map(line -> line.split(" "))
                    .map(words -> new Event(Long.parseLong(words[0]), words[1], Long.parseLong(words[2]))).toList();
        }

        static void tell(Path directory, String word) throws IOException {
            Files.writeString(file(directory), System.currentTimeMillis() + " " + word + " 0\n",
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }

        static Optional<Event> last(List<Event> events, String word) {
            return events.reversed().stream().filter(event -> event.word().equals(word)).findFirst();
        }
    }

    public static void main(String[] words) throws Exception {
        // Connections that break are part of the test, and counted.
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        Plan plan = Plan.of(words);
        Vertx vertx = Vertx.vertx();
        boolean kept;
        try {
            kept = run(vertx, plan);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
        System.exit(kept ? 0 : 1);
    }

    private static boolean run(Vertx vertx, Plan plan) throws Exception {
        Probe probe = new Probe(vertx, plan);
        Load load = new Load(vertx, plan);
        GatewayProcess gateway = new GatewayProcess(plan);
        Event.tell(plan.directory(), "load");
        load.start();
        gateway.watch(load::ended);
        if (!load.awaitEnd()) {
            System.err.println("flood: calls are still open after every time-out: a fault of the load generator");
            return false;
        }
        Report report = new Report(plan, load, gateway, probe);
        report.print();
        return report.kept();
    }

    /** The calls, on one event loop. */
    static final class Load {
        private static final int TICK_MILLIS = 3;
        /** Spare connections of a slow moment must not be counted as the gateway's heap a minute later. */
        private static final int SPARE_CONNECTION_SECONDS = 15;

        private final Vertx vertx;
        private final Plan plan;
        private final HttpClient client;
        private final Random random = new Random(1);
        private final List<Integer> turn = new ArrayList<>();
        private final CountDownLatch end = new CountDownLatch(1);
        private long startedNanos;
        private volatile long startedMillis;
        private volatile boolean sending = true;
        private long due;
        private int open;

        final Map<String, Long> answers = new TreeMap<>();
        final long[] served;
        final Histogram servedMicros = histogram();
        final Histogram refusedMicros = histogram();
        final Histogram waitMillis = histogram();
        int mostOpen;

        Load(Vertx vertx, Plan plan) {
            this.vertx = vertx;
            this.plan = plan;
            this.served = new long[plan.tenants()];
            this.client = vertx.createHttpClient(
                    new HttpClientOptions().setDefaultHost("127.0.0.1").setDefaultPort(plan.gateway())
                            .setConnectTimeout(5_000).setKeepAliveTimeout(SPARE_CONNECTION_SECONDS),
                    new PoolOptions().setHttp1MaxSize(plan.mostOpen()).setMaxWaitQueueSize(0));
        }

        private static Histogram histogram() {
            return new Histogram(TimeUnit.MINUTES.toMicros(3), 3);
        }

        void start() {
            startedMillis = System.currentTimeMillis();
            vertx.runOnContext(now -> {
                startedNanos = System.nanoTime();
                vertx.setPeriodic(TICK_MILLIS, this::tick);
            });
        }

        long startedMillis() {
            return startedMillis;
        }

        /** Whether all calls have been sent. */
        boolean ended() {
            return !sending;
        }

        /** Whether all calls came to an end in time; each has a time-out. */
        boolean awaitEnd() throws InterruptedException {
            return end.await(plan.seconds() + Plan.CALL_MILLIS / 1000 + 15, TimeUnit.SECONDS);
        }

        private void tick(long timer) {
            double nanosPerCall = 60e9 / plan.callsPerMinute();
            long now = System.nanoTime() - startedNanos;
            while (due < plan.calls() && due * nanosPerCall <= now) {
                send(due, startedNanos + Math.round(due * nanosPerCall));
                due++;
            }
            if (due == plan.calls()) {
                vertx.cancelTimer(timer);
                sending = false;
                endIfIdle();
            }
        }

        private void send(long number, long dueNanos) {
            if (open >= plan.mostOpen()) {
                count("not sent: too many open");
                return;
            }
            open++;
            mostOpen = Math.max(mostOpen, open);
            new Sent(this, nextTenant(), dueNanos).go(number);
        }

        /** Every tenant once, in an order that changes from round to round. */
        private int nextTenant() {
            if (turn.isEmpty()) {
                for (int i = 0; i < plan.tenants(); i++) {
                    turn.add(i);
                }
                Collections.shuffle(turn, random);
            }
            return turn.removeLast();
        }

        private void count(String outcome) {
            answers.merge(outcome, 1L, Long::sum);
        }

        private void endIfIdle() {
            if (!sending && open == 0) {
                end.countDown();
            }
        }
    }

    /** One call, which ends once: by its answer, by its connection, or by its time-out. */
    static final class Sent {
        private final Load load;
        private final int tenant;
        private final long dueNanos;
        private final long timer;
        private HttpClientRequest request;
        private boolean over;

        Sent(Load load, int tenant, long dueNanos) {
            this.load = load;
            this.tenant = tenant;
            this.dueNanos = dueNanos;
            this.timer = load.vertx.setTimer(Plan.CALL_MILLIS, late -> {
                end("time-out after 60 s");
                if (request != null) {
                    request.reset();
                }
            });
        }

        void go(long number) {
            load.client
                    .request(new RequestOptions().setMethod(HttpMethod.POST).setURI("/v1/chat/completions")
                            .putHeader("authorization", "Bearer sk-sluice-flood-key-of-tenant-" + tenant)
                            .putHeader("content-type", "application/json"))
                    .compose(opened -> {
                        request = opened;
                        return opened.send(prompt(number)).compose(response -> response.body().onSuccess(
                                body -> answered(response.statusCode(), response.getHeader("x-sluice-wait-ms"), body)));
                    })
                    .onFailure(failure -> end(
                            failure instanceof ConnectException || request == null ? "no connection" : "cut off"));
        }

        private static Buffer prompt(long number) {
            return Buffer.buffer("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":"
                    + "\"Sum up ticket number " + number + " in one sentence.\"}]}");
        }

        private void answered(int status, String waited, Buffer body) {
            long micros = Math.max(0, (System.nanoTime() - dueNanos) / 1000);
            if (status == 200) {
                load.servedMicros.recordValue(micros);
                load.served[tenant]++;
                load.waitMillis.recordValue(waited == null ? 0 : Long.parseLong(waited));
                end("200");
            } else {
                load.refusedMicros.recordValue(micros);
                end(status + " " + code(body));
            }
        }

        private static String code(Buffer body) {
            try {
                return body.toJsonObject().getJsonObject("error").getString("code");
            } catch (DecodeException | NullPointerException | ClassCastException e) {
                return "without a code";
            }
        }

        private void end(String outcome) {
            if (!over) {
                over = true;
                load.vertx.cancelTimer(timer);
                load.count(outcome);
                load.open--;
                load.endIfIdle();
            }
        }
    }

    /** What the operating system and the JVM say of the gateway, whichever process it is just then. */
    static final class GatewayProcess {
        private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+[0-9]+\\s+([0-9]+)\\s*$");

        private final Plan plan;
        private final Map<Long, Duration> cpu = new ConcurrentHashMap<>();
        private volatile double cpuBeforeSecondHalf;
        private volatile long firstHeap;
        private volatile long lastHeap;

        GatewayProcess(Plan plan) {
            this.plan = plan;
        }

        /** Looks twice a second until the load has ended; the heap only where one process lives throughout. */
        void watch(BooleanSupplier ended) {
            Thread.ofPlatform().daemon().name("watch").start(() -> {
                long started = System.nanoTime();
                long firstAt = Math.min(60, plan.seconds() / 3);
                try {
                    while (!ended.getAsBoolean()) {
                        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
                        lookAtCpu();
                        if (cpuBeforeSecondHalf == 0 && seconds >= plan.seconds() / 2) {
                            cpuBeforeSecondHalf = cpuSeconds();
                        }
                        if (!plan.restarts() && firstHeap == 0 && seconds >= firstAt) {
                            firstHeap = liveHeap("heap-first.txt");
                        }
                        if (!plan.restarts() && lastHeap == 0 && seconds >= plan.seconds() - 2) {
                            lastHeap = liveHeap("heap-last.txt");
                        }
                        Thread.sleep(500);
                    }
                } catch (IOException e) {
                    System.err.println("flood: cannot look at the gateway: " + e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private void lookAtCpu() throws IOException {
            for (Event event : Event.read(plan.directory())) {
                if (event.word().equals("started")) {
                    ProcessHandle.of(event.number()).flatMap(process -> process.info().totalCpuDuration())
                            .ifPresent(time -> cpu.put(event.number(), time));
                }
            }
        }

        /** Bytes of the objects that are reachable; the histogram collects all garbage first. */
        private long liveHeap(String file) throws IOException, InterruptedException {
            long pid = Event.last(Event.read(plan.directory()), "started").orElseThrow().number();
            Path histogram = plan.directory().resolve(file);
            Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(pid), "GC.class_histogram").redirectErrorStream(true)
                    .redirectOutput(histogram.toFile()).start();
            if (!jcmd.waitFor(20, TimeUnit.SECONDS)) {
                jcmd.destroyForcibly();
                return -1;
            }
            Matcher total = TOTAL.matcher(Files.readString(histogram));
            return total.find() ? Long.parseLong(total.group(1)) : -1;
        }

        double cpuSecondsOfSecondHalf() {
            return cpuSeconds() - cpuBeforeSecondHalf;
        }

        double cpuSeconds() {
            return cpu.values().stream().mapToLong(Duration::toMillis).sum() / 1000.0;
        }
    }

    /** Asks the simulator and the gateway what they have counted. */
    static final class Probe {
        private final Plan plan;
        private final HttpClient client;

        Probe(Vertx vertx, Plan plan) {
            this.plan = plan;
            this.client = vertx.createHttpClient(new HttpClientOptions().setDefaultHost("127.0.0.1"));
        }

        private Buffer get(int port, String path) throws Exception {
            return client.request(HttpMethod.GET, port, "127.0.0.1", path)
                    .compose(request -> request.send().compose(response -> response.body())).toCompletionStage()
                    .toCompletableFuture().get(20, TimeUnit.SECONDS);
        }

        JsonObject statistics() throws Exception {
            return get(plan.simulator(), "/simulator/statistics").toJsonObject();
        }

        /** When the upstream accepted calls, in milliseconds since a moment of this process's clock. */
        long[] accepted(long sinceMillis) throws Exception {
            long before = System.currentTimeMillis();
            JsonArray ages = get(plan.simulator(), "/simulator/accepted?account=main").toJsonObject()
                    .getJsonArray("millisAgo");
            long asked = (before + System.currentTimeMillis()) / 2 - sinceMillis;
            return ages.stream().mapToLong(age -> asked - ((Number) age).longValue()).sorted().toArray();
        }

        /** A gauge once it is 0, or what it still is after five seconds. */
        double atRest(String gauge) throws Exception {
            double value = gauge(gauge);
            for (int i = 0; i < 20 && value != 0; i++) {
                Thread.sleep(250);
                value = gauge(gauge);
            }
            return value;
        }

        private double gauge(String name) throws Exception {
            return get(plan.admin(), "/metrics").toString().lines()
                    .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
        }
    }

    /** Moments of upstream calls, and the windows over them. */
    record Moments(long[] millis) {

        /** The fewest in any window that lies between two moments; empty if none fits. */
        OptionalInt fewest(long from, long to) {
            long last = to - Plan.WINDOW_MILLIS;
            if (last < from) {
                return OptionalInt.empty();
            }
            int fewest = in(from);
            for (long moment : millis) {
                if (moment >= from && moment < last) {
                    fewest = Math.min(fewest, in(moment + 1));
                }
            }
            return OptionalInt.of(fewest);
        }

        private int in(long start) {
            return firstFrom(start + Plan.WINDOW_MILLIS) - firstFrom(start);
        }

        private int firstFrom(long moment) {
            int at = Arrays.binarySearch(millis, moment);
            if (at < 0) {
                return -at - 1;
            }
            while (at > 0 && millis[at - 1] == moment) {
                at--;
            }
            return at;
        }

        /** The longest time without a call between two moments. */
        long longestPause(long from, long to) {
            long longest = 0;
            long previous = from;
            for (long moment : millis) {
                if (moment > from && moment < to) {
                    longest = Math.max(longest, moment - previous);
                    previous = moment;
                }
            }
            return Math.max(longest, to - previous);
        }
    }

    /** What was found, held against what was promised. */
    static final class Report {
        private final Plan plan;
        private final JsonObject json = new JsonObject();
        private final List<String[]> rows = new ArrayList<>();
        private boolean kept = true;

        Report(Plan plan, Load load, GatewayProcess gateway, Probe probe) throws Exception {
            this.plan = plan;
            JsonObject statistics = probe.statistics();
            JsonObject account = statistics.getJsonObject("accounts").getJsonObject("main");
            Moments moments = new Moments(probe.accepted(load.startedMillis()));
            row("variant", plan.variant());
            row("load", plan.calls() + " calls in " + plan.seconds() + " s by " + plan.tenants() + " tenants");
            upstream(statistics, account);
            windows(moments, Event.read(plan.directory()), load.startedMillis());
            answers(load, account.getLong("accepted"));
            bounded("reservations open at rest", probe.atRest("sluice_reservations_open"), 0);
            bounded("calls waiting at rest", probe.atRest("sluice_queue_waiting"), 0);
            bounded("bytes of bodies held at rest", probe.atRest("sluice_held_body_bytes"), 0);
            heap(gateway);
            row("gateway CPU seconds, its start included", gateway.cpuSeconds());
            row("gateway CPU seconds, second half only", Math.round(gateway.cpuSecondsOfSecondHalf() * 100) / 100.0);
            json.put("kept", kept);
            Files.writeString(plan.directory().resolve("report.json"), json.encodePrettily() + "\n");
        }

        boolean kept() {
            return kept;
        }

        private void upstream(JsonObject statistics, JsonObject account) {
            row("upstream calls", account.getLong("requests"));
            bounded("upstream answers 429", statistics.getLong("rateLimited"), 0);
            bounded("fullest 60 s upstream", account.getLong("window60Max"), plan.quota());
        }

        private void windows(Moments moments, List<Event> events, long started) {
            long end = plan.seconds() * 1000L;
            double least = plan.quota() * Plan.LEAST_USE;
            if (!plan.restarts()) {
                atLeast("emptiest 60 s upstream", moments.fewest(Plan.SETTLED_MILLIS, end), least);
                row("longest pause upstream, ms", moments.longestPause(Plan.SETTLED_MILLIS, end));
                return;
            }
            long stopping = Event.last(events, "stopping").orElseThrow().millis() - started;
            Event exit = Event.last(events, "gone").orElseThrow();
            long gone = exit.millis() - started;
            long ready = Event.last(events, "ready").orElseThrow().millis() - started;
            row("restart: told to stop, s", stopping / 1000.0);
            row("restart: gone, s", gone / 1000.0);
            row("restart: next one ready, s", ready / 1000.0);
            if (plan.variant().equals("drain")) {
                bounded("exit code of the first gateway", exit.number(), 0);
            }
            atLeast("emptiest 60 s before the restart", moments.fewest(Plan.SETTLED_MILLIS, stopping), least);
            atLeast("emptiest 60 s after the restart", moments.fewest(ready + Plan.SETTLED_MILLIS, end), least);
            double running = 1 - (double) (ready - gone) / Plan.WINDOW_MILLIS;
            atLeast("emptiest 60 s across the restart", moments.fewest(Plan.SETTLED_MILLIS, end), least * running);
            row("longest pause upstream, ms", moments.longestPause(Plan.SETTLED_MILLIS, end));
        }

        private void answers(Load load, long accepted) {
            long timeouts = 0;
            long others = 0;
            for (Map.Entry<String, Long> answer : load.answers.entrySet()) {
                String outcome = answer.getKey();
                row("calls that ended with " + outcome, answer.getValue());
                timeouts += outcome.startsWith("time-out") || outcome.startsWith("not sent") ? answer.getValue() : 0;
                others += expected(outcome) ? 0 : answer.getValue();
            }
            bounded("calls timed out or not sent", timeouts, 0);
            bounded("calls that ended otherwise than they may", others, 0);
            long unanswered = accepted - load.answers.getOrDefault("200", 0L);
            if (plan.restarts()) {
                row("upstream calls whose caller got no answer", unanswered);
            } else {
                bounded("upstream calls whose caller got no answer", unanswered, 0);
            }
            row("served to the least and the most served tenant",
                    Arrays.stream(load.served).min().orElse(0) + " and " + Arrays.stream(load.served).max().orElse(0));
            row("refused only after more than 20 s", load.refusedMicros.getCountBetweenValues(20_000_000,
                    load.refusedMicros.getMaxValue() + 20_000_000));
            row("most calls open at once", load.mostOpen);
            percentiles("waited for quota, ms", load.waitMillis, 1);
            percentiles("served after, ms", load.servedMicros, 1000);
            percentiles("refused after, ms", load.refusedMicros, 1000);
        }

        private boolean expected(String outcome) {
            return switch (outcome) {
                case "200", "429 upstream_quota_exhausted" -> true;
                case "503 draining" -> plan.variant().equals("drain");
                case "no connection", "cut off" -> plan.restarts();
                default -> false;
            };
        }

        private void heap(GatewayProcess gateway) {
            if (plan.restarts()) {
                return;
            }
            row("live heap early, bytes", gateway.firstHeap);
            row("live heap late, bytes", gateway.lastHeap);
            double growth = gateway.firstHeap <= 0 || gateway.lastHeap <= 0
                    ? 1
                    : (double) gateway.lastHeap / gateway.firstHeap - 1;
            bounded("growth of live heap, %", Math.round(growth * 1000) / 10.0, Plan.MOST_HEAP_GROWTH * 100);
        }

        private void percentiles(String name, Histogram values, int scale) {
            row(name + " p50 / p99 / max", String.format(Locale.ROOT, "%.1f / %.1f / %.1f",
                    values.getValueAtPercentile(50) / (double) scale, values.getValueAtPercentile(99) / (double) scale,
                    values.getMaxValue() / (double) scale));
        }

        private void row(String name, Object value) {
            add(name, value, "", true);
        }

        private void bounded(String name, Number value, Number most) {
            add(name, value, most.doubleValue() == 0 ? "must be 0" : "at most " + most,
                    value.doubleValue() <= most.doubleValue());
        }

        private void atLeast(String name, OptionalInt value, double least) {
            if (value.isEmpty()) {
                row(name, "no whole window");
            } else {
                add(name, value.getAsInt(), String.format(Locale.ROOT, "at least %.0f", least),
                        value.getAsInt() >= least);
            }
        }

        private void add(String name, Object value, String bound, boolean good) {
            kept &= good;
            json.put(name, value);
            rows.add(new String[]{name, String.valueOf(value), bound, bound.isEmpty() ? "" : good ? "ok" : "BROKEN"});
        }

        void print() {
            rows.forEach(row -> System.out.printf("%-50s %-32s %-14s %s%n", (Object[]) row));
        }
    }
}
