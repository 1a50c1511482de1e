package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;
import static sluice.testing.AdminClient.error;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** Tenants and keys that are made by the admin API, in either ledger. */
@Timeout(120)
class ManagedTenantsTest {
    private static final String DECLARED = "tenants: [{ name: bot, keys: [\"${BOT}\"] }]";

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    private final ManualTime time = new ManualTime();
    private AdminClient admin = new AdminClient("", "");

    private void start(TestLedgers.Kind kind) {
        gateway.ledger(LEDGERS.fresh(kind).text()).at(time).start(DECLARED);
        admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
    }

    private int ask(String key) {
        JsonObject body = new JsonObject().put("model", "gpt-4o-mini").put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello")));
        return gateway.send(gateway.request("/chat/completions", key).POST(BodyPublishers.ofString(body.encode())))
                .statusCode();
    }

    private String issue(String tenant) {
        return body(201, admin.post("/tenants/" + tenant + "/keys", new JsonObject())).getString("key");
    }

    @ParameterizedTest
    @EnumSource
    void aTenantIsMadeChangedAndDeleted(TestLedgers.Kind kind) {
        start(kind);
        JsonObject made = body(201, admin.post("/tenants", new JsonObject().put("name", "search").put("settings",
                new JsonObject().put("rpm", 2).put("models", new JsonArray().add("gpt-4o*")))));
        assertThat(made.getString("origin")).isEqualTo("managed");
        assertThat(made.getJsonObject("effective").getInteger("rpm")).isEqualTo(2);
        String key = issue("search");
        assertThat(List.of(ask(key), ask(key), ask(key))).containsExactly(200, 200, 429);

        body(200, admin.patch("/tenants/search", new JsonObject().put("settings", new JsonObject().put("rpm", 1000)
                .put("models", new JsonArray().add("o3")))));
        time.advance(Duration.ofMinutes(1));
        assertThat(ask(key)).as("another model").isEqualTo(403);
        body(200, admin.patch("/tenants/search",
                new JsonObject().put("settings", new JsonObject().putNull("models"))));
        assertThat(ask(key)).isEqualTo(200);

        gateway.restart(DECLARED);
        admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        assertThat(ask(key)).as("after a restart").isEqualTo(200);

        body(200, admin.delete("/tenants/search"));
        assertThat(ask(key)).isEqualTo(401);
        assertThat(error(404, admin.get("/tenants/search")).getString("code")).isEqualTo("tenant_not_found");
        assertThat(error(404, admin.delete("/tenants/search")).getString("code")).isEqualTo("tenant_not_found");
    }

    @ParameterizedTest
    @EnumSource
    void keysAreIssuedRotatedAndEnd(TestLedgers.Kind kind) {
        start(kind);
        JsonObject issued = body(201, admin.post("/tenants/bot/keys", new JsonObject().put("label", "ci")));
        String key = issued.getString("key");
        assertThat(KeyDigest.of(key).id()).isEqualTo(issued.getString("id"));
        assertThat(ask(key)).isEqualTo(200);
        assertThat(ask(gateway.key("BOT"))).as("the declared one").isEqualTo(200);

        JsonObject rotated = body(201, admin.post("/keys/" + issued.getString("id") + "/rotate",
                new JsonObject().put("grace_seconds", 60)));
        assertThat(ask(key)).isEqualTo(200);
        assertThat(ask(rotated.getString("key"))).isEqualTo(200);
        time.advance(Duration.ofSeconds(61));
        assertThat(ask(key)).as("its grace is over").isEqualTo(401);
        assertThat(ask(rotated.getString("key"))).isEqualTo(200);
        JsonObject old = body(200, admin.get("/keys/" + issued.getString("id")));
        assertThat(old.getString("state")).isEqualTo("expired");
        assertThat(old.getString("replaced_by")).isEqualTo(rotated.getString("id"));

        String id = rotated.getString("id");
        body(200, admin.patch("/keys/" + id, new JsonObject().put("not_after", time.time().now().toString())));
        assertThat(ask(rotated.getString("key"))).isEqualTo(401);
        body(200, admin.patch("/keys/" + id, new JsonObject().putNull("not_after")));
        assertThat(ask(rotated.getString("key"))).isEqualTo(200);
        body(200, admin.send("POST", "/keys/" + id + "/revoke", ""));
        assertThat(ask(rotated.getString("key"))).isEqualTo(401);
        body(200, admin.send("POST", "/keys/" + id + "/restore", ""));
        assertThat(ask(rotated.getString("key"))).isEqualTo(200);
        body(200, admin.delete("/keys/" + id));
        assertThat(ask(rotated.getString("key"))).isEqualTo(401);
        error(404, admin.get("/keys/" + id));
        error(404, admin.send("POST", "/keys/" + id + "/revoke", ""));
    }

    @ParameterizedTest
    @EnumSource
    void aKeyThatIsNoGoodAnyMoreIsNamedInTheLogAlone(TestLedgers.Kind kind) {
        start(kind);
        JsonObject expired = body(201, admin.post("/tenants/bot/keys",
                new JsonObject().put("not_after", time.time().now().toString())));
        JsonObject revoked = body(201, admin.post("/tenants/bot/keys", new JsonObject()));
        body(200, admin.send("POST", "/keys/" + revoked.getString("id") + "/revoke", ""));
        assertThat(ask(expired.getString("key"))).isEqualTo(401);
        assertThat(ask(revoked.getString("key"))).isEqualTo(401);
        assertThat(ask(gateway.key("BOT"))).isEqualTo(200);

        List<JsonObject> calls = gateway.log().calls(3);
        assertThat(calls).extracting(call -> call.getString("tenant")).containsOnly("bot");
        assertThat(calls).extracting(call -> call.getString("key_id")).containsExactly(expired.getString("id"),
                revoked.getString("id"), KeyDigest.of(gateway.key("BOT")).id());
        Await.until("the good call", () -> admin.get("/calls?status=200").body().contains("gpt-4o-mini"));
        assertThat(body(200, admin.get("/calls?status=401")).getJsonArray("data")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsDeclaredIsChangedInTheFileOnly(TestLedgers.Kind kind) {
        start(kind);
        String id = KeyDigest.of(gateway.key("BOT")).id();
        List<HttpResponse<String>> refused = List.of(
                admin.post("/tenants", new JsonObject().put("name", "bot")),
                admin.patch("/tenants/bot", new JsonObject().put("settings", new JsonObject())),
                admin.delete("/tenants/bot"), admin.delete("/keys/" + id),
                admin.post("/keys/" + id + "/rotate", new JsonObject()));
        for (HttpResponse<String> each : refused) {
            JsonObject error = error(409, each);
            assertThat(error.getString("code")).isEqualTo("declared_in_configuration");
            assertThat(error.getString("message")).containsPattern("tenants\\[0] \\(bot\\), line \\d+");
        }
        JsonObject shown = body(200, admin.get("/tenants/bot"));
        assertThat(shown.getString("declared_at")).startsWith("tenants[0] (bot), line ");
        assertThat(shown.getJsonObject("effective").getInteger("rpm")).isEqualTo(100);
    }

    @Test
    void allMistakesOfABodyAreToldAtOnceEachWithItsField() {
        start(TestLedgers.Kind.SQLITE);
        JsonObject error = error(400, admin.post("/tenants", new JsonObject().put("name", "Search").put("colour", "red")
                .put("settings", new JsonObject().put("plan", "platinum").put("rpm", -5).put("per-user",
                        new JsonObject().put("rpm", "many")))));
        List<JsonObject> problems = error.getJsonArray("problems").stream().map(JsonObject.class::cast).toList();
        assertThat(problems).extracting(each -> each.getString("param")).containsExactly("name", "colour",
                "settings.plan", "settings.rpm", "settings.per-user.rpm");
        assertThat(problems).allSatisfy(each -> assertThat(each.getString("message"))
                .startsWith(each.getString("param") + ": ").endsWith("."));
        assertThat(error.getString("param")).isEqualTo("name");
        assertThat(error.getString("message")).isEqualTo(problems.stream().map(each -> each.getString("message"))
                .collect(Collectors.joining(" ")));

        body(201, admin.post("/tenants", new JsonObject().put("name", "search")));
        assertThat(params(error(400, admin.patch("/tenants/search", new JsonObject().put("settings",
                new JsonObject().put("tpm", 0).put("weight", "heavy"))))))
                .containsExactly("settings.tpm", "settings.weight");
        assertThat(params(error(400, admin.patch("/tenants/search", new JsonObject().put("setings", 1)))))
                .containsExactly("settings", "setings");
        assertThat(params(error(400, admin.post("/tenants/search/keys",
                new JsonObject().put("label", "x".repeat(1_000)).put("not_after", "tomorrow").put("sha256", 5)))))
                .containsExactly("label", "not_after", "sha256");
    }

    private static List<String> params(JsonObject error) {
        return error.getJsonArray("problems").stream().map(each -> ((JsonObject) each).getString("param")).toList();
    }

    @Test
    void plansAreListedWithWhatTheyGrant() {
        start(TestLedgers.Kind.SQLITE);
        HttpResponse<String> answer = admin.get("/plans");
        AdminContract.holds(AdminRoute.PLANS, answer);
        List<JsonObject> plans = body(200, answer).getJsonArray("data").stream().map(JsonObject.class::cast).toList();
        assertThat(plans).extracting(each -> each.getString("name")).contains("free", "paid");
        assertThat(plans.getFirst().getJsonObject("settings").getInteger("rpm")).isEqualTo(100);
        assertThat(plans).allSatisfy(each -> assertThat(each.getJsonObject("settings").containsKey("name")).isFalse());
    }

    @ParameterizedTest
    @EnumSource
    void whatDoesNotFitIsToldByFieldAndRemedy(TestLedgers.Kind kind) {
        start(kind);
        JsonObject error = error(400, admin.post("/tenants", new JsonObject().put("name", "search").put("settings",
                new JsonObject().put("plan", "platinum").put("rmp", 3))));
        assertThat(error.getString("param")).startsWith("settings.");
        assertThat(error.getString("message")).contains("settings.plan: platinum (expected: a plan: free, paid",
                "did you mean rpm?");
        assertThat(error(400, admin.post("/tenants", new JsonObject().put("name", "Search"))).getString("param"))
                .isEqualTo("name");
        assertThat(error(400, admin.post("/tenants", new JsonObject().put("name", "search").put("seting", 1)))
                .getString("param")).isEqualTo("seting");
        error(400, admin.send("POST", "/tenants", "[]"));
        error(404, admin.post("/tenants/nobody/keys", new JsonObject()));
        body(201, admin.post("/tenants", new JsonObject().put("name", "search").put("settings",
                new JsonObject().put("models", new JsonArray().add("${HOME}")))));
        assertThat(body(200, admin.get("/tenants/search")).getJsonObject("effective").getJsonArray("models"))
                .as("no variable is read").containsExactly("${HOME}");
        assertThat(error(409, admin.post("/tenants", new JsonObject().put("name", "search"))).getString("code"))
                .isEqualTo("already_exists");
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatIsRepeatedIsCarriedOutOnce(TestLedgers.Kind kind) {
        start(kind);
        JsonObject first = body(201,
                admin.post("/tenants/bot/keys", new JsonObject().put("label", "one"), "idempotency-key", "a"));
        HttpResponse<String> again = admin.post("/tenants/bot/keys", new JsonObject().put("label", "one"),
                "idempotency-key", "a");
        JsonObject second = body(201, again);
        assertThat(second.getString("id")).isEqualTo(first.getString("id"));
        assertThat(second.getString("key")).as("it is shown once").isNull();
        assertThat(again.headers().firstValue("idempotent-replayed")).contains("true");
        assertThat(error(422, admin.post("/tenants/bot/keys", new JsonObject().put("label", "two"), "idempotency-key",
                "a")).getString("code")).isEqualTo("idempotency_key_reused");
        assertThat(body(200, admin.get("/tenants/bot/keys")).getJsonArray("data")).hasSize(2);
        time.advance(Duration.ofHours(25));
        assertThat(body(201, admin.post("/tenants/bot/keys", new JsonObject(), "idempotency-key", "a"))
                .getString("id")).isNotEqualTo(first.getString("id"));
    }

    @ParameterizedTest
    @EnumSource
    void everyChangeIsAudited(TestLedgers.Kind kind) {
        start(kind);
        body(201, admin.post("/tenants", new JsonObject().put("name", "search")));
        body(200, admin.patch("/tenants/search",
                new JsonObject().put("settings", new JsonObject().put("rpm", 7))));
        JsonObject key = body(201, admin.post("/tenants/search/keys", new JsonObject()));
        body(200, admin.send("POST", "/keys/" + key.getString("id") + "/revoke", ""));
        error(409, admin.delete("/tenants/bot"));
        body(200, admin.delete("/tenants/search?data=true"));

        JsonObject page = body(200, admin.get("/audit?limit=4"));
        JsonArray first = page.getJsonArray("data");
        JsonArray rest = body(200, admin.get("/audit?cursor=" + page.getString("next_cursor"))).getJsonArray("data");
        List<String> actions = first.copy().addAll(rest).stream()
                .map(entry -> ((JsonObject) entry).getString("action")).toList();
        assertThat(actions).containsExactly("tenant.erase", "tenant.delete", "key.revoke", "key.issue", "tenant.change",
                "tenant.create");
        JsonObject change = rest.getJsonObject(0);
        assertThat(change.getString("who")).isEqualTo("admin.token");
        assertThat(change.getString("role")).isEqualTo("operator");
        assertThat(change.getString("from")).isEqualTo("127.0.0.1");
        assertThat(change.getJsonObject("before")).isEqualTo(new JsonObject());
        assertThat(change.getJsonObject("after")).isEqualTo(new JsonObject().put("rpm", 7));
        assertThat(admin.get("/audit").body()).doesNotContain(key.getString("key"), "sk-sluice");
        assertThat(gateway.log().lines()).noneMatch(line -> line.contains(key.getString("key")));
    }

    @ParameterizedTest
    @EnumSource
    void listsArePaged(TestLedgers.Kind kind) {
        start(kind);
        for (String name : List.of("c", "a", "b")) {
            body(201, admin.post("/tenants", new JsonObject().put("name", name)));
        }
        JsonObject page = body(200, admin.get("/tenants?limit=3"));
        assertThat(page.getJsonArray("data").stream().map(each -> ((JsonObject) each).getString("name")))
                .containsExactly("a", "b", "bot");
        JsonObject last = body(200, admin.get("/tenants?limit=3&cursor=" + page.getString("next_cursor")));
        assertThat(last.getJsonArray("data")).hasSize(1);
        assertThat(last.getBoolean("has_more")).isFalse();
        assertThat(body(200, admin.get("/tenants?origin=declared")).getJsonArray("data")).hasSize(1);
        assertThat(error(400, admin.get("/tenants?limit=0")).getString("param")).isEqualTo("limit");
        assertThat(error(400, admin.get("/tenants?cursor=%20")).getString("param")).isEqualTo("cursor");
    }

    @ParameterizedTest
    @EnumSource
    void dataOfADeletedTenantIsDeletedWhenAsked(TestLedgers.Kind kind) {
        start(kind);
        body(201, admin.post("/tenants", new JsonObject().put("name", "search").put("settings",
                new JsonObject().put("rpd", 100))));
        String key = issue("search");
        assertThat(ask(key)).isEqualTo(200);
        Await.until("the call is in the ledger", () -> admin.get("/usage?tenant=search").body()
                .contains("\"calls\":1"));
        long rows = body(200, admin.delete("/tenants/search?data=true")).getLong("rows_deleted");
        assertThat(rows).isGreaterThan(3);
        assertThat(body(200, admin.get("/usage?tenant=search")).getJsonArray("data")).isEmpty();
        assertThat(body(200, admin.delete("/tenants/search?data=true")).getLong("rows_deleted")).isLessThan(2);
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatDoesNotFitWhatIsManagedIsNotReloaded(TestLedgers.Kind kind) throws Exception {
        gateway.ledger(LEDGERS.fresh(kind).text()).start("plans: { gold: { rpm: 5 } }\n" + DECLARED);
        admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        body(201, admin.post("/tenants", new JsonObject().put("name", "search").put("settings",
                new JsonObject().put("plan", "gold"))));
        assertThat(gateway.reload(DECLARED).toCompletionStage().toCompletableFuture().handle(
                (done, failure) -> String.valueOf(failure)).get())
                .contains("the managed tenant search: plan: gold (expected: a plan: free, paid");
        gateway.reload("plans: { gold: { rpm: 6 } }\n" + DECLARED).toCompletionStage().toCompletableFuture().get();
        assertThat(body(200, admin.get("/tenants/search")).getJsonObject("effective").getInteger("rpm")).isEqualTo(6);
        String key = issue("search");
        assertThat(ask(key)).isEqualTo(200);
    }
}
