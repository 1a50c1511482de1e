package sluice.calls;

import java.util.Optional;
import org.junit.jupiter.params.provider.ValueSource;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.Ledger;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestLedgers;

/** Records in either database: each once, and their sums as those of the calls. */
@Timeout(60)
class CallLedgerTest {
    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private final ManualTime clock = new ManualTime();
    private final AtomicInteger spoolFailures = new AtomicInteger();

    private record Known(String tenant, String tags, String user) implements Facts {

        @Override
        public String model() {
            return "gpt-4o";
        }
    }

    private static Spent spent(String id, String tags, String user) {
        return new Spent(new Origin(id, "POST", "chat_completions", "c"), new Known("bot", tags, user),
                new Spent.Told(200, Outcome.ANSWERED, "", 0, new ModelUse.Reported("", "", new Usage(10, 5, 2))),
                new Spent.Times(0, 0, 0, 0, 0, 1_000_000), new Cost.Priced(15_000, LocalDate.EPOCH), Cost.NOTHING);
    }

    private static Ledger open(TestLedgers.Kind kind) {
        return new Ledger(LEDGERS.fresh(kind).url(), Assertions::fail);
    }

    private CallLedger calls(Ledger ledger) {
        return new CallLedger(ledger, new CallLedger.Settings(folder.resolve("spool"), 1 << 20, Duration.ofDays(30)),
                spoolFailures::incrementAndGet, clock.time());
    }

    private static List<UsageReport.Row> usage(Ledger ledger, Instant now, String... parameters) throws Exception {
        MultiMap query = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < parameters.length; i += 2) {
            query.add(parameters[i], parameters[i + 1]);
        }
        return new UsageTable(ledger).read(UsageQueryReader.read(query, now, true));
    }

    private static long sum(List<UsageReport.Row> rows, Sum sum) {
        return rows.stream().mapToLong(row -> row.sum(sum)).sum();
    }

    @ParameterizedTest
    @EnumSource
    void writesAllThatIsHandedOver(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = open(kind)) {
            CallLedger calls = calls(ledger);
            calls.start();
            for (int i = 0; i < 2_500; i++) {
                calls.over(spent("call-" + i, i % 2 == 0 ? "job=1,team=search" : "", i % 5 == 0 ? "u" + i % 3 : ""));
            }
            Await.until("written", calls::written, 2_500);
            Await.until("nothing is behind", () -> calls.behindSeconds() == 0);
            assertThat(calls.inMemory()).isZero();
            Instant now = clock.time().now();
            List<UsageReport.Row> all = usage(ledger, now, "by", "tenant,key,model,day");
            assertThat(all).singleElement()
                    .satisfies(row -> assertThat(row.group()).containsExactly("bot", "", "gpt-4o", 20260101L));
            assertThat(sum(all, Sum.CALLS)).isEqualTo(2_500);
            assertThat(sum(all, Sum.INPUT_TOKENS)).isEqualTo(25_000);
            assertThat(sum(all, Sum.OUTPUT_TOKENS)).isEqualTo(12_500);
            assertThat(sum(all, Sum.CACHED_TOKENS)).isEqualTo(5_000);
            assertThat(sum(all, Sum.PICODOLLARS)).isEqualTo(2_500 * 15_000L);
            assertThat(sum(usage(ledger, now, "by", "hour"), Sum.CALLS)).isEqualTo(2_500);
            assertThat(usage(ledger, now, "by", "tenant,month")).isEqualTo(
                    usage(ledger, now, "by", "tenant,month", "to", "2026-01-02")).hasSize(1);
            assertThat(usage(ledger, now, "by", "tag")).extracting(row -> row.group().getFirst())
                    .containsExactly("job=1", "team=search");
            assertThat(sum(usage(ledger, now, "by", "month", "tag", "team"), Sum.CALLS)).isEqualTo(1_250);
            assertThat(usage(ledger, now, "by", "user")).hasSize(3);
            assertThat(sum(usage(ledger, now, "by", "user"), Sum.CALLS)).isEqualTo(500);
            calls.stop().await();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "torn", "\n\n"})
    void fileOfTheSpoolWithoutARecordHoldsUpNothing(String content) throws Exception {
        Files.createDirectories(folder.resolve("spool"));
        Files.writeString(folder.resolve("spool").resolve("000000000001.calls"), content);
        try (Ledger ledger = open(TestLedgers.Kind.SQLITE)) {
            CallLedger calls = calls(ledger);
            calls.start();
            calls.over(spent("call", "", ""));
            Await.until("written", calls::written, 1);
            calls.stop().await();
        }
        assertThat(folder.resolve("spool").resolve("000000000001.calls")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void sumsAreExactBeyondAnyNumberOfTheDatabase(TestLedgers.Kind kind) throws Exception {
        long tenThousandDollars = 10_000_000_000_000_000L;
        try (Ledger ledger = open(kind)) {
            CallTables tables = new CallTables(ledger);
            for (String tenant : List.of("a", "b")) {
                tables.write(IntStream.range(0, 900)
                        .mapToObj(i -> Records.dear(tenant + i, tenant, tenThousandDollars - 1)).toList());
            }
            assertThat(new UsageReport(UsageQueryReader.read(MultiMap.caseInsensitiveMultiMap().add("by", "month"),
                    Records.NOON, true), usage(ledger, Records.NOON, "by", "month"), Optional.empty(), 0).text())
                    .contains("\"cost_usd\":17999999.9999999982");
            tables.write(IntStream.range(0, 100)
                    .mapToObj(i -> Records.dear("c" + i, "a", tenThousandDollars)).toList());
            assertThat(sum(usage(ledger, Records.NOON, "by", "tenant", "tenant", "a"), Sum.PICODOLLARS))
                    .as("a row holds no more").isEqualTo(Long.MAX_VALUE);
            assertThat(sum(usage(ledger, Records.NOON, "by", "tenant", "tenant", "a"), Sum.CALLS)).isEqualTo(1_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void repeatedCallCountsOnce(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = open(kind)) {
            CallTables tables = new CallTables(ledger);
            List<CallRecord> batch = new ArrayList<>(
                    IntStream.range(0, 100).mapToObj(i -> Records.call("c" + i)).toList());
            batch.add(batch.getFirst());
            assertThat(tables.write(batch)).isEqualTo(100);
            assertThat(tables.write(batch)).isZero();
            assertThat(new CallTables(ledger).write(batch.subList(50, 101))).isZero();
            assertThat(sum(usage(ledger, Records.NOON), Sum.CALLS)).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whateverOthersWriteIntoANameCanBeWritten(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = open(kind)) {
            Usage endless = new Usage(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
            CallRecord huge = Records.call("huge", Records.NOON, "x".repeat(5_000), endless, "", "");
            assertThat(new CallTables(ledger).write(List.of(Records.whole(), huge, Records.call("half\uD83D"))))
                    .isEqualTo(3);
            assertThat(sum(usage(ledger, Records.NOON), Sum.CALLS)).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oldCallsAreForgottenAndTheirSumsAreNot(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = open(kind)) {
            CallTables tables = new CallTables(ledger);
            List<CallRecord> batch = IntStream.range(0, 100).mapToObj(i -> Records.call("c" + i,
                    Records.NOON.plus(Duration.ofMinutes(i)), "bot", new Usage(1, 1, 0), "", "")).toList();
            tables.write(batch);
            long before = Records.NOON.plus(Duration.ofMinutes(70)).toEpochMilli();
            assertThat(tables.forget(before, 40)).isEqualTo(40);
            assertThat(tables.forget(before, 40)).isEqualTo(30);
            assertThat(tables.forget(before, 40)).isZero();
            assertThat(sum(usage(ledger, Records.NOON), Sum.CALLS)).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @EnumSource
    void ledgerForgetsByItself(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = open(kind)) {
            CallLedger calls = calls(ledger);
            calls.start();
            calls.over(spent("old", "", ""));
            Await.until("written", calls::written, 1);
            clock.advance(Duration.ofDays(31));
            calls.over(spent("new", "", ""));
            Await.until("only the new one", () -> count(ledger), 1);
            calls.stop().await();
        }
    }

    private static long count(Ledger ledger) {
        try {
            return ledger.read(0L, transaction -> {
                try (var statement = transaction.prepare("SELECT COUNT(*) FROM call");
                        var rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getLong(1);
                }
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsComeInPages(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = open(kind)) {
            List<CallRecord> batch = new ArrayList<>();
            for (int tenant = 0; tenant < 5; tenant++) {
                for (int day = 0; day < 5; day++) {
                    batch.add(Records.call("c" + tenant + day, Records.NOON.minus(Duration.ofDays(day)), "t" + tenant,
                            new Usage(1, 1, 0), "", ""));
                }
            }
            new CallTables(ledger).write(batch);
            List<List<Object>> seen = new ArrayList<>();
            String cursor = "";
            do {
                List<UsageReport.Row> rows = cursor.isEmpty()
                        ? usage(ledger, Records.NOON, "by", "day,tenant", "limit", "7")
                        : usage(ledger, Records.NOON, "by", "day,tenant", "limit", "7", "cursor", cursor);
                boolean more = rows.size() > 7;
                rows.subList(0, Math.min(7, rows.size())).forEach(row -> seen.add(row.group()));
                cursor = more ? UsageQueryReader.cursor(seen.getLast()) : "";
            } while (!cursor.isEmpty());
            assertThat(seen).hasSize(25).doesNotHaveDuplicates()
                    .isEqualTo(usage(ledger, Records.NOON, "by", "day,tenant")
                            .stream().map(UsageReport.Row::group).toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void whereNothingCanBeKeptTheLastAreRememberedAndTheRestIsCounted(TestLedgers.Kind kind) throws Exception {
        Path blocked = Files.writeString(folder.resolve("spool"), "a file, where a folder should be");
        try (Ledger ledger = new Ledger(LEDGERS.fresh(kind).url(), () -> {
            // It is away.
        })) {
            ledger.open();
            breakTable(ledger, "call", "elsewhere");
            CallLedger calls = calls(ledger);
            calls.start();
            for (int i = 0; i < 12_000; i++) {
                calls.over(spent("call-" + i, "", ""));
            }
            Await.until("some are lost", calls::lost, 2_000);
            assertThat(calls.inMemory()).isEqualTo(Backlog.MOST_REMEMBERED);
            assertThat(spoolFailures).hasPositiveValue();
            assertThat(calls.written()).isZero();
            breakTable(ledger, "elsewhere", "call");
            Await.until("the rest is written", () -> {
                clock.advance(Duration.ofSeconds(1));
                return calls.written() == 10_000;
            });
            Await.until("nothing waits", calls::inMemory, 0);
            calls.stop().await();
            assertThat(calls.lost()).isEqualTo(2_000);
            assertThat(blocked).isRegularFile();
        }
    }

    private static void breakTable(Ledger ledger, String from, String to) throws IOException {
        ledger.write(transaction -> {
            try (var statement = transaction.prepare("ALTER TABLE " + from + " RENAME TO " + to)) {
                return statement.executeUpdate();
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void whatTheDatabaseDoesNotTakeIsOnDiskAndLaterWritten(TestLedgers.Kind kind) throws Exception {
        try (Ledger ledger = new Ledger(LEDGERS.fresh(kind).url(), () -> {
            // It is away.
        })) {
            ledger.open();
            breakTable(ledger, "call", "elsewhere");
            CallLedger first = calls(ledger);
            first.start();
            for (int i = 0; i < 1_500; i++) {
                first.over(spent("call-" + i, "", ""));
            }
            Await.until("on disk", first::spooled, 1_500);
            clock.advance(Duration.ofSeconds(5));
            assertThat(first.behindSeconds()).isBetween(5.0, 10.0);
            first.over(spent("last", "", ""));
            first.stop().await();
            assertThat(first.lost()).isZero();

            breakTable(ledger, "elsewhere", "call");
            CallLedger second = calls(ledger);
            second.start();
            Await.until("written", second::written, 1_501);
            Await.until("an empty spool", second::spoolBytes, 0);
            assertThat(second.spooled()).isZero();
            second.stop().await();
        }
    }
}
