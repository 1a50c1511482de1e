package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.Ledger;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.RawClient;
import sluice.testing.TestConfig;
import sluice.testing.TestLedgers;
import sluice.time.Time;

/** Ten thousand tenants with a hundred thousand keys: a gateway starts, lists them and follows changes. */
@Timeout(300)
class ManagedScaleTest {
    private static final int TENANTS = 10_000;
    private static final int KEYS_EACH = 10;
    private static final int PLANS = 100;

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private static String key(int tenant, int key) {
        return "sk-sluice-" + tenant + "-" + key;
    }

    @ParameterizedTest
    @EnumSource
    void startsListsAndFollows(TestLedgers.Kind kind) throws Exception {
        TestLedgers.Fresh ledger = LEDGERS.fresh(kind);
        try (Ledger made = new Ledger(ledger.url(), Assertions::fail)) {
            made.open();
        }
        fill(ledger.text());
        start(ledger.text()).stop().await();
        long began = System.nanoTime();
        RunningGateway gateway = start(ledger.text());
        long started = millisSince(began);
        try {
            AdminClient admin = new AdminClient("http://127.0.0.1:" + gateway.adminPort(), "");
            List<Long> pages = new ArrayList<>();
            String cursor = "";
            for (int page = 0; page < 30; page++) {
                for (String list : List.of("/tenants", "/keys")) {
                    began = System.nanoTime();
                    JsonObject answer = body(200,
                            admin.get(list + "?limit=100" + (list.equals("/keys") ? "" : cursor)));
                    pages.add(millisSince(began));
                    cursor = list.equals("/keys") ? cursor : "&cursor=" + answer.getString("next_cursor");
                }
            }
            assertThat(letsIn(gateway, key(TENANTS - 1, 0))).isTrue();
            began = System.nanoTime();
            String issued = body(201, admin.post("/tenants/t-5000/keys", new JsonObject())).getString("key");
            Await.until("the new key", () -> letsIn(gateway, issued));
            long change = millisSince(began);
            List<Long> sorted = pages.stream().sorted().toList();
            System.out.println(kind + ", " + TENANTS + " tenants, " + TENANTS * KEYS_EACH + " keys: start " + started
                    + " ms, pages p50 " + sorted.get(sorted.size() / 2) + " ms, p90 "
                    + sorted.get(sorted.size() * 9 / 10)
                    + " ms, a new key " + change + " ms");
            // Far above what is printed: these catch what grows with the square of its size, not a busy machine.
            assertThat(started).isLessThan(20_000);
            assertThat(sorted.get(sorted.size() * 9 / 10)).isLessThan(1_000);
            assertThat(change).isLessThan(10_000);
        } finally {
            gateway.stop().await();
        }
    }

    private RunningGateway start(String ledger) throws Exception {
        return RunningGateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { url: "%s", spool: { dir: "%s" } }
                upstream: { accounts: [{ name: main, keys: [sk-upstream-0123456789] }] }
                """.formatted(ledger, folder.resolve("spool")), name -> null), Time.system()).await();
    }

    private static boolean letsIn(RunningGateway gateway, String key) {
        RawClient client = new RawClient(1, gateway.port());
        try {
            return client.write("GET /v1/sluice/limits HTTP/1.1\r\nhost: a\r\nauthorization: Bearer " + key
                    + "\r\nconnection: close\r\n\r\n").answer().startsWith("HTTP/1.1 200");
        } finally {
            client.close();
        }
    }

    private static long millisSince(long began) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    private void fill(String ledger) throws SQLException {
        try (Connection connection = connect(ledger)) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO managed_tenant VALUES (?, ?, 1700000000000, 1700000000000, 0, 1)")) {
                for (int i = 0; i < TENANTS; i++) {
                    insert.setString(1, "t-" + i);
                    insert.setString(2, new JsonObject().put("plan", "paid").put("tpm", 1_000 + i % PLANS).encode());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO managed_key VALUES (?, ?, ?, '', 'test', 1700000000000, 0, '', 0, 1)")) {
                for (int i = 0; i < TENANTS * KEYS_EACH; i++) {
                    KeyDigest digest = KeyDigest.of(key(i / KEYS_EACH, i % KEYS_EACH));
                    insert.setString(1, digest.id());
                    insert.setString(2, digest.hex());
                    insert.setString(3, "t-" + i / KEYS_EACH);
                    insert.addBatch();
                    if (i % 5_000 == 0) {
                        insert.executeBatch();
                    }
                }
                insert.executeBatch();
            }
            try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE last_change SET number = 1");
            }
            connection.commit();
        }
    }

    private static Connection connect(String ledger) throws SQLException {
        return ledger.startsWith("sqlite:")
                ? DriverManager.getConnection("jdbc:" + ledger)
                : LEDGERS.postgres().connect(ledger.substring(ledger.lastIndexOf('/') + 1));
    }
}
