import ch.qos.logback.classic.Level;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers calls to a gateway before a simulator and holds what becomes of them against what was promised, one scenario at
 * a time. Started by {@code run}, which starts and stops the gateway and the simulator.
 *
 * <p>Open loop: calls are sent when due, however earlier ones fared, except by clients that obey. Everything
 * is bounded: the calls, those open at once, and the time of each and of all.
 */
final class Live {
    static final int CALL_MILLIS = 60_000;
    static final int MOST_OPEN = 3000;

    /** What a strict account refills in a minute. */
    static double strictPerMinute(int rpm) {
        return (rpm - Math.max(1, rpm / 20) + 1) * 60.0 / 61;
    }

    /** One call that has ended; moments in milliseconds since the load began. */
    record Done(String tenant, long due, long end, int status, String code, String source, String message, double waited,
            long retryAfterMillis) {

        boolean good() {
            return status == 200;
        }

        /** There was no permit in time; the upstream had nothing to do with it. */
        boolean noPermit() {
            return status == 429 && code.equals("upstream_quota_exhausted") && !message.contains("reports");
        }
    }

    public static void main(String[] words) throws Exception {
        // Connections that break are part of the test, and counted.
        ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
        Map<String, String> flags = new TreeMap<>();
        for (int i = 0; i + 1 < words.length; i += 2) {
            flags.put(words[i].replaceFirst("^--", ""), words[i + 1]);
        }
        Bench bench = new Bench(flags);
        bench.warmUp();
        switch (flags.get("scenario")) {
            case "shares" -> shares(bench);
            case "weights" -> weights(bench);
            case "quiet" -> quiet(bench);
            case "accounts" -> accounts(bench);
            case "dead" -> dead(bench);
            case "outside" -> outside(bench);
            case "flaky" -> flaky(bench);
            case "outage" -> outage(bench);
            case "forecast" -> forecast(bench);
            default -> throw new IllegalArgumentException("scenario: " + flags.get("scenario"));
        }
        System.exit(bench.report.write() ? 0 : 1);
    }

    /** Equal tenants that offer 1 : 2 : … : 128. */
    private static void shares(Bench bench) throws Exception {
        int end = bench.seconds(180);
        int from = Math.min(20, end / 4);
        for (int i = 0; i < 8; i++) {
            bench.load.offer(new Stream("tenant-" + i, 25 << i));
        }
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        bench.until(end);
        Counts last = bench.counts();
        bench.load.stop();
        bench.fairness(tenants(8), from, end, 3, tenant -> 1, tenant -> 25 << number(tenant));
        bench.upstream(first, last, strictPerMinute(600), 97);
    }

    private static void weights(Bench bench) throws Exception {
        int end = bench.seconds(60);
        int from = Math.min(20, end / 4);
        List<String> tenants = List.of("weight-1", "weight-2", "weight-4");
        tenants.forEach(tenant -> bench.load.offer(new Stream(tenant, 700)));
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        bench.until(end);
        Counts last = bench.counts();
        bench.load.stop();
        bench.fairness(tenants, from, end, 5, Live::number, tenant -> 700);
        bench.upstream(first, last, strictPerMinute(600), 97);
    }

    /** One tenant at half its fair share, first evenly, then by chance, while seven others always wait. */
    private static void quiet(Bench bench) throws Exception {
        int each = bench.seconds(60);
        double perMinute = strictPerMinute(1200);
        int from = 15;
        for (int i = 0; i < 7; i++) {
            bench.load.offer(new Stream("tenant-" + i, 400));
        }
        bench.load.offer(new Stream("quiet", perMinute / 8 / 2).between(from, from + each));
        bench.load.offer(new Stream("quiet", perMinute / 8 / 2).byChance().between(from + each, from + 2 * each));
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        bench.until(from + 2 * each);
        Counts last = bench.counts();
        bench.until(from + 2 * each + 5);
        bench.load.stop();
        double interval = 60 / perMinute;
        bench.report.row("one permit every, s", interval);
        for (boolean evenly : new boolean[]{true, false}) {
            int start = evenly ? from : from + each;
            List<Done> calls = bench.load.done(
                    call -> call.tenant().equals("quiet") && call.due() >= start * 1000L
                            && call.due() < (start + each) * 1000L);
            double[] waits = calls.stream().mapToDouble(Done::waited).toArray();
            String how = evenly ? "evenly spaced" : "by chance";
            bench.report.row(how + ": calls", calls.size());
            bench.report.atMost(how + ": not answered", calls.stream().filter(call -> !call.good()).count(), 0);
            bench.report.row(how + ": wait p50, s", quantile(waits, 0.5));
            bench.report.atMost(how + ": wait p99, s", quantile(waits, 0.99), (evenly ? 1.5 : 4) * 7 * interval);
        }
        bench.upstream(first, last, perMinute, 97);
    }

    /** Three accounts, two kinds of tenants that may use only some of them. */
    private static void accounts(Bench bench) throws Exception {
        int end = bench.seconds(60);
        int from = 15;
        bench.load.offer(new Stream("any", 800));
        bench.load.offer(new Stream("only-a", 400));
        bench.load.offer(new Stream("b-or-c", 400));
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        long looked = 0;
        long idle = 0;
        while (bench.load.millis() < end * 1000L) {
            JsonObject view = bench.get(bench.admin, "/admin/v1/queue").toJsonObject();
            if (view.getInteger("waiting") > 0) {
                looked++;
                // A permit's worth is what comes back in 0.2 s; two of them would have been there for that long.
                idle += view.getJsonArray("accounts").stream().map(JsonObject.class::cast)
                        .filter(account -> account.getJsonObject("remaining").getDouble("rpm") * 15 >= 2).count();
            }
            Thread.sleep(50);
        }
        Counts last = bench.counts();
        bench.load.stop();
        bench.report.row("looks at the queue while calls waited", looked);
        bench.report.atMost("looks that found an idle account", idle, Math.floor(looked * 0.01));
        for (String account : List.of("a", "b", "c")) {
            bench.report.atLeast("account " + account + ": used of what there was, %",
                    100 * last.since(first, account) / (strictPerMinute(300) / 60 * last.seconds(first)), 97);
        }
        for (String tenant : List.of("any", "only-a", "b-or-c")) {
            bench.report.row("calls of " + tenant + " served", bench.load.done(call -> call.good()
                    && call.tenant().equals(tenant) && call.end() >= from * 1000L && call.end() < end * 1000L).size());
        }
        bench.report.atMost("upstream answers 429", last.status429 - first.status429, 0);
    }

    /** One of three accounts answers 503 from some moment on; the other two could serve all that is offered. */
    private static void dead(Bench bench) throws Exception {
        int end = bench.seconds(60);
        int dies = 15;
        Front front = new Front(bench, "sk-simulator-a");
        front.listen();
        for (int i = 0; i < 4; i++) {
            bench.load.offer(new Stream("tenant-" + i, 200).byChance());
        }
        bench.start();
        bench.until(dies);
        front.dead = true;
        bench.until(dies + end);
        bench.load.stop();
        bench.drained();
        long errors = 0;
        long firstSecond = 0;
        for (Done call : bench.load.done(call -> !call.good() && call.end() >= dies * 1000L)) {
            if (call.end() < dies * 1000L + 1000) {
                firstSecond++;
            } else {
                errors++;
            }
        }
        bench.report.row("calls offered after the account died",
                bench.load.done(call -> call.due() >= dies * 1000L).size());
        bench.report.row("calls that the dead account was sent", front.refused);
        bench.report.row("client errors in the first second", firstSecond);
        bench.report.atMost("client errors after it", errors, 0);
        bench.answers(call -> call.end() >= dies * 1000L);
        bench.report.row("wait of the served p99, s", quantile(bench.load.done(Done::good).stream()
                .filter(call -> call.due() >= dies * 1000L).mapToDouble(Done::waited).toArray(), 0.99));
    }

    /** Half of the account's quota is used by somebody else, who does not go through the gateway. */
    private static void outside(Bench bench) throws Exception {
        int judged = bench.seconds(300);
        int from = 60;
        bench.load.offer(new Stream("tenant-0", 450));
        bench.load.offer(new Stream("tenant-1", 450));
        bench.load.offer(new Stream("outside", 300));
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        double refusedBefore = bench.metric("sluice_upstream_requests_total", "code=\"429\"");
        double callsBefore = bench.metric("sluice_upstream_requests_total", "");
        bench.until(from + judged);
        Counts last = bench.counts();
        double refused = bench.metric("sluice_upstream_requests_total", "code=\"429\"") - refusedBefore;
        double calls = bench.metric("sluice_upstream_requests_total", "") - callsBefore;
        bench.load.stop();
        Predicate<Done> within = call -> call.end() >= from * 1000L && call.end() < (from + judged) * 1000L;
        List<Done> outside = bench.load.done(within.and(call -> call.tenant().equals("outside")));
        long others = outside.stream().filter(Done::good).count();
        bench.report.row("gateway's calls upstream", calls);
        bench.report.row("answered 429 in the first minute, not judged", refusedBefore);
        bench.report.row("answered 429", refused);
        bench.report.atMost("answered 429, %", 100 * refused / calls, 1);
        bench.report.row("calls from outside, refused", outside.size() + ", " + (outside.size() - others));
        bench.report.atMost("429s of the upstream or other errors that clients saw", bench.load.done(within.and(
                call -> !call.tenant().equals("outside") && !call.good() && !call.noPermit())).size(), 0);
        double remainder = 600 / 60.0 * last.seconds(first) - others;
        bench.report.row("what the others left", remainder);
        bench.report.atLeast("of it used by the gateway, %", 100 * (calls - refused) / remainder, 95);
        bench.fairness(List.of("tenant-0", "tenant-1"), from, from + judged, 3, tenant -> 1, tenant -> 450);
    }

    private static void flaky(Bench bench) throws Exception {
        int span = bench.seconds(60);
        int from = 10;
        for (int i = 0; i < 3; i++) {
            bench.load.offer(new Stream("tenant-" + i, 140).between(0, from + span));
        }
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        bench.faults(new JsonObject().put("errorRate", 0.1));
        bench.until(from + span);
        bench.drained();
        bench.faults(new JsonObject());
        Counts last = bench.counts();
        List<Done> calls = bench.load.done(call -> call.due() >= from * 1000L);
        long sent = last.requests - first.requests;
        bench.report.row("calls offered", calls.size());
        bench.report.row("calls upstream", sent);
        bench.report.atLeast("answered 200, %", 100.0 * calls.stream().filter(Done::good).count() / calls.size(), 99.5);
        bench.report.atMost("calls upstream beyond those offered, %", 100.0 * sent / calls.size() - 100, 15);
        bench.answers(call -> call.due() >= from * 1000L);
    }

    private static void outage(Bench bench) throws Exception {
        int span = bench.seconds(60);
        int from = 10;
        for (int i = 0; i < 3; i++) {
            bench.load.offer(new Stream("tenant-" + i, 140));
        }
        bench.start();
        bench.until(from);
        Counts first = bench.counts();
        bench.faults(new JsonObject().put("errorRate", 1.0));
        bench.until(from + span);
        Counts last = bench.counts();
        bench.faults(new JsonObject());
        long mended = bench.load.millis();
        // The longest time from one call that tries to the next, and a while.
        bench.until(from + span + 45);
        bench.load.stop();
        bench.drained();
        List<Done> offered = bench.load.done(call -> call.due() >= from * 1000L && call.due() < (from + span) * 1000L);
        Instant began = bench.load.began();
        List<JsonObject> log = bench.log(began.plusSeconds(from), began.plusSeconds(from + span));
        long attempts = log.stream().mapToLong(line -> line.getLong("attempts", 0L)).sum();
        long sent = log.stream().filter(line -> line.getLong("attempts", 0L) > 0).count();
        bench.report.row("calls offered during the outage", offered.size());
        bench.report.row("calls upstream during the outage", last.requests - first.requests);
        bench.report.row("of ended calls: sent, attempts", sent + ", " + attempts);
        bench.report.atMost("attempts beyond the first, of calls offered, %",
                100.0 * (attempts - sent) / offered.size(), 20);
        long firstGood = bench.load.done(call -> call.good() && call.end() >= mended).stream().mapToLong(Done::end)
                .min().orElse(Long.MAX_VALUE);
        bench.report.atMost("first success after the recovery, s", (firstGood - mended) / 1000.0, 31);
        bench.report.row("of calls offered during the outage answered 200 later",
                offered.stream().filter(call -> call.good() && call.end() >= mended).count());
        bench.report.atMost("errors of calls offered from then on",
                bench.load.done(call -> !call.good() && call.due() > firstGood).size(), 0);
        bench.answers(call -> call.due() >= from * 1000L && call.due() < (from + span) * 1000L);
    }

    /** Tenants of different patience that always wait, and single clients that obey. */
    private static void forecast(Bench bench) throws Exception {
        int end = bench.seconds(90);
        int[] patience = {8, 12, 16, 20, 25, 30};
        for (int seconds : patience) {
            bench.load.offer(new Stream("waits-" + seconds, 200));
        }
        Obedient one = new Obedient(bench.load, "obeys-8", 140);
        Obedient other = new Obedient(bench.load, "obeys-3", 140);
        bench.start();
        bench.vertx.runOnContext(now -> {
            one.next();
            other.next();
        });
        bench.until(end);
        bench.load.stop();
        List<Double> errors = new ArrayList<>();
        for (JsonObject line : bench.log(bench.load.began(), bench.load.began().plusSeconds(end))) {
            double wait = line.getDouble("wait_ms", 0.0);
            if (line.getInteger("status") == 200 && wait >= 5000) {
                errors.add(100 * Math.abs(line.getDouble("predicted_wait_ms", 0.0) / wait - 1));
            }
        }
        double[] sorted = errors.stream().mapToDouble(Double::doubleValue).toArray();
        bench.report.row("waits of 5 s or more", errors.size());
        bench.report.atMost("error of the prediction p50, %", quantile(sorted, 0.5), 20);
        bench.report.atMost("error of the prediction p90, %", quantile(sorted, 0.9), 40);
        for (Obedient client : List.of(one, other)) {
            bench.report.row(client.tenant + ": told to wait", client.tries);
            bench.report.atLeast(client.tenant + ": in at the next try, %", 100.0 * client.in / client.tries, 95);
        }
        List<Done> late = bench.load.done(call -> call.noPermit() && call.end() - call.due() > 1000);
        bench.report.row("calls refused only after waiting", late.size());
        bench.answers(call -> true);
    }

    private static List<String> tenants(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("tenant-" + i);
        }
        return names;
    }

    private static int number(String tenant) {
        return Integer.parseInt(tenant.substring(tenant.indexOf('-') + 1));
    }

    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    /** Calls of one tenant at a steady rate. */
    static final class Stream {
        private final String tenant;
        private final double gapMillis;
        private boolean byChance;
        private long from;
        private long to = Long.MAX_VALUE;
        private double due = -1;

        Stream(String tenant, double perMinute) {
            this.tenant = tenant;
            this.gapMillis = 60_000 / perMinute;
        }

        Stream byChance() {
            byChance = true;
            return this;
        }

        Stream between(int fromSecond, int toSecond) {
            from = fromSecond * 1000L;
            to = toSecond * 1000L;
            return this;
        }

        /** Sends what is due. */
        void tick(Load load, long now) {
            if (due < 0) {
                due = from + load.random.nextDouble() * gapMillis;
            }
            while (due <= now && due < to) {
                load.send(tenant, Math.round(due), done -> {
                });
                due += byChance ? -Math.log(1 - load.random.nextDouble()) * gapMillis : gapMillis;
            }
        }
    }

    /** A client that sends faster than its share and, when refused, does nothing until the time it was given has passed. */
    static final class Obedient {
        private static final long HEARD_MILLIS = 300;

        private final Load load;
        final String tenant;
        private final long gapMillis;
        int tries;
        int in;

        Obedient(Load load, String tenant, double perMinute) {
            this.load = load;
            this.tenant = tenant;
            this.gapMillis = Math.round(60_000 / perMinute);
        }

        void next() {
            send(false);
        }

        /** A refusal comes at once; a call that is not refused by then waits. */
        private void send(boolean again) {
            if (load.stopped()) {
                return;
            }
            boolean[] decided = {false};
            load.send(tenant, load.millis(), done -> {
                if (!decided[0] && done.retryAfterMillis() >= 0) {
                    decided[0] = true;
                    tries += again ? 1 : 0;
                    load.vertx.setTimer(Math.max(1, done.retryAfterMillis()), over -> send(true));
                }
            });
            load.vertx.setTimer(HEARD_MILLIS, silent -> {
                if (!decided[0]) {
                    decided[0] = true;
                    tries += again ? 1 : 0;
                    in += again ? 1 : 0;
                    load.vertx.setTimer(Math.max(1, gapMillis - HEARD_MILLIS), over -> send(false));
                }
            });
        }
    }

    /** The calls, on one event loop. */
    static final class Load {
        private static final int TICK_MILLIS = 3;

        private final Vertx vertx;
        private final HttpClient client;
        private final int gateway;
        private final int simulator;
        private final List<Stream> streams = new ArrayList<>();
        private final List<Done> ended = new ArrayList<>();
        private final Random random = new Random(1);
        private long number;
        private volatile long startedNanos;
        private volatile Instant began = Instant.EPOCH;
        private volatile boolean stopped;
        private volatile int open;

        Load(Vertx vertx, int gateway, int simulator) {
            this.vertx = vertx;
            this.gateway = gateway;
            this.simulator = simulator;
            this.client = vertx.createHttpClient(
                    new HttpClientOptions().setDefaultHost("127.0.0.1").setConnectTimeout(5_000)
                            .setKeepAliveTimeout(15),
                    new PoolOptions().setHttp1MaxSize(MOST_OPEN).setMaxWaitQueueSize(0));
        }

        void offer(Stream stream) {
            streams.add(stream);
        }

        void start() {
            vertx.runOnContext(now -> {
                synchronized (this) {
                    ended.clear();
                }
                startedNanos = System.nanoTime();
                began = Instant.now();
                vertx.setPeriodic(TICK_MILLIS, timer -> {
                    if (stopped) {
                        vertx.cancelTimer(timer);
                    } else {
                        streams.forEach(stream -> stream.tick(this, millis()));
                    }
                });
            });
        }

        Instant began() {
            return began;
        }

        long millis() {
            return startedNanos == 0 ? 0 : (System.nanoTime() - startedNanos) / 1_000_000;
        }

        void stop() {
            stopped = true;
        }

        boolean stopped() {
            return stopped;
        }

        synchronized List<Done> done(Predicate<Done> which) {
            return ended.stream().filter(which).toList();
        }

        private synchronized void add(Done done) {
            ended.add(done);
        }

        private void send(String tenant, long due, java.util.function.Consumer<Done> then) {
            if (open >= MOST_OPEN) {
                add(new Done(tenant, due, millis(), 0, "not sent: too many open", "", "", 0, -1));
                return;
            }
            open++;
            new Sent(this, tenant, due, then).go(number++);
        }
    }

    /** One call, which ends once: by its answer, by its connection, or by its time-out. */
    static final class Sent {
        private final Load load;
        private final String tenant;
        private final long due;
        private final java.util.function.Consumer<Done> then;
        private final long timer;
        private HttpClientRequest request;
        private boolean over;

        Sent(Load load, String tenant, long due, java.util.function.Consumer<Done> then) {
            this.load = load;
            this.tenant = tenant;
            this.due = due;
            this.then = then;
            this.timer = load.vertx.setTimer(CALL_MILLIS, late -> {
                end(0, "time-out after 60 s", "", "", 0, -1);
                if (request != null) {
                    request.reset();
                }
            });
        }

        void go(long number) {
            boolean outside = tenant.equals("outside");
            load.client
                    .request(new RequestOptions().setMethod(HttpMethod.POST)
                            .setPort(outside ? load.simulator : load.gateway).setURI("/v1/chat/completions")
                            .putHeader("authorization",
                                    "Bearer " + (outside ? "sk-simulator" : "sk-sluice-fairness-key-of-" + tenant))
                            .putHeader("content-type", "application/json"))
                    .compose(opened -> {
                        request = opened;
                        return opened.send(prompt(number)).compose(response -> response.body().onSuccess(body -> {
                            String waited = response.getHeader("x-sluice-wait-ms");
                            String retry = response.getHeader("retry-after-ms");
                            JsonObject error = response.statusCode() == 200 ? new JsonObject() : error(body);
                            end(response.statusCode(), String.valueOf(error.getValue("code")),
                                    String.valueOf(response.getHeader("x-sluice-error-source")),
                                    String.valueOf(error.getValue("message")),
                                    waited == null ? 0 : Double.parseDouble(waited) / 1000,
                                    retry == null ? -1 : Long.parseLong(retry));
                        }));
                    })
                    .onFailure(failure -> end(0, request == null ? "no connection" : "cut off", "", "", 0, -1));
        }

        private static Buffer prompt(long number) {
            return Buffer.buffer("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":"
                    + "\"Sum up ticket number " + number + " in one sentence.\"}]}");
        }

        private static JsonObject error(Buffer body) {
            try {
                return body.toJsonObject().getJsonObject("error", new JsonObject());
            } catch (DecodeException | ClassCastException e) {
                return new JsonObject();
            }
        }

        private void end(int status, String code, String source, String message, double waited, long retryAfter) {
            if (!over) {
                over = true;
                load.vertx.cancelTimer(timer);
                load.open--;
                Done done = new Done(tenant, due, load.millis(), status, code, source, message, waited, retryAfter);
                load.add(done);
                then.accept(done);
            }
        }
    }

    /** Stands between gateway and simulator, and answers 503 in place of one account once that is dead. */
    static final class Front {
        private final Bench bench;
        private final String key;
        private final HttpClient client;
        volatile boolean dead;
        volatile int refused;

        Front(Bench bench, String key) {
            this.bench = bench;
            this.key = key;
            this.client = bench.vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(1000));
        }

        void listen() throws Exception {
            Bench.await(bench.vertx.createHttpServer().requestHandler(this::pass).listen(bench.front, "127.0.0.1"));
        }

        private void pass(HttpServerRequest request) {
            request.body().onSuccess(body -> {
                String authorization = String.valueOf(request.getHeader("authorization"));
                if (dead && authorization.equals("Bearer " + key)) {
                    refused++;
                    request.response().setStatusCode(503).putHeader("content-type", "application/json")
                            .end("{\"error\":{\"message\":\"down\",\"type\":\"server_error\"}}");
                    return;
                }
                client.request(new RequestOptions().setMethod(request.method()).setHost("127.0.0.1")
                        .setPort(bench.simulator).setURI(request.uri()).putHeader("authorization", authorization)
                        .putHeader("content-type", "application/json"))
                        .compose(onward -> onward.send(body)).onSuccess(answer -> answer.body().onSuccess(whole -> {
                            request.response().setStatusCode(answer.statusCode());
                            request.response().headers().setAll(answer.headers());
                            request.response().end(whole);
                        })).onFailure(failure -> request.response().setStatusCode(502).end());
            });
        }
    }

    /** What the simulator has counted at one moment. */
    record Counts(long nanos, long requests, long status429, Map<String, Long> accepted) {

        double seconds(Counts earlier) {
            return (nanos - earlier.nanos) / 1e9;
        }

        double since(Counts earlier, String account) {
            return accepted.getOrDefault(account, 0L) - earlier.accepted.getOrDefault(account, 0L);
        }
    }

    /** What every scenario uses. */
    static final class Bench {
        final Vertx vertx = Vertx.vertx();
        final Report report;
        final Load load;
        final int gateway;
        final int admin;
        final int simulator;
        final int front;
        private final int seconds;
        private final Path directory;
        private final HttpClient client = vertx.createHttpClient();

        Bench(Map<String, String> flags) {
            gateway = Integer.parseInt(flags.get("gateway"));
            admin = Integer.parseInt(flags.get("admin"));
            simulator = Integer.parseInt(flags.get("simulator"));
            front = Integer.parseInt(flags.get("front"));
            seconds = Integer.parseInt(flags.getOrDefault("seconds", "0"));
            directory = Path.of(flags.get("directory"));
            load = new Load(vertx, gateway, simulator);
            report = new Report(directory);
        }

        /** How long the measured part lasts, unless the command line says. */
        int seconds(int usual) {
            return seconds == 0 ? usual : seconds;
        }

        void start() {
            load.start();
        }

        /** A few hundred refusals, so that neither side measures its own start. */
        void warmUp() throws Exception {
            for (int i = 0; i < 300; i++) {
                await(client.request(HttpMethod.POST, gateway, "127.0.0.1", "/v1/chat/completions")
                        .compose(request -> request.putHeader("authorization", "Bearer sk-nobody").send("{}")
                                .compose(response -> response.body())));
            }
        }

        void until(int second) throws InterruptedException {
            while (load.millis() < second * 1000L) {
                Thread.sleep(Math.clamp(second * 1000L - load.millis(), 1, 1000));
            }
        }

        /** Waits for the answers that are still to come. */
        void drained() throws InterruptedException {
            long most = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CALL_MILLIS);
            while (load.open > 0 && System.nanoTime() < most) {
                Thread.sleep(100);
            }
        }

        static <T> T await(io.vertx.core.Future<T> future) throws Exception {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }

        Buffer get(int port, String path) throws Exception {
            return await(client.request(HttpMethod.GET, port, "127.0.0.1", path)
                    .compose(request -> request.send().compose(response -> response.body())));
        }

        void faults(JsonObject faults) throws Exception {
            await(client.request(HttpMethod.PUT, simulator, "127.0.0.1", "/simulator/faults")
                    .compose(request -> request.send(faults.toBuffer()).compose(response -> response.body())));
        }

        Counts counts() throws Exception {
            JsonObject statistics = get(simulator, "/simulator/statistics").toJsonObject();
            Map<String, Long> accepted = new TreeMap<>();
            JsonObject accounts = statistics.getJsonObject("accounts");
            accounts.fieldNames().forEach(
                    name -> accepted.put(name, accounts.getJsonObject(name).getLong("accepted")));
            return new Counts(System.nanoTime(), statistics.getLong("requests"), statistics.getLong("rateLimited"),
                    accepted);
        }

        /** The sum of a counter's series whose labels contain a text. */
        double metric(String name, String label) throws Exception {
            return get(admin, "/metrics").toString().lines()
                    .filter(line -> line.startsWith(name + "{") && line.contains(label))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
        }

        /** The lines of the gateway's access log of calls that ended between two moments. */
        List<JsonObject> log(Instant from, Instant to) throws Exception {
            List<JsonObject> lines = new ArrayList<>();
            for (String line : Files.readAllLines(directory.resolve("gateway.log"))) {
                int start = line.indexOf('{');
                if (start >= 0 && line.contains("\"endpoint\"")) {
                    try {
                        JsonObject json = new JsonObject(line.substring(start));
                        Instant time = Instant.parse(json.getString("time"));
                        if (!time.isBefore(from) && time.isBefore(to)) {
                            lines.add(json);
                        }
                    } catch (DecodeException e) {
                        // The last line may still be being written.
                    }
                }
            }
            return lines;
        }

        /** Service by weight of those who offer clearly more than their share. */
        void fairness(List<String> tenants, int from, int to, double mostPercent,
                java.util.function.ToIntFunction<String> weight, java.util.function.ToIntFunction<String> offered) {
            Map<String, Double> served = new LinkedHashMap<>();
            for (String tenant : tenants) {
                List<Done> good = load.done(call -> call.good() && call.tenant().equals(tenant)
                        && call.end() >= from * 1000L && call.end() < to * 1000L);
                served.put(tenant, (double) good.size() / weight.applyAsInt(tenant));
                double[] waits = good.stream().mapToDouble(Done::waited).toArray();
                report.row(tenant + ": offers a minute, served, wait p50 / p99, s", String.format(Locale.ROOT,
                        "%d, %d, %.1f / %.1f", offered.applyAsInt(tenant), good.size(), quantile(waits, 0.5),
                        quantile(waits, 0.99)));
            }
            double most = served.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
            double[] shares = served.entrySet().stream()
                    .filter(entry -> offered.applyAsInt(entry.getKey()) * (to - from) / 60.0
                            / weight.applyAsInt(entry.getKey()) > most * 1.15)
                    .mapToDouble(Map.Entry::getValue).toArray();
            double sum = Arrays.stream(shares).sum();
            double squares = Arrays.stream(shares).map(share -> share * share).sum();
            double mean = sum / shares.length;
            report.row("tenants that always wait", shares.length);
            report.atLeast("Jain index of their service by weight", sum * sum / shares.length / squares, 0.99);
            report.atMost("largest deviation from their mean, %",
                    100 * Arrays.stream(shares).map(share -> Math.abs(share / mean - 1)).max().orElse(1), mostPercent);
        }

        void upstream(Counts first, Counts last, double perMinute, double leastPercent) {
            report.atMost("upstream answers 429", last.status429, 0);
            report.row("calls upstream in " + Math.round(last.seconds(first)) + " s", last.since(first, "main"));
            report.atLeast("permits used of those there were, %",
                    100 * last.since(first, "main") / (perMinute / 60 * last.seconds(first)), leastPercent);
        }

        /** How calls ended. */
        void answers(Predicate<Done> which) {
            Map<String, Integer> kinds = new TreeMap<>();
            for (Done call : load.done(which)) {
                kinds.merge(call.good() ? "200" : (call.status() + " " + call.code() + " from " + call.source()
                        + (call.end() - call.due() > 1000 ? " after more than 1 s" : "")), 1, Integer::sum);
            }
            kinds.forEach((kind, count) -> report.row("ended with " + kind, count));
        }
    }

    /** What was found, held against what was promised. */
    static final class Report {
        private final Path directory;
        private final JsonObject json = new JsonObject();
        private final JsonArray broken = new JsonArray();
        private final List<String[]> rows = new ArrayList<>();

        Report(Path directory) {
            this.directory = directory;
        }

        void row(String name, Object value) {
            add(name, value, "", true);
        }

        void atMost(String name, double value, double most) {
            add(name, value, String.format(Locale.ROOT, "<= %.4g", most), value <= most);
        }

        void atLeast(String name, double value, double least) {
            add(name, value, String.format(Locale.ROOT, ">= %.4g", least), value >= least);
        }

        private void add(String name, Object value, String bound, boolean good) {
            Object shown = value instanceof Double number && Double.isFinite(number)
                    ? number == Math.rint(number) ? (Object) number.longValue() : Math.round(number * 10_000) / 10_000.0
                    : value;
            json.put(name, shown instanceof Number number && Double.isFinite(number.doubleValue())
                    ? number
                    : String.valueOf(shown));
            if (!good) {
                broken.add(name);
            }
            rows.add(new String[]{name, String.valueOf(shown), bound, bound.isEmpty() ? "" : good ? "ok" : "BROKEN"});
        }

        /** Prints and writes it; whether all bounds held. */
        boolean write() throws Exception {
            rows.forEach(row -> System.out.printf("%-64s %-26s %-10s %s%n", (Object[]) row));
            Files.writeString(directory.resolve("report.json"), json.put("broken", broken).encodePrettily() + "\n");
            return broken.isEmpty();
        }
    }
}
