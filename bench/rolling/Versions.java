import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.PostgresProcess;

/**
 * Three replicas on one database and one Redis go from an older version to this one and back, one after the other, while
 * calls are served and keys are issued at one version and revoked at the other.
 */
final class Versions {
    private static final int SIZE = 3;
    private static final int CALLS_PER_SECOND = 100;
    private static final String STEADY = "sk-sluice-steady-0123456789abcdef";
    private static final String LIMITED = "sk-sluice-limited-0123456789abcde";
    private static final int LIMITED_RPM = 120;
    private static final String ADMIN = "sk-sluice-admin-0123456789abcdefg";
    private static final int KEYS_A_STEP = 5;
    private static final double LIMIT_MILLIS = 1_000;

    private final Path folder;
    private final Processes processes;
    private final Path before;
    private final Reloads.Check check;
    private final List<Balancer.Replica> replicas = new ArrayList<>();
    private final List<Process> gateways = new ArrayList<>();
    private final List<Double> took = new ArrayList<>();

    /** @param before the older version's jar, its {@code lib} next to it */
    Versions(Path folder, Processes processes, Path before, Reloads.Check check) {
        this.folder = folder;
        this.processes = processes;
        this.before = before;
        this.check = check;
    }

    void run() throws Exception {
        int redis = processes.redis();
        try (PostgresProcess postgres = PostgresProcess.start()) {
            String database = postgres.newDatabase().database();
            for (int i = 0; i < SIZE; i++) {
                replicas.add(new Balancer.Replica(Processes.freePort(), Processes.freePort()));
                Processes.write(config(i), yaml(i, redis, postgres.text(database)));
                gateways.add(start(i, before));
            }
            try (Balancer balancer = new Balancer(replicas, processes)) {
                Load load = new Load(balancer.port());
                long began = System.nanoTime();
                load.calls(STEADY, CALLS_PER_SECOND);
                load.calls(LIMITED, 5);
                load.warm(STEADY);
                keys();
                for (Path version : List.of(Processes.THIS, before)) {
                    for (int i = 0; i < SIZE; i++) {
                        replace(i, version);
                        keys();
                    }
                }
                load.end();
                report(load, (System.nanoTime() - began) / 1e9, balancer.refused());
                written(postgres, database, load);
            }
        }
    }

    private Process start(int index, Path jar) throws Exception {
        return processes.gateway("version-" + index, jar, config(index), replicas.get(index).adminPort());
    }

    private void replace(int index, Path version) throws Exception {
        gateways.get(index).toHandle().destroy();
        check.that("exit code of replica " + index, gateways.get(index).waitFor(), 0, 0);
        gateways.set(index, start(index, version));
        TimeUnit.SECONDS.sleep(1);
    }

    /** Issues keys at one replica after the other and revokes each at the next one. */
    private void keys() throws Exception {
        for (int i = 0; i < KEYS_A_STEP; i++) {
            JsonObject key = AdminClient.body(201, admin(i % SIZE).post("/tenants/steady/keys",
                    new JsonObject().put("label", "of a moment")));
            took.add(millisUntil(key.getString("key"), 200));
            AdminClient.body(200, admin((i + 1) % SIZE).post("/keys/" + key.getString("id") + "/revoke",
                    new JsonObject()));
            took.add(millisUntil(key.getString("key"), 401));
        }
    }

    private AdminClient admin(int index) {
        return new AdminClient("http://127.0.0.1:" + replicas.get(index).adminPort(), ADMIN);
    }

    /** Until every replica answers a call with this key so. */
    private double millisUntil(String key, int status) throws Exception {
        long began = System.nanoTime();
        for (Balancer.Replica replica : replicas) {
            while (processes.status(replica.port(), "/v1/models", key) != status) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
        return (System.nanoTime() - began) / 1e6;
    }

    private void report(Load load, double seconds, int refused) {
        took.sort(Double::compare);
        System.out.printf(Locale.ROOT, "   %.0f s of load; %d changes of keys, in force at every replica after %.0f ms (p50); "
                + "calls answered within %s (p50), %s (p99)%n", seconds, took.size(), took.get(took.size() / 2),
                load.percentile(0.5), load.percentile(0.99));
        check.that("slowest change of a key, ms", took.getLast(), 0, LIMIT_MILLIS);
        check.that("calls failed", load.faults().size(), 0, 0);
        check.that("connections that no replica took", refused, 0, 0);
        check.that("calls of the limited tenant that were let in", load.count(LIMITED + " 200"), 0,
                LIMITED_RPM * (1 + seconds / 60));
        load.faults().stream().limit(5).forEach(fault -> System.out.println("   " + fault));
    }

    /** Every call stands in the ledger once, and so do the sums. */
    private void written(PostgresProcess postgres, String database, Load load) throws Exception {
        for (Process gateway : gateways) {
            gateway.toHandle().destroy();
            gateway.waitFor();
        }
        long answered = load.count(LIMITED + " 200") + load.count(LIMITED + " 429");
        check.that("rows of the limited tenant's calls", postgres.number(database,
                "SELECT COUNT(*) FROM call WHERE tenant = 'limited'"), answered, answered);
        check.that("their sum by month", postgres.number(database,
                "SELECT SUM(calls) FROM usage WHERE slice = 'month' AND tenant = 'limited'"), answered, answered);
    }

    private Path config(int index) {
        return folder.resolve("versions-" + index + ".yaml");
    }

    private String yaml(int index, int redis, String database) {
        return """
                listen: { host: 127.0.0.1, port: %d }
                admin:
                  host: 127.0.0.1
                  port: %d
                  tokens: [{ name: bench, role: operator, sha256: "%s" }]
                ledger: { url: "%s", spool: { dir: "%s" } }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: [sk-simulator] }]
                cache: { mode: off }
                drain: { delay: 3s, grace: 20s }
                redis: { url: "redis://127.0.0.1:%d" }
                tenants:
                  - { name: steady, rpm: 1000000, keys: ["%s"] }
                  - { name: limited, rpm: %d, keys: ["%s"] }
                """.formatted(replicas.get(index).port(), replicas.get(index).adminPort(), KeyDigest.of(ADMIN).hex(),
                database, folder.resolve("spool-" + index), processes.simulator, redis, STEADY, LIMITED_RPM, LIMITED);
    }
}
