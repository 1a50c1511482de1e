import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Three gateways, one Redis, one simulated OpenAI, each a process of its own, under load and under faults. See README.md.
 */
final class Replicas {
    private static final int SIZE = Installation.SIZE;
    private static final List<String> WAITING = List.of("one", "all", "twice");
    private static final double TIGHT_REFILL = (600 - 30 + 1) / 61.0;
    private static final long SECOND = 1_000_000_000L;
    private static final String COMPILERS = "C[12] Compiler.*";

    /** From one moment to another. */
    private record Span(long from, long to) {}

    private final Installation site;
    private boolean broken;

    private Replicas(Installation site) {
        this.site = site;
    }

    public static void main(String[] words) throws Exception {
        Replicas replicas = new Replicas(new Installation(words[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(replicas.site::stop));
        replicas.attempt("start");
        for (String phase : List.of(words).subList(1, words.length)) {
            replicas.attempt(phase);
        }
        System.out.println(replicas.broken ? "== a bound is broken" : "== all bounds held");
        System.exit(replicas.broken ? 1 : 0);
    }

    /** One phase that fails does not end the others. */
    private void attempt(String name) {
        try {
            phase(name);
        } catch (Exception e) {
            broken = true;
            System.out.println("!  " + name + " failed: " + e);
        }
    }

    private void phase(String name) throws Exception {
        System.out.println("== " + name + ", load average " + Files.readString(Path.of("/proc/loadavg")).substring(0, 14));
        switch (name) {
            case "start" -> site.start();
            case "limits" -> limits(180, "");
            case "strict" -> strict();
            case "cost" -> cost();
            case "stop" -> outage("stop", SIZE);
            case "kill" -> outage("kill", SIZE);
            case "partition" -> outage("partition", 1);
            case "added" -> added();
            case "revoke" -> revoke(200);
            case "skew" -> skew();
            case "loss" -> loss();
            case "slow" -> new BadRedis(site, this::check).run();
            case "dead" -> deadReplica();
            case "cpu" -> cpu();
            default -> throw new IllegalArgumentException(name);
        }
    }

    /** The limits of tenants, and fairness of a tight account, while nothing fails. */
    private void limits(int seconds, String kind) throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        long refused = site.refusedUpstream();
        long began = System.nanoTime();
        site.random("exact" + kind, 20, on);
        site.random("leased" + kind, 20, on);
        lopsided(on);
        Installation.pause(seconds);
        on.set(false);
        long ended = System.nanoTime();
        double took = (ended - began) / 1e9;
        Installation.pause(3);
        admitted("exact" + kind, began, took, 1);
        admitted("leased" + kind, began, took, 60);
        long from = began + 20 * SECOND;
        double served = WAITING.stream().mapToDouble(tenant -> admitted(tenant, from, ended)).sum();
        for (String tenant : WAITING) {
            double part = tenant.equals("twice") ? 0.5 : 0.25;
            check("share of " + tenant, admitted(tenant, from, ended) / served, part * 0.95, part * 1.05);
        }
        inOrder(from);
        check("use of the account", served / (TIGHT_REFILL * (took - 20)), 0.95, 1.05);
        check("upstream 429", site.refusedUpstream() - refused, 0, 0);
        check("most in any 60 s so far", site.upstream("window60Max"), 0, 600);
    }

    /** A tenant of 600 rpm gets what it asks for, as far as that is its limit; a minute hardly empties the bucket. */
    private void admitted(String tenant, long began, double seconds, int over) {
        double allowed = 600 + 600 * seconds / 60;
        double offered = site.calls.stream().filter(call -> call.tenant().equals(tenant) && call.sentAt() >= began).count();
        double admitted = admitted(tenant, began, Long.MAX_VALUE);
        check(tenant + ": admitted of " + (int) offered, admitted, 0.95 * Math.min(offered, allowed), allowed + over);
    }

    /** Each tenant always has this many calls waiting, so that all wait equally long on every replica. */
    private void inOrder(long from) {
        LongSummaryStatistics waits = site.calls.stream().filter(call -> call.tenant().equals("all")
                && call.status() == 200 && call.sentAt() >= from)
                .mapToLong(call -> call.endedAt() - call.sentAt()).summaryStatistics();
        System.out.printf(Locale.ROOT, "   calls of all waited from %.1f to %.1f s%n", waits.getMin() / 1e9,
                waits.getMax() / 1e9);
        check("the slowest of all over the mean", waits.getMax() / waits.getAverage(), 1, 1.25);
    }

    /** One tenant on one replica, one of twice the weight on another, one on all; all of them always wait. */
    private void lopsided(AtomicBoolean on) {
        for (int i = 0; i < 6; i++) {
            site.again("one", 0, on);
            site.again("twice", 1, on);
            for (int replica = 0; replica < SIZE; replica++) {
                site.again("all", replica, on);
            }
        }
    }

    /** The tight account while its replicas are killed and ended in turn. */
    private void strict() throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        long before = site.upstream("accepted");
        long refused = site.refusedUpstream();
        long began = System.nanoTime();
        lopsided(on);
        int restarts = 0;
        while (System.nanoTime() - began < 180 * SECOND) {
            Installation.pause(8);
            site.restart(restarts % SIZE, restarts % 2 == 0 ? "KILL" : "TERM", Map.of());
            restarts++;
        }
        double took = (System.nanoTime() - began) / 1e9;
        double sent = site.upstream("accepted") - before;
        on.set(false);
        Installation.pause(5);
        System.out.printf(Locale.ROOT, "   %d restarts in %.0f s%n", restarts, took);
        check("most in any 60 s", site.upstream("window60Max"), 0, 600);
        check("upstream 429", site.refusedUpstream() - refused, 0, 0);
        check("use of the account", sent / (TIGHT_REFILL * took), 0.8, 1.05);
    }

    /** Messages to the store for each admitted call, fast and slow. */
    private void cost() throws Exception {
        for (int rate : new int[]{1, 5, 20, 100}) {
            AtomicBoolean on = new AtomicBoolean(true);
            double takes = site.metric("sluice_store_messages_total", "kind=\"take\"");
            double visits = site.metric("sluice_store_messages_total", "kind=\"visit\"");
            long began = System.nanoTime();
            site.random("big", rate * SIZE, on);
            Installation.pause(rate < 20 ? 90 : 30);
            on.set(false);
            Installation.pause(3);
            double admitted = admitted("big", began, Long.MAX_VALUE);
            takes = (site.metric("sluice_store_messages_total", "kind=\"take\"") - takes) / admitted;
            visits = (site.metric("sluice_store_messages_total", "kind=\"visit\"") - visits) / admitted;
            System.out.printf(Locale.ROOT, "   %d calls/s and replica: %.0f admitted; messages for each: limit %.3f, "
                    + "account %.3f%n", rate, admitted, takes, visits);
            check("of one limit", Math.max(takes, visits), 0, rate >= 100 ? 0.1 : 1);
            check("limit and account together", takes + visits, 0, rate >= 100 ? 0.1 : 1);
        }
    }

    /** The store is away for half a minute, for some replicas, while calls come. */
    private void outage(String how, int cutOff) throws Exception {
        long started = System.nanoTime();
        site.drain("exact");
        site.drain("leased");
        AtomicBoolean on = new AtomicBoolean(true);
        site.random("exact", 20, on);
        site.random("leased", 20, on);
        site.random("big", 15, on);
        Installation.pause(15);
        long calm = System.nanoTime() - 10 * SECOND;
        long began = System.nanoTime();
        switch (how) {
            case "stop" -> site.signalRedis("STOP");
            case "kill" -> site.signalRedis("KILL");
            default -> site.wire(0).cut(true);
        }
        Installation.pause(30);
        switch (how) {
            case "stop" -> site.signalRedis("CONT");
            case "kill" -> site.startRedis();
            default -> site.wire(0).cut(false);
        }
        long ended = System.nanoTime();
        Installation.pause(30);
        on.set(false);
        Installation.pause(3);
        double more = cutOff == SIZE ? 1 : 1 + (double) cutOff / SIZE;
        double seconds = (ended - began) / 1e9;
        for (String tenant : List.of("exact", "leased")) {
            check(tenant + ": admitted while away", admitted(tenant, began, ended), 0,
                    (600 / 60.0 * seconds) * more + (cutOff == SIZE ? 30 : 90));
            check(tenant + ": admitted in the 30 s after, of 600 offered",
                    admitted(tenant, ended, ended + 30 * SECOND), 100, 630);
            check(tenant + ": worst window above the limit, from before until after", overshoot(tenant, started), 0,
                    60 + (more - 1) * 600 / 60.0 * seconds);
        }
        check("answers other than 200 and 429", others(started), 0, 0);
        check("big: refused", site.calls.stream().filter(call -> call.tenant().equals("big") && call.status() != 200
                && call.sentAt() >= calm).count(), 0, 0);
        for (int i = 0; i < SIZE; i++) {
            System.out.println("   lines of the log on the store being away, replica " + i + ", so far: "
                    + site.lines(i, "redis cannot be reached"));
        }
    }

    private long others(long since) {
        return site.calls.stream()
                .filter(call -> call.sentAt() >= since && call.status() != 200 && call.status() != 429).count();
    }

    /**
     * What the store adds to a call whose every decision is a message, by another gateway without Redis that gets the same
     * calls at the same time: while all is well, while it hangs and nobody knows, and behind the open breaker.
     */
    private void added() throws Exception {
        int alone = site.gateway(false);
        site.awaitReady(alone);
        AtomicBoolean on = new AtomicBoolean(true);
        for (int replica : new int[]{0, alone}) {
            site.steady("asks", replica, 100, on);
        }
        Installation.pause(20);
        long calm = System.nanoTime();
        Installation.pause(20);
        added("store well", alone, List.of(new Span(calm, System.nanoTime())), 10);
        List<Span> unknown = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long stopped = System.nanoTime();
            site.signalRedis("STOP");
            unknown.add(new Span(stopped, stopped + SECOND / 10));
            Installation.pause(1);
            site.signalRedis("CONT");
            Installation.pause(2);
        }
        added("store hangs, first 100 ms", alone, unknown, 50);
        site.signalRedis("STOP");
        Installation.pause(1);
        long open = System.nanoTime();
        Installation.pause(40);
        long ended = System.nanoTime();
        site.signalRedis("CONT");
        Installation.pause(2);
        on.set(false);
        added("breaker open", alone, List.of(new Span(open, ended)), 1);
        Installation.pause(2);
        site.gatewayProcess(alone).destroyForcibly().waitFor();
    }

    private void added(String when, int alone, List<Span> spans, double most) {
        double[] with = latencies("asks", 0, spans);
        double[] without = latencies("asks", alone, spans);
        System.out.printf(Locale.ROOT, "   %s: p50, p99, slowest of %d with %.1f, %.1f, %.1f ms, without %.1f, %.1f, %.1f ms%n",
                when, with.length, at(with, 0.5), at(with, 0.99), at(with, 1), at(without, 0.5), at(without, 0.99),
                at(without, 1));
        check(when + ": added to p50, ms", at(with, 0.5) - at(without, 0.5), -100, most);
        check(when + ": added to p99, ms", at(with, 0.99) - at(without, 0.99), -100, most);
    }

    private double[] latencies(String tenant, int replica, List<Span> spans) {
        return site.calls.stream().filter(call -> call.tenant().equals(tenant) && call.replica() == replica
                && spans.stream().anyMatch(span -> call.sentAt() >= span.from() && call.sentAt() < span.to()))
                .mapToDouble(call -> (call.endedAt() - call.sentAt()) / 1e6).sorted().toArray();
    }

    private static double at(double[] sorted, double part) {
        return sorted[Math.min(sorted.length - 1, (int) (sorted.length * part))];
    }

    /** From the answer of the admin API until the last replica refuses. */
    private void revoke(int trials) throws Exception {
        List<Double> took = new ArrayList<>();
        String id = id(Installation.key("revoked"));
        for (int i = 0; i < trials; i++) {
            site.admin(i % SIZE, "/admin/v1/keys/" + id + "/revoke");
            long told = System.nanoTime();
            for (int replica = 0; replica < SIZE; replica++) {
                while (site.ask("revoked", replica) != 401) {
                    Thread.onSpinWait();
                }
            }
            took.add((System.nanoTime() - told) / 1e6);
            site.admin(i % SIZE, "/admin/v1/keys/" + id + "/restore");
            for (int replica = 0; replica < SIZE; replica++) {
                while (site.ask("revoked", replica) == 401) {
                    Thread.onSpinWait();
                }
            }
        }
        took.sort(Double::compare);
        System.out.printf(Locale.ROOT, "   %d trials, worst replica: p50 %.0f ms, p99 %.0f ms%n", trials,
                took.get(trials / 2), took.get(trials * 99 / 100));
        check("slowest, ms", took.getLast(), 0, 1000);
    }

    /** The dates of two replicas are wrong, by 6 and 12 s. */
    private void skew() throws Exception {
        try (Stream<Path> found = Files.find(Path.of("/usr/lib"), 4,
                (path, what) -> path.endsWith("faketime/libfaketimeMT.so.1"))) {
            Path library = found.findFirst().orElse(null);
            if (library == null) {
                System.out.println("   left out: libfaketime is missing");
                return;
            }
            for (int replica = 1; replica < SIZE; replica++) {
                double ahead = site.restart(replica, "TERM", Map.of("LD_PRELOAD", library.toString(), "FAKETIME",
                        replica == 1 ? "+6s" : "+12s", "FAKETIME_DONT_FAKE_MONOTONIC", "1", "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                        "FAKETIME_DISABLE_SHM", "1"));
                check("date of replica " + replica + ", s ahead", ahead, 5, 30);
            }
        }
        Installation.pause(2);
        limits(60, "-skew");
        revoke(20);
        for (int replica = 1; replica < SIZE; replica++) {
            site.restart(replica, "TERM", Map.of());
        }
    }

    /** One packet in a hundred is lost on the way to Redis and back, and two replicas are far from it. */
    private void loss() throws Exception {
        for (String end : List.of("--dport", "--sport")) {
            int failed = new ProcessBuilder("iptables", "-A", "INPUT", "-p", "tcp", end,
                    Integer.toString(site.redisPort), "-m", "statistic", "--mode", "random", "--probability", "0.01",
                    "-j", "DROP").inheritIO().start().waitFor();
            if (failed != 0) {
                System.out.println("   left out: packets cannot be dropped here");
                return;
            }
        }
        site.wire(1).delay(5);
        site.wire(2).delay(15);
        AtomicBoolean on = new AtomicBoolean(true);
        long began = System.nanoTime();
        site.random("exact-loss", 20, on);
        site.random("leased-loss", 20, on);
        site.random("big", 15, on);
        lopsided(on);
        Installation.pause(90);
        on.set(false);
        double took = (System.nanoTime() - began) / 1e9;
        Installation.pause(3);
        double allowed = 600 + 600 * took / 60;
        check("exact: admitted", admitted("exact-loss", began, Long.MAX_VALUE), 0.8 * allowed, allowed + 60);
        check("leased: admitted", admitted("leased-loss", began, Long.MAX_VALUE), 0.8 * allowed, allowed + 60);
        check("answers other than 200 and 429", others(began), 0, 0);
        check("big: refused", site.calls.stream().filter(call -> call.tenant().equals("big") && call.status() != 200
                && call.sentAt() >= began).count(), 0, 0);
        inOrder(began + 20 * SECOND);
        check("most in any 60 s of the strict account", site.upstream("window60Max"), 0, 600);
        for (int i = 0; i < SIZE; i++) {
            System.out.println("   replica " + i + " took the store for lost: " + site.lines(i, "redis cannot be reached"));
        }
    }

    /** A replica with calls in flight is killed; others get its places. */
    private void deadReplica() throws Exception {
        for (int i = 0; i < 4; i++) {
            site.send("few", 0);
        }
        Installation.pause(1);
        site.gatewayProcess(0).destroyForcibly().waitFor();
        long died = System.nanoTime();
        while (site.first("few", 1) != 200) {
            Installation.pause(0.05);
        }
        check("places are free after, s", (System.nanoTime() - died) / 1e9, 0, 5);
        site.restart(0, "KILL", Map.of());
    }

    /** CPU of a gateway for each call, with Redis and without; both are alive and warm, and called in turns. */
    private void cpu() throws Exception {
        int with = site.gateway(true);
        int without = site.gateway(false);
        site.awaitReady(with);
        site.awaitReady(without);
        for (int rate : new int[]{1000, 250}) {
            warm(rate, with, without);
            double[] ratios = new double[7];
            for (int round = 0; round < ratios.length; round++) {
                double shared = microseconds(with, rate);
                double alone = microseconds(without, rate);
                ratios[round] = shared / alone;
                System.out.printf(Locale.ROOT, "   %d calls/s, microseconds each: %.0f with Redis, %.0f without%n", rate,
                        shared, alone);
            }
            Arrays.sort(ratios);
            System.out.printf(Locale.ROOT, "   from %.2f to %.2f%n", ratios[0], ratios[ratios.length - 1]);
            check("CPU with Redis over without at " + rate + " calls/s, median of " + ratios.length,
                    ratios[ratios.length / 2], 0, 1.1);
        }
        site.gatewayProcess(with).destroyForcibly().waitFor();
        site.gatewayProcess(without).destroyForcibly().waitFor();
    }

    /**
     * Until the compilers take less than a fiftieth of each gateway's CPU time. A tenant whose calls are all messages is
     * among the callers: what an hour of a few messages a second compiles is then compiled in a minute.
     */
    private void warm(double perSecond, int... gateways) throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        for (int index : gateways) {
            site.steady("big", index, perSecond, on);
            site.steady("asks", index, perSecond / 4, on);
        }
        double compiling = 1;
        for (int span = 0; span < 20 && compiling > 0.02; span++) {
            Map<Integer, long[]> before = new HashMap<>();
            for (int index : gateways) {
                before.put(index, new long[]{site.cpuNanos(index, ".*"), site.cpuNanos(index, COMPILERS)});
            }
            Installation.pause(15);
            compiling = before.entrySet().stream()
                    .mapToDouble(each -> (double) (site.cpuNanos(each.getKey(), COMPILERS) - each.getValue()[1])
                            / (site.cpuNanos(each.getKey(), ".*") - each.getValue()[0]))
                    .max().orElse(0);
        }
        on.set(false);
        System.out.printf(Locale.ROOT, "   warm at %.0f calls/s: the compilers take %.1f %%%n", perSecond, 100 * compiling);
    }

    /** Of CPU time for each call. */
    private double microseconds(int index, double perSecond) throws Exception {
        Installation.pause(2);
        AtomicBoolean on = new AtomicBoolean(true);
        long before = site.cpuNanos(index, ".*");
        long from = System.nanoTime();
        site.steady("big", index, perSecond, on);
        Installation.pause(15);
        on.set(false);
        Installation.pause(1);
        double used = site.cpuNanos(index, ".*") - before;
        return used / 1e3 / site.calls.stream().filter(call -> call.replica() == index && call.sentAt() >= from
                && call.status() == 200).count();
    }

    private double admitted(String tenant, long from, long to) {
        return site.calls.stream().filter(call -> call.tenant().equals(tenant) && call.status() == 200
                && call.endedAt() >= from && call.endedAt() <= to).count();
    }

    /** By how much the worst window of any length saw more than a bucket of 600 a minute allows. */
    private double overshoot(String tenant, long since) {
        long[] moments = site.calls.stream().filter(call -> call.tenant().equals(tenant) && call.status() == 200
                && call.sentAt() >= since).mapToLong(Installation.Call::endedAt).sorted().toArray();
        double level = 600;
        double worst = 0;
        for (int i = 0; i < moments.length; i++) {
            level = Math.min(600, level + (i == 0 ? 0 : moments[i] - moments[i - 1]) * 10.0 / SECOND) - 1;
            worst = Math.max(worst, -level);
        }
        return worst;
    }

    private void check(String what, double value, double least, double most) {
        boolean holds = value >= least && value <= most;
        broken |= !holds;
        System.out.printf(Locale.ROOT, "%s %s: %.3f (bound: %.3f to %.3f)%n", holds ? "  " : "! ", what, value, least,
                most);
    }

    static String id(String key) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes("UTF-8")), 0, 6);
    }
}
