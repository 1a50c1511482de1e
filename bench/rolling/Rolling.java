import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Restarts and upgrades of all replicas, one after the other, and reloads of one, under load. See README.md. */
final class Rolling {
    private static final int SIZE = 3;
    private static final int STREAMS = 100;
    private static final int CALLS_PER_SECOND = 200;
    private static final String STEADY = "sk-sluice-steady-0123456789abcdef";
    private static final String LIMITED = "sk-sluice-limited-0123456789abcde";
    private static final int LIMITED_RPM = 120;

    private final Path folder = Files.createTempDirectory("rolling");
    private final Processes processes;
    private boolean broken;

    private Rolling(String java) throws Exception {
        this.processes = new Processes(folder, java);
    }

    public static void main(String[] words) throws Exception {
        Rolling rolling = new Rolling(words[0]);
        boolean ended = false;
        try (Processes ending = rolling.processes) {
            for (String phase : List.of(words).subList(1, words.length)) {
                System.out.println("== " + phase);
                switch (phase) {
                    case "restart" -> rolling.restart();
                    case "reload" -> new Reloads(rolling.folder, rolling.processes, rolling::check).run();
                    case "versions" -> new Versions(rolling.folder, rolling.processes,
                            Path.of(System.getenv("BEFORE")), rolling::check).run();
                    default -> throw new IllegalArgumentException(phase);
                }
            }
            ended = true;
        } catch (Exception | AssertionError failure) {
            failure.printStackTrace();
        }
        if (!ended) {
            System.exit(2);
        }
        System.out.println(rolling.broken ? "== a bound is broken" : "== all bounds held");
        System.exit(rolling.broken ? 1 : 0);
    }

    private void restart() throws Exception {
        int redis = processes.redis();
        List<Balancer.Replica> replicas = new ArrayList<>();
        List<Process> gateways = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            Balancer.Replica replica = new Balancer.Replica(Processes.freePort(), Processes.freePort());
            replicas.add(replica);
            Processes.write(config(i), yaml(i, replica, redis));
            gateways.add(processes.gateway("gateway-" + i, config(i), replica.adminPort()));
        }
        try (Balancer balancer = new Balancer(replicas, processes)) {
            Load load = new Load(balancer.port());
            long began = System.nanoTime();
            load.calls(STEADY, CALLS_PER_SECOND);
            load.calls(LIMITED, 5);
            load.streams(STEADY, STREAMS);
            pause(20);
            load.warm(STEADY);
            int fewest = load.openStreams();
            for (int i = 0; i < SIZE; i++) {
                long told = System.nanoTime();
                gateways.get(i).toHandle().destroy();
                while (gateways.get(i).isAlive()) {
                    fewest = Math.min(fewest, load.openStreams());
                    TimeUnit.MILLISECONDS.sleep(20);
                }
                long gone = System.nanoTime();
                check("exit code of replica " + i, gateways.get(i).exitValue(), 0, 0);
                processes.gateway("gateway-" + i, config(i), replicas.get(i).adminPort());
                System.out.printf(Locale.ROOT, "   replica %d: gone after %.1f s, the next one ready after %.1f s%n", i,
                        (gone - told) / 1e9, (System.nanoTime() - gone) / 1e9);
                pause(2);
            }
            load.end();
            double seconds = (System.nanoTime() - began) / 1e9;
            report(load, seconds, fewest, balancer.refused());
        }
    }

    private void report(Load load, double seconds, int fewest, int refused) {
        System.out.printf(Locale.ROOT, "   %.0f s of load, at least %d streams open; calls answered within %s (p50), %s "
                + "(p99), %s (all)%n", seconds, fewest, load.percentile(0.5), load.percentile(0.99),
                load.percentile(1));
        check("calls answered", load.count(STEADY + " 200"), CALLS_PER_SECOND * (seconds - 30) * 0.9, 1e9);
        check("calls failed", load.faults().stream().filter(fault -> !fault.startsWith("streams")).count(), 0, 0);
        check("streams whole", load.count("streams whole"), STREAMS, 1e9);
        check("streams cut", load.count("streams cut"), 0, 0);
        check("connections that no replica took", refused, 0, 0);
        check("calls of the limited tenant that were let in", load.count(LIMITED + " 200"), 0,
                LIMITED_RPM * (1 + seconds / 60));
        load.faults().stream().collect(Collectors.groupingBy(fault -> fault, Collectors.counting()))
                .forEach((fault, times) -> System.out.println("   " + times + " times " + fault));
    }

    private Path config(int index) {
        return folder.resolve("sluice-" + index + ".yaml");
    }

    private String yaml(int index, Balancer.Replica replica, int redis) {
        return """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: [sk-simulator] }]
                cache: { mode: off }
                drain: { delay: 5s, grace: 40s }
                redis: { url: "redis://127.0.0.1:%d" }
                tenants:
                  - { name: steady, rpm: 1000000, keys: ["%s"] }
                  - { name: limited, rpm: %d, keys: ["%s"] }
                """.formatted(replica.port(), replica.adminPort(), folder.resolve("ledger-" + index + ".db"),
                processes.simulator, redis, STEADY, LIMITED_RPM, LIMITED);
    }

    private void check(String what, double value, double least, double most) {
        boolean holds = value >= least && value <= most;
        broken |= !holds;
        System.out.printf(Locale.ROOT, "%s %s: %.0f (bound: %.0f to %.0f)%n", holds ? "  " : "! ", what, value, least,
                most);
    }

    private static void pause(double seconds) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep((long) (seconds * 1000));
    }
}
