package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.cli.DryRun;
import sluice.ledger.Ledger;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.CommandRun;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;
import sluice.time.Time;

/** A changed file is replayed against what a running gateway has recorded. */
@Timeout(60)
class DryRunTest {
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 6, keys: ["${BOT}"] }
              - { name: rival, rpm: 1000, keys: ["${RIVAL}"] }
            """;

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @TempDir
    private Path folder = Path.of("");

    private int asked;

    private HttpResponse<String> ask(String who, String model) {
        return gateway.post("/chat/completions", who, new JsonObject().put("model", model).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Question " + ++asked))));
    }

    private List<String> ask(int times, String who) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            ids.add(ask(who, "gpt-4o-mini").headers().firstValue("x-sluice-request-id").orElseThrow());
        }
        return ids;
    }

    private void areRecorded() {
        Await.until("records", () -> gateway.metric("sluice_ledger_calls_total{result=\"written\"}") >= asked);
    }

    private String file(String ledger, String tenants) throws IOException {
        return Files.writeString(folder.resolve("changed.yaml"), """
                upstream: { accounts: [{ name: main, keys: ["sk-some-upstream-key"] }] }
                ledger: { url: "%s" }
                """.formatted(ledger) + tenants).toString();
    }

    /** Looks at what has just happened, too. */
    private DryRun command() {
        return new DryRun(name -> name.startsWith("OTEL_") ? null : gateway.key(name),
                new Time(System::nanoTime, () -> Instant.now().plus(Duration.ofSeconds(1))));
    }

    private JsonObject replayed(String file) {
        CommandRun run = new CommandRun(command());
        assertThat(run.with("--config", file, "--json")).as(run.err()).isZero();
        return new JsonObject(run.out());
    }

    private static JsonObject of(JsonObject report, String tenant) {
        return report.getJsonArray("tenants").stream().map(JsonObject.class::cast)
                .filter(each -> each.getString("tenant").equals(tenant)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void saysWhomTheFileWouldHaveRefused(TestLedgers.Kind kind) throws IOException {
        TestLedgers.Fresh ledger = LEDGERS.fresh(kind);
        gateway.ledger(ledger.text()).start(TENANTS);
        ask(9, "BOT");
        List<String> rivals = ask(5, "RIVAL");
        ask("RIVAL", "o3");
        areRecorded();
        String file = file(ledger.text(), """
                tenants:
                  - { name: bot, rpm: 100, keys: ["${BOT}"] }
                  - { name: rival, rpm: 3, models: ["gpt-4o*"], keys: ["${RIVAL}"] }
                """);
        JsonObject report = replayed(file);
        assertThat(report.getInteger("calls")).isEqualTo(15);
        JsonObject bot = of(report, "bot");
        assertThat(bot.getInteger("refused_then")).isEqualTo(3);
        assertThat(bot.getInteger("refused")).isZero();
        assertThat(bot.getInteger("no_longer_refused")).isEqualTo(3);
        assertThat(bot.getInteger("estimated")).isEqualTo(3);
        JsonObject rival = of(report, "rival");
        assertThat(rival.getInteger("newly_refused")).isEqualTo(3);
        JsonObject by = rival.getJsonArray("by").getJsonObject(0);
        assertThat(by.getString("limit")).isEqualTo("rpm");
        assertThat(by.getJsonArray("first").stream().map(String::valueOf)).startsWith(rivals.get(3), rivals.get(4));

        CommandRun text = new CommandRun(command());
        assertThat(text.with("--config", file, "--last", "10m")).isZero();
        assertThat(text.out()).contains("15 calls from", "by rpm", rivals.get(3), "Estimated: what 3 calls")
                .containsPattern("bot +9 +3 +0 +0");
        assertThat(ask("RIVAL", "gpt-4o-mini").statusCode()).as("the gateway goes on").isEqualTo(200);
    }

    @Test
    void operatorsAskTheGatewayItself() throws IOException {
        gateway.start(TENANTS);
        ask(4, "RIVAL");
        areRecorded();
        AdminClient admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        String yaml = Files.readString(Path.of(file("sqlite:" + folder.resolve("none.db"), """
                tenants: [{ name: rival, rpm: 3, keys: ["${WHATEVER}"] }]
                """)));
        HttpResponse<String> answer = admin.post("/dry-run", new JsonObject().put("configuration", yaml));
        AdminContract.holds(AdminRoute.DRY_RUN, answer);
        assertThat(of(AdminClient.body(200, answer), "rival").getInteger("newly_refused")).isEqualTo(1);
        HttpResponse<String> broken = admin.post("/dry-run", new JsonObject().put("configuration", "tenants: 7"));
        AdminContract.holds(AdminRoute.DRY_RUN, broken);
        assertThat(AdminClient.error(400, broken).getString("message")).contains("tenants, line 1");
    }

    @Test
    void managedTenantsTakeTheirPlanFromTheFile() throws IOException {
        TestLedgers.Fresh ledger = LEDGERS.fresh(TestLedgers.Kind.SQLITE);
        gateway.ledger(ledger.text()).start("plans: { small: { rpm: 1000 } }\n" + TENANTS);
        AdminClient admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        AdminClient.body(201, admin.post("/tenants",
                new JsonObject().put("name", "made").put("settings", new JsonObject().put("plan", "small"))));
        String key = AdminClient.body(201, admin.post("/tenants/made/keys", new JsonObject())).getString("key");
        for (int i = 0; i < 4; i++) {
            asked++;
            gateway.send(gateway.request("/models", key).GET());
        }
        areRecorded();
        JsonObject made = of(replayed(file(ledger.text(), "plans: { small: { rpm: 1 } }\n" + TENANTS)), "made");
        assertThat(made.getBoolean("known")).isTrue();
        assertThat(made.getInteger("refused")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void ledgerIsOnlyRead(TestLedgers.Kind kind) throws IOException {
        TestLedgers.Fresh fresh = LEDGERS.fresh(kind);
        try (Ledger ledger = new Ledger(fresh.url(), () -> {})) {
            ledger.open();
        }
        try (Ledger ledger = Ledger.readOnly(fresh.url())) {
            assertThatThrownBy(() -> ledger.write(transaction -> true)).isInstanceOf(IOException.class)
                    .hasMessageContaining("only read");
            assertThatThrownBy(() -> ledger.read(0, transaction -> {
                try (var statement = transaction.prepare("INSERT INTO revoked_key (id) VALUES ('x')")) {
                    return statement.executeUpdate();
                }
            })).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatCannotBeReplayedIsSaid() throws IOException {
        CommandRun empty = new CommandRun(command());
        String file = file("sqlite:" + folder.resolve("none.db"), TENANTS);
        assertThat(empty.with("--config", file)).isZero();
        assertThat(empty.out()).contains("Nothing to replay");
        assertThat(folder.resolve("none.db")).doesNotExist();
        assertThat(empty.with("--config", file, "--last", "3d")).isEqualTo(2);
        assertThat(empty.err()).contains("--last: 3d (expected: a time such as 30m or 1h, at most 48h)");
        CommandRun broken = new CommandRun(command());
        assertThat(broken.with("--config", file("mysql://x", TENANTS))).isEqualTo(2);
        CommandRun unshared = new CommandRun(command());
        assertThat(unshared.with("--config", file("sqlite:" + folder.resolve("none.db"), TENANTS
                + "redis: { url: \"redis://localhost\" }\n"))).isEqualTo(1);
        assertThat(unshared.err()).contains("PostgreSQL");
    }
}
