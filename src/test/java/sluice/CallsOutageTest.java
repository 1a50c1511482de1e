package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.PostgresProcess;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** A PostgreSQL that dies or hangs under load: no call notices, and each is on record when it is back. */
@Timeout(180)
class CallsOutageTest {
    private static final String TENANTS = """
            cache: { mode: off }
            tenants: [{ name: bot, rpm: 100000000, keys: ["${BOT}"] }]
            """;
    private static final int CALLERS = 4;
    /** How many calls the database misses; {@code -Dsluice.missed} says otherwise. */
    private static final int MISSED = Integer.getInteger("sluice.missed", 50);
    private static final int STEP = 50;

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private final PostgresProcess postgres = LEDGERS.postgres();
    private final String database = postgres.newDatabase().database();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
    private final List<Thread> callers = new ArrayList<>();

    private void ask() {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + asked.incrementAndGet())));
        int status = gateway.send(gateway.request("/chat/completions", gateway.key("BOT"))
                .POST(BodyPublishers.ofString(body.encode()))).statusCode();
        statuses.computeIfAbsent(status, fresh -> new AtomicInteger()).incrementAndGet();
    }

    private void load() {
        for (int i = 0; i < CALLERS; i++) {
            callers.add(Thread.ofVirtual().start(() -> {
                while (!enough.get()) {
                    ask();
                }
            }));
        }
    }

    private void stopLoad() throws InterruptedException {
        enough.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(statuses.keySet()).containsExactly(200);
    }

    private double meter(String name, String label) {
        return gateway.metrics().lines().filter(line -> line.startsWith(name) && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    private long sql(String query) {
        return postgres.number(database, query);
    }

    private void start() {
        gateway.ledger(postgres.text(database)).start(TENANTS);
        ask();
        Await.until("a record", () -> meter("sluice_ledger_calls_total", "written") >= 1);
        load();
    }

    private void awaitSpool() {
        for (int missed = STEP; missed <= MISSED; missed += STEP) {
            int least = missed;
            Await.until("the spool", () -> meter("sluice_ledger_waiting", "disk") > least);
        }
    }

    private void allIsOnRecord() {
        Await.until("every record", () -> meter("sluice_ledger_calls_total", "written") == asked.get());
        assertThat(sql("SELECT COUNT(*) FROM call")).isEqualTo(asked.get());
        assertThat(sql("SELECT SUM(calls) FROM usage WHERE slice = 'day'")).isEqualTo(asked.get());
        assertThat(gateway.upstream().status(200)).isEqualTo(asked.get());
        assertThat(meter("sluice_ledger_calls_total", "lost")).isZero();
        Await.until("an empty spool", () -> meter("sluice_ledger_spool_bytes", "") == 0);
        assertThat(meter("sluice_ledger_waiting", "")).isZero();
        assertThat(gateway.log().lines()).filteredOn(line -> line.contains("kept in the spool until it does"))
                .hasSize(1);
        Await.until("news", () -> gateway.log().lines().stream()
                .filter(line -> line.contains("has caught up")).count() == 1);
        assertThat(gateway.troubles("")).isEmpty();
        assertThat(meter("sluice_ledger_reachable", "")).isOne();
    }

    @Test
    void killed() throws Exception {
        start();
        postgres.kill();
        awaitSpool();
        assertThat(meter("sluice_ledger_behind_seconds", "")).isPositive();
        assertThat(meter("sluice_ledger_reachable", "")).isZero();
        assertThat(gateway.troubles("")).extracting(each -> each.getString("what")).containsExactly("ledger_fails",
                "ledger_behind");
        for (JsonObject trouble : gateway.troubles("")) {
            assertThat(gateway.log().lines()).anyMatch(line -> line.startsWith(trouble.getString("text")));
        }
        assertThat(gateway.log().lines()).as("the driver's message quotes the statement")
                .noneMatch(line -> line.contains("INSERT INTO"));
        postgres.restart();
        stopLoad();
        allIsOnRecord();
    }

    @Test
    void hanging() throws Exception {
        start();
        postgres.pause();
        try {
            awaitSpool();
        } finally {
            postgres.resume();
        }
        stopLoad();
        allIsOnRecord();
    }

    /** As where the disk is full. */
    @Test
    void spoolThatCannotBeWrittenCostsNoCallEither() throws Exception {
        Path file = Files.writeString(gateway.folder().resolve("file"), "");
        gateway.spool(file + "/spool", "");
        start();
        postgres.kill();
        Await.until("failures of the spool", () -> meter("sluice_store_errors_total", "spool") > 0);
        Await.until("memory", () -> meter("sluice_ledger_waiting", "memory") > 100);
        assertThat(gateway.troubles("")).extracting(each -> each.getString("text"))
                .anyMatch(text -> text.startsWith("neither the ledger nor the spool"));
        postgres.restart();
        stopLoad();
        Await.until("every record", () -> meter("sluice_ledger_calls_total", "written") == asked.get());
        assertThat(meter("sluice_ledger_calls_total", "lost")).isZero();
        assertThat(file).isRegularFile();
    }

    @Test
    void spoolIsLeftForTheNextProcess() throws Exception {
        start();
        postgres.kill();
        Await.until("the spool", () -> meter("sluice_ledger_waiting", "disk") > 50);
        stopLoad();
        Thread restarting = Thread.ofPlatform().start(() -> gateway.restart());
        Await.until("it ends", () -> spooled() == 0 || gateway.log().lines().stream()
                .anyMatch(line -> line.contains("waiting for the ledger")));
        postgres.restart();
        restarting.join();
        Await.until("every record", () -> sql("SELECT COUNT(*) FROM call"), asked.get());
        assertThat(sql("SELECT SUM(calls) FROM usage WHERE slice = 'hour'")).isEqualTo(asked.get());
    }

    private long spooled() {
        try (var files = Files.list(gateway.folder().resolve("spool"))) {
            return files.filter(file -> file.toString().endsWith(".calls")).count();
        } catch (IOException e) {
            return -1;
        }
    }
}
