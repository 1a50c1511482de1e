import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A Redis that is slow, forgets, evicts or is written to by others, and replicas that disagree or stand still: each for a
 * quarter of a minute or half of one, compared with what the same replicas admit while Redis hangs.
 */
final class BadRedis {
    private static final int SIZE = Installation.SIZE;
    private static final List<String> TENANTS = List.of("exact-bad", "leased-bad");
    private static final long SECOND = 1_000_000_000L;
    private static final int SPAN = 15;

    /** Holds a measured value against its bounds. */
    interface Check {
        void of(String what, double value, double least, double most);
    }

    /** Something that is done to the installation. */
    private interface Step {
        void run() throws Exception;
    }

    private final Installation site;
    private final Check check;
    private final double[] dead = new double[TENANTS.size()];

    BadRedis(Installation site, Check check) {
        this.site = site;
        this.check = check;
    }

    void run() throws Exception {
        AtomicBoolean on = new AtomicBoolean(true);
        for (String tenant : TENANTS) {
            site.random(tenant, 60, on);
        }
        for (int i = 0; i < 20 || !used(); i++) {
            Installation.pause(1);
        }
        on.set(false);
        AtomicBoolean calm = new AtomicBoolean(true);
        for (String tenant : TENANTS) {
            site.random(tenant, 20, calm);
        }
        site.redis("CONFIG", "SET", "slowlog-log-slower-than", "5000");
        condition("dead", 2, () -> site.signalRedis("STOP"), () -> site.signalRedis("CONT"), 1);
        for (int millis : new int[]{40, 60, 200}) {
            condition(millis + " ms away", millis < 45 ? 0 : 2, () -> delay(millis / 2), () -> delay(0), 2);
        }
        condition("emptied", 0, () -> site.redis("FLUSHALL"), () -> {}, 1);
        condition("emptied every 2 s", 0, () -> again(2, "FLUSHALL"), () -> {}, 2);
        condition("its limits deleted every second", 0, () -> again(1, "DEL", "sluice:{tenant/exact-bad}:rpm",
                "sluice:{tenant/leased-bad}:rpm"), () -> {}, 2);
        condition("evicting", 3, this::evict, () -> {
            site.redis("CONFIG", "SET", "maxmemory", "0");
            site.redis("CONFIG", "SET", "maxmemory-policy", "noeviction");
            site.redis("FLUSHALL");
        }, 2);
        condition("written to by others every second", 4, () -> again(1, "MSET", "sluice:{tenant/exact-bad}:rpm", "x",
                "sluice:{tenant/leased-bad}:rpm", "x", "sluice:{state}:replicas", "x", "sluice:{state}:notices", "x",
                "sluice:{state}:epoch", "x", "sluice:{pool/default}:account/plenty", "x"), () -> {}, 2);
        condition("one replica has a file with a tenth", 0, () -> site.limit(0, 60), () -> site.limit(0, 600), 1);
        condition("one replica is stopped", 2, () -> kill("STOP"), () -> kill("CONT"), 1);
        calm.set(false);
        names();
        revoked();
        System.out.println("   scripts that took longer than 5 ms: " + site.redis("SLOWLOG", "LEN"));
    }

    /** The most lines a replica may log, and how many times the limit's refill may pass. */
    private void condition(String what, int lines, Step begin, Step end, double most) throws Exception {
        long[] before = new long[SIZE];
        for (int i = 0; i < SIZE; i++) {
            before[i] = told(i);
        }
        begin.run();
        long began = System.nanoTime();
        Installation.pause(what.endsWith("stopped") ? 2 * SPAN : SPAN);
        long ended = System.nanoTime();
        end.run();
        Installation.pause(8);
        double refill = 10.0 * (ended - began) / SECOND;
        for (int i = 0; i < TENANTS.size(); i++) {
            double admitted = admitted(TENANTS.get(i), began, ended);
            if (what.equals("dead")) {
                dead[i] = admitted;
            }
            double least = what.startsWith("one replica") ? 0.6 * refill : 0.93 * Math.min(dead[i], refill);
            check.of(what + ": " + TENANTS.get(i) + ", admitted", admitted, least, refill * most + 30);
        }
        for (int i = 0; i < SIZE; i++) {
            check.of(what + ": lines of the log, replica " + i, told(i) - before[i], 0, lines);
        }
    }

    /** Whether most calls of the last three seconds were refused: what the limits held at first is used. */
    private boolean used() {
        long since = System.nanoTime() - 3 * SECOND;
        return TENANTS.stream().allMatch(tenant -> site.calls.stream()
                .filter(call -> call.tenant().equals(tenant) && call.endedAt() >= since)
                .mapToInt(call -> call.status() == 429 ? 1 : -1).sum() > 0);
    }

    private double admitted(String tenant, long from, long to) {
        return site.calls.stream().filter(call -> call.tenant().equals(tenant) && call.status() == 200
                && call.endedAt() >= from && call.endedAt() <= to).count();
    }

    private long told(int replica) throws Exception {
        return site.lines(replica, "sluice.cluster.");
    }

    private void delay(int millis) {
        for (int i = 0; i < SIZE; i++) {
            site.wire(i).delay(millis);
        }
    }

    private void again(int seconds, String... words) throws Exception {
        long until = System.nanoTime() + (SPAN - 1) * SECOND;
        Thread.ofVirtual().start(() -> {
            try {
                while (System.nanoTime() < until) {
                    site.redis(words);
                    Installation.pause(seconds);
                }
            } catch (Exception e) {
                System.out.println("!  " + e);
            }
        });
    }

    /** Another program fills a memory of three megabytes. */
    private void evict() throws Exception {
        site.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
        site.redis("CONFIG", "SET", "maxmemory", "3mb");
        for (int i = 0; i < SIZE; i++) {
            site.wire(i).sever();
        }
        Random random = new Random(1);
        long until = System.nanoTime() + (SPAN - 1) * SECOND;
        Thread.ofVirtual().start(() -> {
            try {
                while (System.nanoTime() < until) {
                    site.redis("SET", "other:" + random.nextInt(), "x".repeat(10_000));
                    Installation.pause(0.002);
                }
            } catch (Exception e) {
                System.out.println("!  " + e);
            }
        });
    }

    private void kill(String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(site.gatewayProcess(2).pid())).start().waitFor();
    }

    /** Model names of a megabyte do not enter what replicas share. */
    private void names() throws Exception {
        for (int i = 0; i < 30; i++) {
            site.askFor(i + "m".repeat(1_000_000), "big", i % SIZE);
        }
        Installation.pause(3);
        check.of("bytes of the account after 30 model names of a megabyte",
                Double.parseDouble(site.redis("MEMORY", "USAGE", "sluice:{pool/default}:account/plenty")), 0, 200_000);
    }

    private void revoked() throws Exception {
        site.wire(0).cut(true);
        while (site.metric(0, "sluice_store_reachable", "") != 0) {
            Installation.pause(0.05);
        }
        try {
            site.tell(0, "/admin/v1/keys/" + Replicas.id(Installation.key("revoked")) + "/revoke");
            check.of("revoked while cut off: status here", site.ask("revoked", 0), 401, 401);
        } finally {
            site.wire(0).cut(false);
        }
        long back = System.nanoTime();
        for (int i = 1; i < SIZE; i++) {
            while (site.ask("revoked", i) != 401) {
                Installation.pause(0.02);
            }
        }
        double took = (System.nanoTime() - back) / 1e9;
        System.out.printf(Locale.ROOT, "   the others refuse %.1f s after the way is whole again%n", took);
        check.of("revoked while cut off: until all refuse, s", took, 0, 5);
        site.admin(0, "/admin/v1/keys/" + Replicas.id(Installation.key("revoked")) + "/restore");
    }
}
