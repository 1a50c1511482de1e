package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;
import static sluice.testing.AdminClient.error;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.metrics.CallId;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** A call is found by its id at once, among many, and by what became of it. */
@Timeout(180)
class FoundCallsTest {
    private static final int MANY = 200_000;
    /** Others end 333 times a second while a call of ten minutes runs. */
    private static final long FILLED = 1_700_000_000_000L;
    private static final long APART = 3;
    private static final String LONG = CallId.at(Instant.ofEpochMilli(FILLED));

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    private String ledger = "";
    private AdminClient admin = new AdminClient("", "");

    private void start(TestLedgers.Kind kind) {
        ledger = LEDGERS.fresh(kind).text();
        gateway.ledger(ledger)
                .administered("tokens: [{ name: team, role: \"tenant:bot\", sha256: \"%s\" }]"
                        .formatted(KeyDigest.of(gateway.key("TEAM")).hex()))
                .start("""
                        tenants:
                          - { name: bot, models: ["gpt-4o*"], keys: ["${BOT}"] }
                          - { name: rival, keys: ["${RIVAL}"] }
                          - { name: tight, rpm: 1, keys: ["${TIGHT}"] }
                        """);
        admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
    }

    private String ask(String key, String model) {
        HttpResponse<String> answer = gateway.post("/chat/completions", key, new JsonObject().put("model", model)
                .put("messages", new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello"))));
        return answer.headers().firstValue("x-sluice-request-id").orElseThrow();
    }

    private static List<String> ids(HttpResponse<String> answer) {
        return body(200, answer).getJsonArray("data").stream().map(each -> ((JsonObject) each).getString("id"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void callsAreFoundByWhatBecameOfThem(TestLedgers.Kind kind) {
        start(kind);
        String good = ask("BOT", "gpt-4o-mini");
        String refused = ask("BOT", "o3");
        String foreign = ask("RIVAL", "o3");
        Await.until("all three", () -> ids(admin.get("/calls")).size() == 3);

        assertThat(ids(admin.get("/calls"))).containsExactly(foreign, refused, good);
        assertThat(ids(admin.get("/calls?tenant=bot"))).containsExactly(refused, good);
        assertThat(ids(admin.get("/calls?code=model_not_allowed"))).containsExactly(refused);
        assertThat(ids(admin.get("/calls?status=403&model=o3"))).as("by the model that it may not use")
                .containsExactly(refused);
        assertThat(ids(admin.get("/calls?status=200&model=o3"))).containsExactly(foreign);
        assertThat(ids(admin.get("/calls?to=2020-01-01T00:00:00Z"))).isEmpty();
        JsonObject first = body(200, admin.get("/calls?limit=1"));
        assertThat(ids(admin.get("/calls?cursor=" + first.getString("next_cursor")))).containsExactly(refused, good);
        JsonObject call = body(200, admin.get("/calls?id=" + good)).getJsonArray("data").getJsonObject(0);
        assertThat(call.getString("account")).isEqualTo("main");
        assertThat(call.getInteger("status")).isEqualTo(200);
        assertThat(call.getDouble("cost_usd")).isPositive();

        AdminClient team = new AdminClient(gateway.adminUrl(), gateway.key("TEAM"));
        assertThat(ids(team.get("/calls"))).containsExactly(refused, good);
        assertThat(ids(team.get("/calls?id=" + foreign))).as("another's does not exist").isEmpty();
        assertThat(body(200, team.get("/calls")).getJsonArray("data").getJsonObject(1).getString("account")).isNull();
        error(404, team.get("/calls?tenant=rival"));
        assertThat(error(400, admin.get("/calls?status=ok")).getString("param")).isEqualTo("status");
    }

    @ParameterizedTest
    @EnumSource
    void refusedCallNamesTheLimitThatRefusedIt(TestLedgers.Kind kind) {
        start(kind);
        ask("TIGHT", "gpt-4o-mini");
        String refused = ask("TIGHT", "o3");
        Await.until("both", () -> ids(admin.get("/calls?tenant=tight")).size() == 2);
        List<JsonObject> calls = body(200, admin.get("/calls?tenant=tight")).getJsonArray("data").stream()
                .map(JsonObject.class::cast).toList();
        assertThat(calls.getFirst().getString("id")).isEqualTo(refused);
        assertThat(calls).extracting(each -> each.getString("limit")).containsExactly("rpm", "");
        AdminContract.holds(AdminRoute.CALLS, admin.get("/calls?tenant=tight"));
    }

    @ParameterizedTest
    @EnumSource
    void amongManyACallIsFoundByItsIdAtOnce(TestLedgers.Kind kind) throws SQLException {
        start(kind);
        String wanted = ask("BOT", "gpt-4o-mini");
        Await.until("it is there", () -> ids(admin.get("/calls?id=" + wanted)).size() == 1);
        fill();
        long quick = micros(wanted);
        long slow = micros(LONG);
        assertThat(ids(admin.get("/calls?id=" + CallId.at(Instant.ofEpochMilli(FILLED))))).as("no such call").isEmpty();
        assertThat(ids(admin.get("/calls?id=mine"))).as("no id at all").isEmpty();
        long began = System.nanoTime();
        assertThat(ids(admin.get("/calls?tenant=bot&from=2020-01-01T00:00:00Z"))).containsExactly(wanted);
        long ofTenant = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        System.out.println(kind + ", among " + MANY + " calls: by id p50 " + quick + " us, one of ten minutes "
                + slow + " us, of a rare tenant " + ofTenant + " ms");
    }

    /** The median time to find a call. */
    private long micros(String id) {
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long began = System.nanoTime();
            assertThat(ids(admin.get("/calls?id=" + id))).containsExactly(id);
            times.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began));
        }
        return times.stream().sorted().toList().get(10);
    }

    /** Other calls, all before it. */
    private void fill() throws SQLException {
        String columns = "id, tenant, key_id, endpoint, asked_model, served_model, service_tier, cache, outcome, code, "
                + "account, tags, user_hash, price_date, at_millis, estimated, status, waited_micros, total_micros, "
                + "attempts, unpriced, input_tokens, cached_tokens, cache_write_tokens, output_tokens, "
                + "audio_input_tokens, cached_audio_tokens, audio_output_tokens, image_input_tokens, "
                + "cached_image_tokens, image_output_tokens, audio_millis, characters, picodollars, saved_picodollars";
        int count = columns.split(",").length;
        String marks = "?, ".repeat(count - 1) + "?";
        try (Connection connection = connect();
                PreparedStatement insert = connection
                        .prepareStatement("INSERT INTO call (" + columns + ") VALUES (" + marks + ")")) {
            connection.setAutoCommit(false);
            for (int i = 0; i < MANY; i++) {
                long ended = FILLED + i * APART;
                boolean slow = i == MANY - 1;
                String id = slow ? LONG : CallId.at(Instant.ofEpochMilli(ended));
                insert.setString(1, id);
                insert.setString(2, slow ? "rival" : "other-" + i % 50);
                for (int text = 3; text <= 14; text++) {
                    insert.setString(text, "x");
                }
                insert.setLong(15, ended);
                for (int number = 16; number <= count; number++) {
                    insert.setLong(number, 1);
                }
                insert.addBatch();
                if (i % 5_000 == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
            connection.commit();
        }
    }

    private Connection connect() throws SQLException {
        return ledger.startsWith("sqlite:")
                ? DriverManager.getConnection("jdbc:" + ledger)
                : LEDGERS.postgres().connect(ledger.substring(ledger.lastIndexOf('/') + 1));
    }
}
