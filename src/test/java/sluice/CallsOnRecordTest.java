package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.testing.Await;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** Which records of calls are kept, and who may read them. */
@Timeout(60)
class CallsOnRecordTest {
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 1000, keys: ["${BOT}"], model-limits: { "gpt-4o*": { tpm: 1000000 } } }
              - { name: second, rpm: 1000, concurrent: 7, keys: ["${OTHER}"], endpoints: [files] }
              - { name: filed, rpm: 1000, keys: ["${FILED}"], tags: { required: [team, job] } }
            """;

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private int questions;

    private HttpResponse<String> ask(String keyName, JsonObject more, String... headers) {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++questions))).mergeIn(more);
        HttpRequest.Builder request = gateway.request("/chat/completions", gateway.key(keyName))
                .POST(BodyPublishers.ofString(body.encode()));
        return gateway.send(headers.length == 0 ? request : request.headers(headers));
    }

    private HttpResponse<String> own(String keyName, String path) {
        return gateway.send(gateway.request(path, gateway.key(keyName)).GET());
    }

    private JsonObject usage(String query) {
        HttpResponse<String> answer = gateway.admin("/admin/v1/usage?" + query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static List<JsonObject> rows(JsonObject usage) {
        return IntStream.range(0, usage.getJsonArray("data").size())
                .mapToObj(usage.getJsonArray("data")::getJsonObject).toList();
    }

    private long calls(String query) {
        return rows(usage(query)).stream().mapToLong(row -> row.getLong("calls")).sum();
    }

    private void recorded(long calls) {
        Await.until("records", () -> written() >= calls);
    }

    private double written() {
        return gateway.metrics().lines().filter(line -> line.startsWith("sluice_ledger_calls_total")
                && line.contains("written"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    @ParameterizedTest
    @EnumSource
    void usageIsWhatTheUpstreamSays(TestLedgers.Kind kind) {
        gateway.ledger(LEDGERS.fresh(kind).text()).start(TENANTS);
        long input = 0;
        long output = 0;
        for (int i = 0; i < 5; i++) {
            JsonObject told = new JsonObject(ask("BOT", new JsonObject(), "x-sluice-tags", "team=search").body())
                    .getJsonObject("usage");
            input += told.getLong("prompt_tokens");
            output += told.getLong("completion_tokens");
        }
        assertThat(own("BOT", "/nothing").statusCode()).isEqualTo(404);
        recorded(6);
        JsonObject row = rows(usage("by=tenant,model")).getLast();
        assertThat(row.getString("tenant")).isEqualTo("bot");
        assertThat(row.getString("model")).startsWith("gpt-4o-mini");
        assertThat(row.getLong("calls")).isEqualTo(5);
        assertThat(row.getLong("answered")).isEqualTo(5);
        assertThat(row.getLong("input_tokens")).isEqualTo(input);
        assertThat(row.getLong("output_tokens")).isEqualTo(output);
        assertThat(row.getDouble("cost_usd")).isPositive();
        assertThat(rows(usage("by=tag"))).singleElement()
                .satisfies(tag -> assertThat(tag.getString("tag")).isEqualTo("team=search"));
        assertThat(calls("by=hour&tenant=bot")).isEqualTo(6);
        assertThat(calls("by=tenant&tenant=nobody")).isZero();
        assertThat(gateway.upstream().status(200)).isEqualTo(5);
    }

    @Test
    void hitSavesWhatItsAnswerHadCost() {
        gateway.start(TENANTS);
        ask("BOT", new JsonObject());
        for (int i = 0; i < 3; i++) {
            questions--;
            assertThat(ask("BOT", new JsonObject()).headers().firstValue("x-sluice-cache")).contains("HIT");
        }
        recorded(4);
        JsonObject row = rows(usage("by=tenant")).getFirst();
        assertThat(row.getLong("hits")).isEqualTo(3);
        assertThat(row.getDouble("saved_usd")).isCloseTo(3 * row.getDouble("cost_usd"), within(1e-12)).isPositive();
    }

    @Test
    void endUserIsKnownByAHashOnly() {
        gateway.start(TENANTS);
        ask("BOT", new JsonObject().put("user", "ann@example.com"));
        ask("BOT", new JsonObject().put("user", "other").put("safety_identifier", "ann@example.com"));
        ask("OTHER", new JsonObject().put("user", "ann@example.com"));
        ask("BOT", new JsonObject());
        recorded(4);
        // printf 'bot\\0ann@example.com' | sha256sum | cut -c 1-16
        assertThat(rows(usage("by=user"))).singleElement().satisfies(row -> {
            assertThat(row.getString("user")).isEqualTo("fe1f58e104bcbdaf");
            assertThat(row.getLong("calls")).isEqualTo(2);
        });
    }

    @Test
    void callersSeeTheirOwnUsageOnly() {
        gateway.start(TENANTS);
        ask("BOT", new JsonObject());
        ask("FILED", new JsonObject(), "x-sluice-tags", "job=1, team=a");
        recorded(2);
        HttpResponse<String> own = own("BOT", "/sluice/usage?by=tenant,model");
        assertThat(own.statusCode()).isEqualTo(200);
        assertThat(own.headers().firstValue("x-ratelimit-limit-requests")).contains("1000");
        assertThat(rows(new JsonObject(own.body()))).singleElement()
                .satisfies(row -> assertThat(row.getString("tenant")).isEqualTo("bot"));
        HttpResponse<String> others = own("BOT", "/sluice/usage?tenant=filed");
        assertThat(others.statusCode()).isEqualTo(400);
        JsonObject error = new JsonObject(others.body()).getJsonObject("error");
        assertThat(error.getString("code")).isEqualTo("invalid_value");
        assertThat(error.getString("param")).isEqualTo("tenant");
        assertThat(own("OTHER", "/sluice/usage").body()).contains("\"data\":[]");
        assertThat(own("NOBODY", "/sluice/usage").statusCode()).isEqualTo(401);
        assertThat(gateway.upstream().requests()).isEqualTo(2);
    }

    @Test
    void callersSeeTheirOwnLimits() {
        gateway.start(TENANTS);
        ask("BOT", new JsonObject());
        JsonObject limits = new JsonObject(own("BOT", "/sluice/limits").body());
        assertThat(limits.getString("tenant")).isEqualTo("bot");
        assertThat(limits.getJsonArray("limits")).hasSize(2);
        JsonObject rpm = limits.getJsonArray("limits").getJsonObject(0);
        assertThat(rpm.getString("limit")).isEqualTo("rpm");
        assertThat(rpm.getLong("remaining")).isBetween(999L, 1000L);
        assertThat(limits.getJsonArray("limits").getJsonObject(1).getString("limit")).isEqualTo("gpt-4o*/tpm");
        assertThat(new JsonObject(own("OTHER", "/sluice/limits").body()).getInteger("concurrent")).isEqualTo(7);
        HttpResponse<String> misspelt = own("BOT", "/sluice/limit");
        assertThat(misspelt.statusCode()).isEqualTo(404);
        assertThat(misspelt.body()).contains("\"code\":\"unknown_url\"", "GET /v1/sluice/limits",
                "GET /v1/sluice/usage").doesNotContain("base URL");
        assertThat(gateway.send(gateway.request("/sluice/limits", gateway.key("BOT")).POST(BodyPublishers.noBody()))
                .statusCode()).isEqualTo(405);
        assertThat(gateway.upstream().requests()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"team", "team=", "=x", "Team=x", "team=a,team=b", "team=a b", "team=ä",
            "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1"})
    void malformedTagsAreRefused(String tags) {
        gateway.start(TENANTS);
        HttpResponse<String> refused = ask("BOT", new JsonObject(), "x-sluice-tags", tags);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"code\":\"invalid_header\"", "\"param\":\"x-sluice-tags\"");
        assertThat(gateway.upstream().requests()).isZero();
    }

    @Test
    void requiredTagMustBeThereAndNoneGoesUpstream() {
        gateway.start(TENANTS);
        assertThat(ask("FILED", new JsonObject(), "x-sluice-tags", "team=a").body()).contains("'job'",
                "invalid_header");
        assertThat(ask("FILED", new JsonObject()).statusCode()).isEqualTo(400);
        assertThat(ask("FILED", new JsonObject(), "x-sluice-tags", "team=a", "X-Sluice-Tags", "job=b").statusCode())
                .isEqualTo(200);
        assertThat(own("FILED", "/sluice/limits").statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().lastRequests()).singleElement()
                .satisfies(request -> assertThat(request.headers().toString()).doesNotContainIgnoringCase("x-sluice"));
    }

    @Test
    void reportIsATableToo() {
        gateway.start(TENANTS);
        ask("BOT", new JsonObject());
        recorded(1);
        HttpResponse<String> csv = gateway.admin("/admin/v1/usage?by=tenant,month&format=csv");
        assertThat(csv.headers().firstValue("content-type").orElse("")).startsWith("text/csv");
        assertThat(csv.body()).startsWith("tenant,month,calls,").contains("\r\nbot,20");
        HttpResponse<String> page = gateway.admin("/admin/v1/usage?by=tenant,model,key&limit=1&format=csv");
        assertThat(page.headers().firstValue("x-sluice-next-cursor")).isEmpty();
        HttpResponse<String> mistake = gateway.admin("/admin/v1/usage?by=colour");
        assertThat(mistake.statusCode()).isEqualTo(400);
        assertThat(mistake.body()).contains("invalid_value", "some of tenant, key, model");
    }

    @Test
    void usageWantsTheAdminToken() {
        gateway.adminToken("ADMIN").start(TENANTS);
        assertThat(gateway.admin("/admin/v1/usage").statusCode()).isEqualTo(401);
        assertThat(gateway.admin("/admin/v1/usage", "authorization", "Bearer " + gateway.key("ADMIN")).statusCode())
                .isEqualTo(200);
    }

    @Test
    void strangersAreNotOnRecord() {
        gateway.start(TENANTS);
        assertThat(ask("NOBODY", new JsonObject()).statusCode()).isEqualTo(401);
        ask("BOT", new JsonObject());
        recorded(1);
        assertThat(calls("by=tenant")).isEqualTo(1);
    }

    @Test
    void usageSurvivesARestart() {
        gateway.start(TENANTS);
        ask("BOT", new JsonObject());
        gateway.restart();
        ask("BOT", new JsonObject());
        recorded(1);
        assertThat(calls("by=tenant")).isEqualTo(2);
    }
}
