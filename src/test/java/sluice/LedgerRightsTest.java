package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluice.testing.AdminClient.body;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.ledger.LedgerUrl;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.PostgresProcess;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** A gateway whose database user has no more than the rights that docs/admin.md names. */
@Timeout(120)
class LedgerRightsTest {
    private static final String OWNER = "sluice_owner";
    private static final String SERVING = "sluice_serving";
    private static final String PASSWORD = "only-for-a-test";
    private static final String TENANTS = "tenants: [{ name: bot, rpd: 1000, usd-per-month: 5, keys: [\"${BOT}\"] }]";

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    private LedgerUrl.Postgres database() {
        return LEDGERS.postgres().newDatabase();
    }

    private static String url(String user, String database) {
        return "postgresql://" + user + ":" + PASSWORD + "@127.0.0.1:" + LEDGERS.postgres().port() + "/" + database;
    }

    /** The statements of the documentation: first those of the owner, then those of whoever serves. */
    private static List<String> documented(int block) throws IOException {
        Matcher blocks = Pattern.compile("(?s)```sql\n(.*?)```").matcher(Files.readString(Path.of("docs/admin.md")));
        List<String> found = blocks.results().map(each -> each.group(1).replaceAll("--[^\n]*", "")).toList();
        return Arrays.stream(Pattern.compile(";").split(found.get(block).replace("'…'", "'" + PASSWORD + "'")))
                .map(String::strip).filter(statement -> !statement.isEmpty()).toList();
    }

    private int ask(String key) {
        return gateway.post("/chat/completions", key, new JsonObject().put("model", "gpt-4o-mini").put("user", "ann")
                .put("messages", List.of(new JsonObject().put("role", "user").put("content", "Hello")))).statusCode();
    }

    @Test
    void theDocumentedRightsSuffice() throws IOException, SQLException {
        PostgresProcess postgres = LEDGERS.postgres();
        String name = database().database();
        postgres.execute(name, "REVOKE ALL ON SCHEMA public FROM PUBLIC");
        postgres.execute(name, documented(0).toArray(String[]::new));
        gateway.ledger(url(OWNER, name)).start(TENANTS);
        postgres.execute(name, documented(1).toArray(String[]::new));
        gateway.ledger(url(SERVING, name)).restart(TENANTS);

        AdminClient admin = new AdminClient(gateway.adminUrl(), "");
        body(201, admin.post("/tenants", new JsonObject().put("name", "team").put("settings",
                new JsonObject().put("rpd", 100).put("usd-per-day", 1))));
        body(200, admin.patch("/tenants/team", new JsonObject().put("settings", new JsonObject().put("rpd", 99))));
        JsonObject issued = body(201, admin.post("/tenants/team/keys", new JsonObject(), "idempotency-key", "once"));
        String id = issued.getString("id");
        body(201, admin.post("/keys/" + id + "/rotate", new JsonObject()));
        body(200, admin.patch("/keys/" + id, new JsonObject().put("label", "old")));
        assertThat(gateway.send(gateway.request("/models", issued.getString("key"))).statusCode()).isEqualTo(200);
        assertThat(ask("BOT")).isEqualTo(200);
        body(200, admin.send("POST", "/keys/" + id + "/revoke", ""));
        body(200, admin.send("POST", "/keys/" + id + "/restore", ""));
        body(200, admin.delete("/keys/" + id));
        Await.until("the call is there", () -> body(200, admin.get("/calls")).getJsonArray("data").size() >= 2);
        assertThat(body(200, admin.get("/usage")).getJsonArray("data")).isNotEmpty();
        assertThat(body(200, admin.get("/audit")).getJsonArray("data").size()).isGreaterThan(6);
        body(200, admin.delete("/tenants/team?data=true"));
        Await.until("daily levels are written",
                () -> postgres.number(name, "SELECT count(*) FROM day_level WHERE owner LIKE '%bot%'") > 0);
        gateway.restart(TENANTS);
        assertThat(ask("BOT")).isEqualTo(200);
        assertThat(gateway.log().lines()).noneMatch(line -> line.contains("permission denied"));
        assertThat(gateway.metric("sluice_store_errors_total")).isZero();

        for (String forbidden : List.of("UPDATE audit SET who = 'nobody'", "DELETE FROM audit",
                "CREATE TABLE mine (a int)",
                "DROP TABLE call", "UPDATE call SET picodollars = 0", "DELETE FROM managed_key")) {
            try (Connection connection = DriverManager.getConnection(
                    "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + name, SERVING, PASSWORD);
                    Statement statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute(forbidden)).as(forbidden)
                        .hasMessageMatching("(?s).*(permission denied|must be owner).*");
            }
        }
    }
}
