package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.simulator.SimulatedAccount;
import sluice.tenancy.KeyDigest;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** The gateway at a glance: how calls ended, whose were refused and by what. */
@Timeout(60)
class OverviewTest {
    private static final JsonObject CALL = new JsonObject().put("model", "gpt-4o-mini").put("messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "hello")));

    private final ManualTime time = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN").at(time);

    private void start() {
        gateway.administered("tokens: [{ name: team, role: \"tenant:rival\", sha256: \"%s\" }]".formatted(
                KeyDigest.of(gateway.key("TEAM")).hex())).start("""
                        tenants:
                          - { name: bot, rpm: 2, keys: ["${BOT}"] }
                          - { name: rival, models: ["gpt-4o"], keys: ["${RIVAL}"] }
                        """);
    }

    private JsonObject overview(String token) {
        HttpResponse<String> answer = gateway.admin("/admin/v1/overview", "authorization",
                "Bearer " + gateway.key(token));
        AdminContract.holds(AdminRoute.OVERVIEW, answer);
        return new JsonObject(answer.body());
    }

    private static JsonObject tenant(JsonObject overview, String name) {
        return objects(overview.getJsonArray("tenants")).stream().filter(each -> each.getString("tenant").equals(name))
                .findFirst().orElseGet(JsonObject::new);
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    private static int sum(JsonObject overview, String count) {
        return objects(overview.getJsonArray("minutes")).stream().mapToInt(minute -> minute.getInteger(count)).sum();
    }

    private void call(String keyName) {
        gateway.post("/chat/completions", keyName, CALL);
    }

    /** A call is counted just after its answer has been written. */
    private void counted(int calls) {
        Await.until("all are counted", () -> {
            JsonObject overview = overview("ADMIN");
            return sum(overview, "answered") + sum(overview, "refused") == calls;
        });
    }

    @Test
    void saysHowCallsEndedAndWhatRefusedThem() {
        start();
        for (int i = 0; i < 5; i++) {
            call("BOT");
        }
        call("RIVAL");
        counted(6);
        JsonObject overview = overview("ADMIN");
        assertThat(overview.getJsonArray("minutes")).hasSize(30);
        assertThat(overview.getBoolean("complete")).isTrue();
        assertThat(objects(overview.getJsonArray("tenants"))).extracting(each -> each.getString("tenant"))
                .containsExactly("bot", "rival");
        JsonObject bot = tenant(overview, "bot");
        assertThat(bot.getInteger("answered")).isEqualTo(2);
        assertThat(bot.getInteger("cache_hits")).isEqualTo(1);
        assertThat(bot.getDouble("cost_usd")).isPositive();
        assertThat(bot.getJsonArray("causes"))
                .containsExactly(new JsonObject().put("outcome", "tenant").put("status", 429)
                        .put("code", "rate_limit_exceeded").put("limit", "rpm").put("key_id", "").put("calls", 3)
                        .put("last", ManualTime.START.toString()));
        assertThat(tenant(overview, "rival").getJsonArray("causes").getJsonObject(0).getString("code"))
                .isEqualTo("model_not_allowed");
        assertThat(overview.getJsonArray("accounts").getJsonObject(0).getString("account")).isEqualTo("main");
    }

    @Test
    void aRefusedKeyIsNamed() {
        start();
        String id = KeyDigest.of(gateway.key("BOT")).id();
        gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + "/admin/v1/keys/" + id
                + "/revoke")).header("authorization", "Bearer " + gateway.key("ADMIN"))
                .POST(BodyPublishers.noBody()));
        call("BOT");
        call("NOBODY");
        counted(2);
        JsonObject overview = overview("ADMIN");
        assertThat(tenant(overview, "bot").getJsonArray("causes").getJsonObject(0).getString("key_id")).isEqualTo(id);
        assertThat(tenant(overview, "").getJsonArray("causes").getJsonObject(0).getString("key_id")).isEmpty();
    }

    /** A 429 is a refusal, though it is the account's quota that lacks. */
    @Test
    void callRefusedForLackOfTheAccountsQuotaIsRefusedAndNotAnError() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.parse("main=" + gateway.upstreamKey() + ":rpm=1,start-empty=true"))).start("""
                        tenants: [{ name: bot, keys: ["${BOT}"] }]
                        """);
        gateway.send(gateway.request("/chat/completions", gateway.key("BOT")).header("x-sluice-max-wait", "0s")
                .POST(BodyPublishers.ofString(CALL.encode())));
        counted(1);
        JsonObject overview = overview("ADMIN");
        assertThat(sum(overview, "upstream_errors")).isZero();
        assertThat(sum(overview, "refused")).isEqualTo(1);
        JsonObject bot = tenant(overview, "bot");
        assertThat(bot.getInteger("refused")).isEqualTo(1);
        assertThat(bot.getInteger("upstream_errors")).isZero();
        JsonObject cause = bot.getJsonArray("causes").getJsonObject(0);
        assertThat(cause.getString("code")).isEqualTo("upstream_quota_exhausted");
        assertThat(cause.getString("outcome")).isEqualTo("upstream");
        assertThat(gateway.troubles("ADMIN")).as("waiting is no fault").isEmpty();
    }

    @Test
    void whatIsOverIsToldWithTheMinuteOfTheLastCall() {
        start();
        call("RIVAL");
        counted(1);
        time.advance(Duration.ofMinutes(7));
        call("RIVAL");
        counted(2);
        time.advance(Duration.ofSeconds(90));
        JsonObject cause = tenant(overview("ADMIN"), "rival").getJsonArray("causes").getJsonObject(0);
        assertThat(cause.getInteger("calls")).isEqualTo(2);
        assertThat(cause.getString("last")).isEqualTo("2026-01-01T00:07:00Z");
    }

    /** OpenAI has done nothing wrong. */
    @Test
    void thatOpenAiRejectsTheGatewaysKeyIsTheGatewaysFault() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.unlimited("main", gateway.key("UPSTREAM_KEY_OF_ANOTHER")))).start("""
                        tenants: [{ name: bot, keys: ["${BOT}"] }]
                        """);
        assertThat(gateway.post("/chat/completions", "BOT", CALL).statusCode()).isEqualTo(502);
        Await.until("the account is out of service",
                () -> gateway.post("/chat/completions", "BOT", CALL).statusCode() == 503);
        Await.until("both kinds are counted",
                () -> tenant(overview("ADMIN"), "bot").getJsonArray("causes", new JsonArray()).size() == 2);
        JsonObject overview = overview("ADMIN");
        assertThat(sum(overview, "upstream_errors")).isZero();
        assertThat(sum(overview, "gateway_errors")).isGreaterThanOrEqualTo(2);
        assertThat(objects(tenant(overview, "bot").getJsonArray("causes")))
                .extracting(each -> each.getString("code") + " " + each.getString("limit"))
                .containsExactlyInAnyOrder("upstream_error key_rejected", "upstream_unavailable keys_rejected");
    }

    @Test
    void aTeamSeesItsOwnTenantAlone() {
        start();
        call("BOT");
        call("RIVAL");
        counted(2);
        JsonObject own = overview("TEAM");
        assertThat(objects(own.getJsonArray("tenants"))).extracting(each -> each.getString("tenant"))
                .containsExactly("rival");
        assertThat(sum(own, "answered")).isZero();
        assertThat(sum(own, "refused")).isEqualTo(1);
        assertThat(own.getJsonArray("accounts")).isEmpty();
        assertThat(own.encode()).doesNotContain("bot", "main");
    }

    @Test
    void halfAnHourLaterItIsForgotten() {
        start();
        call("BOT");
        counted(1);
        time.advance(Duration.ofMinutes(29));
        JsonObject late = overview("ADMIN");
        assertThat(late.getJsonArray("minutes").getJsonObject(0).getInteger("answered")).isEqualTo(1);
        assertThat(Instant.parse(late.getJsonArray("minutes").getJsonObject(29).getString("at")))
                .isBeforeOrEqualTo(Instant.parse(late.getString("at")));
        time.advance(Duration.ofMinutes(1));
        assertThat(sum(overview("ADMIN"), "answered")).isZero();
        assertThat(overview("ADMIN").getJsonArray("tenants")).isEmpty();
    }
}
