import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import sluice.calls.CallLedger;
import sluice.calls.UsageQuery;
import sluice.calls.UsageQueryReader;
import sluice.calls.UsageReports;
import sluice.isolation.Holder;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.testing.PostgresProcess;
import sluice.time.Time;

/** What the ledger of calls costs on an event loop and on its own thread, and how long a report of usage takes. */
final class CallsBench {
    private static final int ROUNDS = 24;
    private static final int BURST = 50_000;
    private static final long CALLS = 10_000_000;
    private static final int REPORTS = 40;

    private CallsBench() {}

    /** As many as a company has, and as many as the gateway is made for. */
    private enum Company {
        USUAL(100, 2, 5), LARGE(500, 4, 10);

        private final int tenants;
        private final int keys;
        private final int models;

        Company(int tenants, int keys, int models) {
            this.tenants = tenants;
            this.keys = keys;
            this.models = models;
        }
    }

    private record Known(String tenant, String keyId, String tags) implements Facts {

        @Override
        public String model() {
            return "gpt-4o-mini";
        }
    }

    public static void main(String[] words) throws Exception {
        Set<String> wanted = Set.of(words);
        Path folder = Files.createTempDirectory("ledger-bench");
        try (PostgresProcess postgres = PostgresProcess.start()) {
            if (wanted.isEmpty() || wanted.contains("handover")) {
                System.out.println("database   records  handing over  writing      rows/s while it catches up");
                handOver("SQLite", new LedgerUrl.Sqlite(folder.resolve("calls.db")), folder.resolve("spool-1"));
                handOver("PostgreSQL", postgres.newDatabase(), folder.resolve("spool-2"));
            }
            if (wanted.isEmpty() || wanted.contains("usage")) {
                System.out.println("database   company  calls     rows of sums  size     report                     "
                        + "median    p95       most");
                for (Company company : Company.values()) {
                    LedgerUrl.Sqlite file = new LedgerUrl.Sqlite(folder.resolve(company + ".db"));
                    usage("SQLite", file, "jdbc:sqlite:" + file.file(), company, "WITH RECURSIVE s(i) AS "
                            + "(SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < " + (CALLS - 1) + ")", "s");
                    LedgerUrl.Postgres server = postgres.newDatabase();
                    usage("PostgreSQL", server, "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/"
                            + server.database(), company, "", "generate_series(0, " + (CALLS - 1) + ") AS s(i)");
                    remove(folder);
                    Files.createDirectories(folder);
                    postgres.execute("postgres", "DROP DATABASE " + server.database() + " WITH (FORCE)");
                }
            }
        } finally {
            remove(folder);
        }
    }

    private static Spent spent(int number) {
        return new Spent(new Origin(String.format(Locale.ROOT, "%016x", number * 0x9E3779B97F4A7C15L), "POST",
                "chat_completions", "10.0.0.1"),
                new Known("tenant-" + number % 100, "key-" + number % 200, number % 4 == 0 ? "team=search" : ""),
                new Spent.Told(200, Outcome.ANSWERED, "", 900,
                        new ModelUse.Reported("gpt-4o-mini-2024-07-18", "default", new Usage(120, 80, 0))),
                new Spent.Times(0, 0, 1_000_000, 2_000_000, 0, 3_000_000),
                new Cost.Priced(66_000_000, LocalDate.EPOCH), Cost.NOTHING);
    }

    /** In bursts that fit the queue, each followed by the time that it takes to write them. */
    private static void handOver(String name, LedgerUrl url, Path spool) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try (Ledger ledger = new Ledger(url, () -> System.err.println("a write has failed"))) {
            ledger.open();
            CallLedger calls = new CallLedger(ledger,
                    new CallLedger.Settings(spool, 64 << 20, Duration.ofDays(30)), () -> {
                        throw new IllegalStateException("nothing should be spooled");
                    }, Time.system());
            calls.start();
            double[] nanos = new double[ROUNDS];
            long writerBefore = 0;
            long writtenBefore = 0;
            long begun = 0;
            long catchingUp = 0;
            for (int round = 0; round < ROUNDS; round++) {
                if (round == ROUNDS / 2) {
                    writerBefore = cpu(threads);
                    writtenBefore = calls.written();
                    catchingUp = 0;
                }
                Spent[] burst = new Spent[BURST];
                for (int i = 0; i < BURST; i++) {
                    burst[i] = spent(round * BURST + i);
                }
                long before = threads.getCurrentThreadCpuTime();
                for (Spent each : burst) {
                    calls.over(each);
                }
                nanos[round] = (threads.getCurrentThreadCpuTime() - before) / (double) BURST;
                begun = System.nanoTime();
                while (calls.written() < (long) (round + 1) * BURST) {
                    Thread.sleep(1);
                }
                catchingUp += System.nanoTime() - begun;
            }
            double[] warm = Arrays.copyOfRange(nanos, ROUNDS / 2, ROUNDS);
            Arrays.sort(warm);
            long written = calls.written() - writtenBefore;
            System.out.printf(Locale.ROOT, "%-10s %,8d  %6.0f ns     %6.1f us    %,9.0f%n", name, written,
                    warm[warm.length / 2], (cpu(threads) - writerBefore) / 1e3 / written,
                    written / (catchingUp / 1e9));
            calls.stop().await();
        }
    }

    /** Processor time of the thread that writes. */
    private static long cpu(ThreadMXBean threads) {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("sluice-calls"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.threadId())).max().orElseThrow();
    }

    private static void usage(String name, LedgerUrl url, String jdbc, Company company, String with, String series)
            throws Exception {
        try (Ledger ledger = new Ledger(url, () -> System.err.println("the ledger has failed"))) {
            ledger.open();
            long rows;
            long size;
            try (Connection connection = DriverManager.getConnection(jdbc, PostgresProcess.USER,
                    PostgresProcess.PASSWORD); Statement statement = connection.createStatement()) {
                fill(statement, company, with, series);
                rows = count(statement, "SELECT COUNT(*) FROM usage");
                size = url instanceof LedgerUrl.Sqlite file
                        ? Files.size(file.file())
                        : count(statement, "SELECT pg_database_size(current_database())");
            }
            Vertx vertx = Vertx.vertx();
            UsageReports reports = new UsageReports(vertx, Optional.of(ledger), () -> 0);
            for (String query : List.of("by=tenant,month&from=2026-10-01&to=2026-11-01",
                    "by=tenant,model,day&from=2026-10-01&to=2026-11-01&limit=10000",
                    "by=day,model&tenant=tenant-7&from=2026-10-01&to=2026-11-01",
                    "by=hour&from=2026-10-30&to=2026-11-01")) {
                double[] millis = new double[REPORTS];
                for (int i = 0; i < REPORTS; i++) {
                    UsageQuery asked = query(query);
                    long before = System.nanoTime();
                    reports.of(asked, new Holder.Everyone()).await();
                    millis[i] = (System.nanoTime() - before) / 1e6;
                }
                double first = millis[0];
                Arrays.sort(millis);
                System.out.printf(Locale.ROOT, "%-10s %-7s %,10d  %,9d  %.1f GB  %-24s %6.1f ms %6.1f ms %6.1f ms (first %.1f)%n",
                        name, company.name().toLowerCase(Locale.ROOT), CALLS, rows, size / 1e9, query.split("&", 2)[0],
                        millis[REPORTS / 2], millis[REPORTS * 95 / 100], millis[REPORTS - 1], first);
            }
            vertx.close().await();
        }
    }

    private static UsageQuery query(String text) throws UsageQueryReader.Unclear {
        MultiMap parameters = MultiMap.caseInsensitiveMultiMap();
        for (String each : text.split("&", -1)) {
            parameters.add(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
        }
        return UsageQueryReader.read(parameters, Instant.parse("2026-11-15T00:00:00Z"), true);
    }

    /** Calls of the whole of October, spread evenly, and the sums that the gateway would have made of them. */
    private static void fill(Statement statement, Company company, String with, String series) throws SQLException {
        String tenant = "'tenant-' || (i % " + company.tenants + ")";
        String key = "'key-' || (i % " + company.tenants + ") || '-' || (i / 7 % " + company.keys + ")";
        String model = "'gpt-model-' || (i / 31 % " + company.models + ")";
        String sums = "120, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 66000000, 0";
        long start = Instant.parse("2026-10-01T00:00:00Z").toEpochMilli();
        long millis = Duration.ofDays(31).toMillis();
        statement.execute(("INSERT INTO call " + with + " SELECT %d + i * %d / %d, 'id-' || i, %s, %s, 'chat_completions', "
                + "%s, %s, 'default', 0, 'MISS', 200, 'answered', '', 0, 1500000, 1, 'main', '', '', 0, '2026-10-01', %s "
                + "FROM %s").formatted(start, millis, CALLS, tenant, key, model, model, sums, series)
                .replace("i * " + millis, "CAST(i AS BIGINT) * " + millis));
        for (String[] slice : new String[][]{{"month", "202610"}, {"day", "20261001 + CAST(i AS BIGINT) * 31 / " + CALLS},
                {"hour", "(20261001 + CAST(i AS BIGINT) * 31 / " + CALLS + ") * 100 + CAST(i AS BIGINT) * 744 / " + CALLS
                        + " % 24"}}) {
            statement.execute(("INSERT INTO usage " + with + " SELECT '%s', period, tenant, key, model, '', COUNT(*), "
                    + "COUNT(*), 0, 0, 0, COUNT(*) * 120, 0, 0, COUNT(*) * 80, 0, 0, 0, 0, 0, 0, 0, 0, "
                    + "COUNT(*) * 66000000, 0 FROM (SELECT %s AS period, %s AS tenant, %s AS key, %s AS model FROM %s) AS c "
                    + "GROUP BY period, tenant, key, model").formatted(slice[0], slice[1], tenant, key, model, series));
        }
        statement.execute("ANALYZE");
    }

    private static long count(Statement statement, String query) throws SQLException {
        try (var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
