package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Apply;
import sluice.cli.Export;
import sluice.yaml.InvalidConfig;
import sluice.testing.AdminClient;
import sluice.testing.CommandRun;
import sluice.testing.EchoUpstream;
import sluice.testing.RawClient;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** What one installation manages is carried to another, as a file. */
@Timeout(120)
class ExportAndApplyTest {
    private static final int CALLS = 1_000;

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final List<RunningGateway> gateways = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private int upstream;

    @BeforeEach
    void start() throws InvalidConfig {
        upstream = EchoUpstream.start(vertx).port();
        gateways.add(gateway("one", ""));
        gateways.add(gateway("two", ""));
    }

    @AfterEach
    void stop() {
        gateways.forEach(gateway -> gateway.stop().await());
        vertx.close().await();
    }

    private RunningGateway gateway(String name, String more) throws InvalidConfig {
        return RunningGateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { host: 127.0.0.1, port: 0 }
                cache: { mode: off }
                ledger: { url: "sqlite:%s", spool: { dir: "%s" } }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: [sk-upstream-0123456789] }]
                """.formatted(folder.resolve(name + ".db"), folder.resolve(name), upstream) + more, unset -> null),
                Time.system()).await();
    }

    private String url(int gateway) {
        return "http://127.0.0.1:" + gateways.get(gateway).adminPort();
    }

    private void manage() {
        AdminClient admin = new AdminClient(url(0), "");
        for (int i = 0; i < 5; i++) {
            JsonObject settings = new JsonObject().put("rpm", 1_000_000).put("rpd", 20 * (i + 1)).put("models",
                    new JsonArray().add(i % 2 == 0 ? "gpt-4o*" : "o3")).put("model-limits",
                            new JsonObject().put("gpt-4o-mini", new JsonObject().put("rpd", 15)));
            body(201, admin.post("/tenants", new JsonObject().put("name", "team-" + i).put("settings", settings)));
            keys.add(issue(admin, i, new JsonObject()).getString("key"));
            keys.add(issue(admin, i, new JsonObject().put("not_after", "2100-01-01T00:00:00Z")).getString("key"));
        }
        keys.add(issue(admin, 0, new JsonObject().put("not_after", "2020-01-01T00:00:00Z")).getString("key"));
        JsonObject revoked = issue(admin, 1, new JsonObject());
        keys.add(revoked.getString("key"));
        body(200, admin.send("POST", "/keys/" + revoked.getString("id") + "/revoke", ""));
        keys.add("sk-sluice-nobody-0123456789abcdef");
    }

    private static JsonObject issue(AdminClient admin, int team, JsonObject wish) {
        return body(201, admin.post("/tenants/team-" + team + "/keys", wish));
    }

    private CommandRun run(Object command, String... arguments) {
        CommandRun run = new CommandRun(command);
        assertThat(run.with(arguments)).as(run.err()).isZero();
        return run;
    }

    /** The status, and the code of an error. */
    private String ask(int gateway, int call) {
        RawClient client = new RawClient(1, gateways.get(gateway).port());
        try {
            String body = "{\"model\":\"" + (call % 3 == 0 ? "o3" : "gpt-4o-mini") + "\",\"messages\":[]}";
            String answer = client.write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer "
                    + keys.get(call % keys.size()) + "\r\nconnection: close\r\ncontent-length: " + body.length()
                    + "\r\n\r\n" + body).answer();
            return answer.substring(9, 12) + answer.replaceFirst("(?s).*\"code\":\"?([a-z_]+).*|.*", "$1");
        } finally {
            client.close();
        }
    }

    @Test
    void anEmptyInstallationGivesTheSameAnswersAfterwards() throws Exception {
        manage();
        String yaml = run(new Export(), "--url", url(0)).out();
        assertThat(yaml).doesNotContain("sk-sluice");
        Path file = Files.writeString(folder.resolve("tenants.yaml"), yaml);

        String plan = run(new Apply(), "--url", url(1), file.toString()).out();
        assertThat(plan).contains("+ tenant team-0", "+ key ", "15 changes. Run again with --yes");
        assertThat(run(new Export(), "--url", url(1)).out()).as("nothing is done yet").isEqualTo("tenants: []\n");
        assertThat(run(new Apply(), "--url", url(1), "--yes", file.toString()).out()).contains("15 changes made.");
        assertThat(run(new Apply(), "--url", url(1), "--yes", file.toString()).out()).isEqualTo("Nothing to change.\n");
        assertThat(run(new Export(), "--url", url(1)).out()).isEqualTo(yaml);

        for (int call = 0; call < CALLS; call++) {
            assertThat(ask(1, call)).as("call " + call).isEqualTo(ask(0, call));
        }
        gateways.add(gateway("three", yaml));
        assertThat(ask(2, 1)).as("the configuration reads it too").startsWith("200");
    }

    @Test
    void numbersAreWrittenAsPeopleWriteThem() throws IOException {
        AdminClient admin = new AdminClient(url(0), "");
        body(201, admin.send("POST", "/tenants",
                "{\"name\":\"small\",\"settings\":{\"usd-per-day\":5e-4,\"usd-per-month\":1e2,\"weight\":1.50}}"));
        String yaml = run(new Export(), "--url", url(0)).out();
        assertThat(yaml).contains("usd-per-day: 0.0005\n", "usd-per-month: 100\n", "weight: 1.5\n");
        Path file = Files.writeString(folder.resolve("tenants.yaml"), yaml);
        assertThat(run(new Apply(), "--url", url(0), "--yes", file.toString()).out()).isEqualTo("Nothing to change.\n");
    }

    @Test
    void onlyWhatDiffersIsDone() throws IOException {
        manage();
        String yaml = run(new Export(), "--url", url(0)).out();
        Path file = Files.writeString(folder.resolve("tenants.yaml"),
                yaml.replace("rpd: 40", "rpd: 41").replace("2100-01-01", "2101-01-01"));
        String plan = run(new Apply(), "--url", url(0), "--yes", file.toString()).out();
        assertThat(plan).contains("~ tenant team-1 rpd: 40 -> 41", "until 2101-01-01T00:00:00Z", "6 changes made.");
        AdminClient admin = new AdminClient(url(0), "");
        assertThat(body(200, admin.get("/tenants/team-1")).getJsonObject("effective").getInteger("rpd")).isEqualTo(41);

        Path none = Files.writeString(folder.resolve("none.yaml"), "tenants: []\n");
        assertThat(run(new Apply(), "--url", url(0), "--yes", none.toString()).out()).isEqualTo("Nothing to change.\n");
        assertThat(run(new Apply(), "--url", url(0), "--yes", "--prune", none.toString()).out())
                .contains("5 changes made.");
        assertThat(body(200, admin.get("/tenants")).getJsonArray("data")).isEmpty();
        assertThat(Instant.parse(body(200, admin.get("/audit?limit=1")).getJsonArray("data").getJsonObject(0)
                .getString("at"))).isNotNull();
    }

    @Test
    void aFileThatCannotBeAppliedIsToldBeforeAnythingIsDone() throws IOException {
        for (String[] each : new String[][]{{"tenants: 3", "no list of tenants"},
                {"tenants: [{ name: a, plan: \"${PLAN}\" }]", "variables are not substituted"},
                {"tenants: [{ name: a, keys: [sk-sluice-plain] }]", "a key that is not a digest"}}) {
            CommandRun run = new CommandRun(new Apply());
            Path file = Files.writeString(folder.resolve("bad.yaml"), each[0]);
            assertThat(run.with("--url", url(0), "--yes", file.toString())).isEqualTo(2);
            assertThat(run.err()).contains(each[1]).doesNotContain("sk-sluice-plain");
        }
        CommandRun away = new CommandRun(new Export());
        assertThat(away.with("--url", "http://127.0.0.1:1")).isEqualTo(1);
        assertThat(away.err()).contains("is not answering");
    }
}
