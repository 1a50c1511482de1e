import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One gateway whose configuration changes again and again, as Kubernetes changes it, while calls and streams go on. */
final class Reloads {
    private static final int TIMES = 50;
    private static final int STREAMS = 20;
    private static final int CALLS_PER_SECOND = 200;
    private static final String STEADY = "sk-sluice-steady-0123456789abcdef";
    private static final String KEPT = "sk-sluice-kept-0123456789abcdefgh";
    private static final String CHANGING = "sk-sluice-changing-0123456789abcd";
    private static final int KEPT_RPD = 1000;
    private static final double LIMIT_MILLIS = 2_000;

    /** Judges a figure by its bounds. */
    @FunctionalInterface
    interface Check {
        void that(String what, double value, double least, double most);
    }

    private final Path mount;
    private final Processes processes;
    private final Check check;
    private final int port = Processes.freePort();
    private final int adminPort = Processes.freePort();
    private int versions;

    Reloads(Path folder, Processes processes, Check check) throws Exception {
        this.mount = Files.createDirectory(folder.resolve("mount"));
        this.processes = processes;
        this.check = check;
    }

    void run() throws Exception {
        mount(yaml(0));
        Path file = Files.createSymbolicLink(mount.resolve("sluice.yaml"), Path.of("..data", "sluice.yaml"));
        processes.gateway("gateway", file, adminPort);
        Load load = new Load(port);
        load.calls(STEADY, CALLS_PER_SECOND);
        load.streams(STEADY, STREAMS);
        load.warm(STEADY);
        int left = KEPT_RPD;
        List<Double> took = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 1; i <= TIMES; i++) {
            if (i % 10 == 5) {
                broken(load);
            }
            double millis = millisUntilInEffect(load, i);
            took.add(millis);
            if (millis > LIMIT_MILLIS) {
                System.out.printf(Locale.ROOT, "   reload %d took %.0f ms%n", i, millis);
            }
            left = remaining(load.ask(KEPT));
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        load.end();
        took.sort(Double::compare);
        System.out.printf(Locale.ROOT, "   %d reloads in %.0f s, %d calls and %d streams meanwhile; new tenant and changed "
                + "limit in effect after %.0f ms (p50)%n", TIMES, seconds, load.count(STEADY + " 200"),
                load.count("streams whole"), took.get(TIMES / 2));
        check.that("slowest, ms", took.getLast(), 0, LIMIT_MILLIS);
        check.that("calls failed", load.faults().stream().filter(fault -> !fault.startsWith("streams")).count(), 0, 0);
        check.that("streams cut", load.count("streams cut"), 0, 0);
        double refill = Math.ceil(KEPT_RPD * seconds / 86_400);
        check.that("left of a limit that never changed, after " + TIMES + " of its calls", left, KEPT_RPD - TIMES,
                KEPT_RPD - TIMES + refill);
        load.faults().stream().limit(5).forEach(fault -> System.out.println("   " + fault));
    }

    private double millisUntilInEffect(Load load, int number) throws Exception {
        mount(yaml(number));
        long swapped = System.nanoTime();
        while (load.ask(key(number)).statusCode() != 200 || limit(load.ask(CHANGING)) != rpm(number)) {
            if (System.nanoTime() - swapped > TimeUnit.SECONDS.toNanos(20)) {
                throw new IllegalStateException("reload " + number + " does not come");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return (System.nanoTime() - swapped) / 1e6;
    }

    /** A file that cannot be used: it says so, and all goes on. */
    private void broken(Load load) throws Exception {
        mount(yaml(0).replace("tenants:", "tenants: nobody #"));
        while (processes.metric(adminPort, "sluice_config_reload_success") != 0) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        if (load.ask(CHANGING).statusCode() != 200) {
            throw new IllegalStateException("the old configuration is not in effect");
        }
    }

    /** Swaps the folder that the file is linked into. */
    private void mount(String yaml) throws Exception {
        Path version = Files.createDirectory(mount.resolve("..version_" + versions++));
        Files.writeString(version.resolve("sluice.yaml"), yaml);
        Path link = Files.createSymbolicLink(mount.resolve("..data_tmp"), version);
        Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String key(int number) {
        return "sk-sluice-added-" + number + "-0123456789abcdef";
    }

    private static int rpm(int number) {
        return 100_000 + number;
    }

    private static int limit(HttpResponse<String> answer) {
        return Integer.parseInt(answer.headers().firstValue("x-ratelimit-limit-requests").orElse("0"));
    }

    private static int remaining(HttpResponse<String> answer) {
        return Integer.parseInt(answer.headers().firstValue("x-ratelimit-remaining-requests").orElse("-1"));
    }

    private String yaml(int added) {
        StringBuilder yaml = new StringBuilder("""
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: [sk-simulator] }]
                cache: { mode: off }
                tenants:
                  - { name: steady, rpm: 1000000, keys: ["%s"] }
                  - { name: kept, rpm: 1000000, rpd: %d, keys: ["%s"] }
                  - { name: changing, rpm: %d, keys: ["%s"] }
                """.formatted(port, adminPort, mount.resolve("ledger.db"), processes.simulator, STEADY, KEPT_RPD, KEPT,
                rpm(added), CHANGING));
        for (int i = 1; i <= added; i++) {
            yaml.append("  - { name: added-").append(i).append(", rpm: 1000, keys: [\"").append(key(i)).append("\"] }\n");
        }
        return yaml.toString();
    }
}
