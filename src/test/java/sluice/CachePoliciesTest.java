package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;
import static sluice.testing.AdminClient.error;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** What is cached, for how long and apart from what else is decided per tenant, model and call; purges remove it. */
@Timeout(60)
class CachePoliciesTest {
    private static final String DATED = "gpt-4o-2024-08-06";
    private static final String TTL = "x-sluice-cache-ttl";
    private static final String NAMESPACE = "x-sluice-cache-namespace";

    private final ManualTime time = new ManualTime();

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN").at(time);

    private void start(String cache) {
        gateway.administered("tokens: [{ name: team, role: \"tenant:bot\", sha256: \"%s\" }]"
                .formatted(KeyDigest.of(gateway.key("TEAM")).hex())).start("""
                        tenants:
                          - { name: bot, rpm: 100000, keys: ["${BOT}"]%s }
                          - { name: rival, rpm: 100000, keys: ["${RIVAL}"] }
                        """.formatted(cache.isEmpty() ? "" : ", cache: " + cache));
    }

    private AdminClient admin() {
        return new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
    }

    private AdminClient team() {
        return new AdminClient(gateway.adminUrl(), gateway.key("TEAM"));
    }

    private static JsonObject chat(String model, String prompt) {
        return new JsonObject().put("model", model).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", prompt)));
    }

    private HttpResponse<String> send(String who, String model, String prompt, String... headers) {
        HttpRequest.Builder request = gateway.request("/chat/completions", gateway.key(who))
                .POST(BodyPublishers.ofString(chat(model, prompt).encode()));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return gateway.send(request);
    }

    private String result(String who, String model, String prompt, String... headers) {
        HttpResponse<String> answer = send(who, model, prompt, headers);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.headers().firstValue("x-sluice-cache").orElse("");
    }

    private boolean isKept(String model, String... headers) {
        return result("BOT", model, "p", headers).equals("HIT");
    }

    private HttpResponse<String> purge(AdminClient who, JsonObject what) {
        HttpResponse<String> answer = who.post("/cache/purge", what);
        AdminContract.holds(AdminRoute.PURGE_CACHE, answer);
        return answer;
    }

    private JsonObject explained(String model, JsonObject more) {
        HttpResponse<String> answer = admin().post("/explain",
                new JsonObject().put("tenant", "bot").put("body", chat(model, "p")).mergeIn(more));
        AdminContract.holds(AdminRoute.EXPLAIN, answer);
        return body(200, answer).getJsonObject("caching");
    }

    @Test
    void tenantAndModelDecideWhetherAndHowLong() {
        start("{ ttl: 1h, models: { o3: { mode: off }, \"gpt-4o\": { ttl: 30m } } }");
        for (String model : new String[]{DATED, "gpt-4o", "gpt-4o-mini", "o3"}) {
            isKept(model);
        }
        assertThat(result("BOT", "o3", "p")).isEqualTo("BYPASS");
        time.advance(Duration.ofMinutes(10).minusMillis(1));
        assertThat(isKept("gpt-4o-mini")).as("an alias, 10 minutes").isTrue();
        time.advance(Duration.ofMillis(1));
        assertThat(isKept("gpt-4o-mini")).isFalse();
        time.advance(Duration.ofMinutes(19));
        assertThat(isKept("gpt-4o")).as("an alias that the policy names").isTrue();
        time.advance(Duration.ofMinutes(1));
        assertThat(isKept("gpt-4o")).isFalse();
        assertThat(isKept(DATED)).isTrue();
        time.advance(Duration.ofMinutes(30));
        assertThat(isKept(DATED)).isFalse();
        assertThat(result("RIVAL", DATED, "p")).isEqualTo("MISS");
        time.advance(Duration.ofMinutes(10));
        assertThat(result("RIVAL", DATED, "p")).as("10 minutes by default").isEqualTo("MISS");
    }

    @Test
    void modeAloneDropsWhatTheGeneralPolicySaysOfModels() {
        gateway.start("""
                plans: { quiet: { rpm: 1000, cache: off } }
                tenants:
                  - { name: bot, plan: quiet, keys: ["${BOT}"] }
                  - { name: rival, rpm: 1000, keys: ["${RIVAL}"] }
                cache: { mode: off, models: { "gpt-*": { mode: identical } } }
                """);
        assertThat(result("BOT", DATED, "p")).isEqualTo("BYPASS");
        assertThat(result("RIVAL", DATED, "p")).isEqualTo("MISS");
        assertThat(result("RIVAL", DATED, "p")).isEqualTo("HIT");
        assertThat(result("RIVAL", "o3", "p")).isEqualTo("BYPASS");
    }

    @Test
    void callerShortensAndLengthensWithinThePolicy() {
        start("{ ttl: 5m, max-ttl: 20m }");
        isKept(DATED, TTL, "30s");
        time.advance(Duration.ofSeconds(30));
        assertThat(isKept(DATED, TTL, "2h")).as("shortened").isFalse();
        time.advance(Duration.ofMinutes(20).minusMillis(1));
        assertThat(isKept(DATED)).as("lengthened").isTrue();
        time.advance(Duration.ofMillis(1));
        assertThat(isKept(DATED)).as("no longer than the policy allows").isFalse();
        isKept("gpt-4o", TTL, "2h");
        time.advance(Duration.ofMinutes(10));
        assertThat(isKept("gpt-4o")).as("an alias").isFalse();
    }

    @ParameterizedTest
    @CsvSource({TTL + ", soon", TTL + ", 0s", TTL + ", -1m", TTL + ", 1d", NAMESPACE + ", a b", NAMESPACE + ", ä",
            NAMESPACE + ", 01234567890123456789012345678901234567890123456789012345678901234"})
    void malformedHeaderIsRefusedWithItsRemedy(String header, String value) {
        start("");
        HttpResponse<String> answer = send("BOT", DATED, "p", header, value);
        JsonObject error = error(400, answer);
        assertThat(error.getString("code")).isEqualTo("invalid_header");
        assertThat(error.getString("message")).contains(header).containsAnyOf("such as 30s", "at most 64");
        assertThat(gateway.upstream().lastRequests()).isEmpty();
    }

    @Test
    void namespacesKeepAnswersApartWithinATenant() {
        start("");
        assertThat(isKept(DATED, NAMESPACE, "a")).isFalse();
        assertThat(isKept(DATED, NAMESPACE, "b")).isFalse();
        assertThat(isKept(DATED)).isFalse();
        assertThat(isKept(DATED, NAMESPACE, "a")).isTrue();
        assertThat(result("RIVAL", DATED, "p", NAMESPACE, "a")).isEqualTo("MISS");
        gateway.reload("""
                tenants: [{ name: bot, rpm: 100000, keys: ["${BOT}"], cache: { namespace: v2 } }]
                """).await();
        assertThat(isKept(DATED)).as("another namespace of the policy").isFalse();
        assertThat(isKept(DATED, NAMESPACE, "v2")).as("the same by its name").isTrue();
        assertThat(isKept(DATED, NAMESPACE, "a")).isTrue();
    }

    @Test
    void purgeRemovesWhatItNamesAndNothingElse() {
        start("");
        for (String who : new String[]{"BOT", "RIVAL"}) {
            for (String model : new String[]{DATED, "o3-2025-04-16"}) {
                result(who, model, "p");
                result(who, model, "p", NAMESPACE, "n");
            }
        }
        JsonObject purged = body(200, purge(admin(), new JsonObject().put("tenant", "bot").put("namespace", "n")
                .put("model", "gpt-*")));
        assertThat(purged.getInteger("answers")).isEqualTo(1);
        assertThat(purged.getInteger("bytes")).isPositive();
        assertThat(purged.getString("replicas")).isEqualTo("this");
        assertThat(isKept(DATED)).isTrue();
        assertThat(isKept(DATED, NAMESPACE, "n")).isFalse();
        assertThat(isKept("o3-2025-04-16", NAMESPACE, "n")).isTrue();
        assertThat(body(200, purge(admin(), new JsonObject().put("namespace", ""))).getInteger("answers"))
                .isEqualTo(4);
        assertThat(result("RIVAL", DATED, "p")).isEqualTo("MISS");
        assertThat(result("RIVAL", DATED, "p", NAMESPACE, "n")).isEqualTo("HIT");
        body(200, purge(admin(), new JsonObject().put("model", "*")));
        assertThat(gateway.metric("sluice_cache_bytes")).isZero();
    }

    @Test
    void answerIsPurgedByTheKeyThatExplainShows() {
        start("");
        isKept(DATED);
        isKept(DATED, NAMESPACE, "n");
        String key = explained(DATED, new JsonObject().put("namespace", "n")).getString("key");
        assertThat(key).isNotEqualTo(explained(DATED, new JsonObject()).getString("key"));
        assertThat(body(200, purge(admin(), new JsonObject().put("key", key))).getInteger("answers")).isEqualTo(1);
        assertThat(isKept(DATED)).isTrue();
        assertThat(isKept(DATED, NAMESPACE, "n")).isFalse();
    }

    @Test
    void teamPurgesItsOwnAlone() {
        start("");
        isKept(DATED);
        result("RIVAL", DATED, "p");
        assertThat(body(200, purge(team(), new JsonObject().put("model", "*"))).getInteger("answers")).isEqualTo(1);
        assertThat(result("RIVAL", DATED, "p")).isEqualTo("HIT");
        assertThat(isKept(DATED)).isFalse();
        error(404, purge(team(), new JsonObject().put("tenant", "rival")));
    }

    @Test
    void purgeIsAuditedAndMustNameSomething() {
        start("");
        assertThat(error(400, purge(admin(), new JsonObject())).getString("message")).contains("model *");
        error(400, purge(admin(), new JsonObject().put("key", "abc")));
        error(400, purge(admin(), new JsonObject().put("namespace", "a b")));
        body(200, purge(admin(), new JsonObject().put("tenant", "bot")));
        JsonObject row = body(200, admin().get("/audit")).getJsonArray("data").getJsonObject(0);
        assertThat(row.getString("action")).isEqualTo("cache.purge");
        assertThat(row.getString("tenant")).isEqualTo("bot");
    }

    @Test
    void explanationNamesThePolicyAndTheReason() {
        start("{ mode: deterministic, ttl: 1h, max-ttl: 2h, namespace: v1, models: { \"o3*\": { mode: off } } }");
        JsonObject off = explained("o3-2025-04-16", new JsonObject());
        assertThat(off.getString("result")).isEqualTo("BYPASS");
        assertThat(off.getString("mode")).isEqualTo("off");
        assertThat(off.getString("because")).contains("turns the cache off");
        assertThat(off.getString("key")).isNull();
        assertThat(explained(DATED, new JsonObject()).getString("because")).contains("temperature 0 or a seed");
        JsonObject repeatable = chat(DATED, "p").put("temperature", 0);
        JsonObject asked = new JsonObject().put("body", repeatable);
        JsonObject miss = explained(DATED, asked);
        assertThat(miss.getString("result")).isEqualTo("MISS");
        assertThat(miss.getString("because")).startsWith("No answer is kept");
        assertThat(miss.getString("namespace")).isEqualTo("v1");
        assertThat(miss.getDouble("ttl_seconds")).isEqualTo(3600);
        assertThat(miss.getDouble("max_ttl_seconds")).isEqualTo(7200);
        gateway.post("/chat/completions", "BOT", repeatable);
        time.advance(Duration.ofSeconds(5));
        JsonObject hit = explained(DATED, asked);
        assertThat(hit.getString("result")).isEqualTo("HIT");
        assertThat(hit.getString("because")).contains("5 s old");
        assertThat(own(repeatable, "cache-control", "no-cache").getString("because")).contains("no-cache");
        assertThat(own(repeatable, "cache-control", "no-store").getString("because")).contains("no-store");
        assertThat(own(repeatable, "cache-control", "max-age=2").getString("because")).contains("max-age");
        JsonObject shorter = own(repeatable, TTL, "1m");
        assertThat(shorter.getDouble("ttl_seconds")).isEqualTo(60);
        assertThat(shorter.getString("key")).isEqualTo(hit.getString("key"));
    }

    private JsonObject own(JsonObject call, String header, String value) {
        return body(200, gateway.send(gateway.request("/chat/completions", gateway.key("BOT"))
                .headers("x-sluice-explain", "1", header, value).POST(BodyPublishers.ofString(call.encode()))))
                .getJsonObject("caching");
    }

    @Test
    void whatAHitSavesIsCountedPerTenant() {
        start("");
        HttpResponse<String> first = send("BOT", DATED, "p");
        result("BOT", DATED, "p");
        result("BOT", DATED, "p");
        result("RIVAL", DATED, "p");
        JsonObject usage = new JsonObject(first.body()).getJsonObject("usage");
        String bot = "{result=\"HIT\",tenant=\"bot\"}";
        assertThat(gateway.metric("sluice_cache_saved_tokens_total{kind=\"input\",result=\"HIT\",tenant=\"bot\"}"))
                .isEqualTo(2.0 * usage.getInteger("prompt_tokens"));
        assertThat(gateway.metric("sluice_cache_saved_tokens_total{kind=\"output\",result=\"HIT\",tenant=\"bot\"}"))
                .isEqualTo(2.0 * usage.getInteger("completion_tokens"));
        assertThat(gateway.metric("sluice_cache_saved_usd_total" + bot)).isPositive();
        assertThat(gateway.metric("sluice_cache_served_bytes_total" + bot)).isEqualTo(2.0 * first.body().length());
        assertThat(gateway.metrics()).doesNotContain("sluice_cache_saved_usd_total{result=\"HIT\",tenant=\"rival\"}");
    }
}
