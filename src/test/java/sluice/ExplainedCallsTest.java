package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;
import static sluice.testing.AdminClient.error;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** A call can be explained, without being sent. */
@Timeout(60)
class ExplainedCallsTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN").at(new ManualTime());

    private AdminClient admin = new AdminClient("", "");
    private AdminClient team = new AdminClient("", "");

    @BeforeEach
    void start() {
        gateway.administered("tokens: [{ name: team, role: \"tenant:bot\", sha256: \"%s\" }]"
                .formatted(KeyDigest.of(gateway.key("TEAM")).hex()))
                .upstream("accounts: [{ name: main, rpm: 60, burst: 60, strict: false, keys: [\"${UPSTREAM_KEY}\"] }]")
                .start("""
                        tenants:
                          - { name: bot, rpm: 3, tpm: 1000, usd-per-day: 1, models: ["gpt-4o*"], keys: ["${BOT}"] }
                          - { name: rival, keys: ["${RIVAL}"] }
                        """);
        admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        team = new AdminClient(gateway.adminUrl(), gateway.key("TEAM"));
    }

    private static JsonObject chat(String model, int maxTokens) {
        return new JsonObject().put("model", model).put("max_tokens", maxTokens).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello")));
    }

    private HttpResponse<String> own(JsonObject call) {
        return own("1", call);
    }

    private HttpResponse<String> own(String explain, JsonObject call) {
        return gateway.send(gateway.request("/chat/completions", gateway.key("BOT")).header("x-sluice-explain", explain)
                .POST(BodyPublishers.ofString(call.encode())));
    }

    private JsonObject asked(AdminClient who, JsonObject call) {
        return body(200, who.post("/explain", new JsonObject().put("tenant", "bot").put("body", call)));
    }

    @Test
    void aServiceIsToldOfItsOwnCallAtTheCostOfOneRequest() {
        HttpResponse<String> answer = own(chat("gpt-4o-mini", 100));
        JsonObject told = body(200, answer);
        assertThat(told.getString("would")).isEqualTo("send");
        assertThat(told.getString("cache")).isEqualTo("MISS");
        assertThat(told.getDouble("cost_usd")).isPositive();
        assertThat(told.getJsonArray("accounts").getJsonObject(0).getString("account")).as("not its business").isNull();
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests")).contains("2");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-tokens")).as("nothing is taken").contains("1000");
        assertThat(gateway.upstream().lastRequests()).isEmpty();
        own(chat("gpt-4o-mini", 100));
        own(chat("gpt-4o-mini", 100));
        assertThat(own(chat("gpt-4o-mini", 100)).statusCode()).isEqualTo(429);
    }

    @Test
    void aCallIsMadeOnlyIfItClearlyAsksForNoExplanation() {
        JsonObject call = chat("gpt-4o-mini", 100);
        assertThat(body(200, own("true", call)).getString("would")).isEqualTo("send");
        HttpResponse<String> unclear = own("yes", call);
        assertThat(unclear.statusCode()).isEqualTo(400);
        assertThat(unclear.body()).contains("invalid_header", "x-sluice-explain");
        assertThat(gateway.upstream().lastRequests()).isEmpty();
        assertThat(body(200, own("0", call)).getString("object")).isEqualTo("chat.completion");
    }

    @Test
    void anUploadIsExplainedToo() {
        String form = "--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\ngpt-4o-transcribe\r\n"
                + "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\n"
                + "a".repeat(100_000)
                + "\r\n--x--\r\n";
        HttpResponse<String> answer = gateway.send(HttpRequest
                .newBuilder(URI.create(gateway.baseUrl() + "/audio/transcriptions"))
                .header("authorization", "Bearer " + gateway.key("BOT")).header("x-sluice-explain", "1")
                .header("content-type", "multipart/form-data; boundary=x").POST(BodyPublishers.ofString(form)));
        assertThat(body(200, answer).getString("would")).isEqualTo("send");
        assertThat(gateway.upstream().lastRequests()).isEmpty();
    }

    @Test
    void whatIsRefusedAnywayIsRefusedAsEver() {
        assertThat(own(chat("o3", 100)).statusCode()).isEqualTo(403);
    }

    @Test
    void anIdenticalCallWouldBeAnsweredFromTheCache() {
        gateway.post("/chat/completions", "BOT", chat("gpt-4o-mini", 100));
        assertThat(body(200, own(chat("gpt-4o-mini", 100))).getString("would")).isEqualTo("answer_from_cache");
        assertThat(asked(admin, chat("gpt-4o-mini", 100)).getString("would")).isEqualTo("answer_from_cache");
    }

    @Test
    void operatorsAreToldWhatDecides() {
        JsonObject sent = asked(admin, chat("gpt-4o-mini", 100));
        assertThat(sent.getString("would")).isEqualTo("send");
        assertThat(sent.getJsonArray("accounts").getJsonObject(0).getString("account")).isEqualTo("main");
        assertThat(sent.getJsonArray("limits")).hasSize(2);

        JsonObject large = asked(admin, chat("gpt-4o-mini", 2000));
        assertThat(large.getString("would")).isEqualTo("refuse");
        assertThat(large.getString("code")).isEqualTo("request_exceeds_limit");
        assertThat(asked(admin, chat("o3", 1)).getString("code")).isEqualTo("model_not_allowed");
        JsonObject route = body(200, admin.post("/explain",
                new JsonObject().put("tenant", "bot").put("path", "/v1/files").put("method", "GET")));
        assertThat(route.getString("code")).isEqualTo("endpoint_not_allowed");
        assertThat(error(404, admin.post("/explain", new JsonObject().put("tenant", "nobody"))).getString("code"))
                .isEqualTo("tenant_not_found");
        assertThat(gateway.upstream().lastRequests()).isEmpty();
    }

    @Test
    void aTeamPaysOneRequestAndSeesItsOwnTenantAlone() {
        JsonObject told = asked(team, chat("gpt-4o-mini", 100));
        assertThat(told.getJsonArray("accounts").getJsonObject(0).getString("account")).isNull();
        asked(team, chat("gpt-4o-mini", 100));
        asked(team, chat("gpt-4o-mini", 100));
        assertThat(asked(team, chat("gpt-4o-mini", 100)).getString("code")).isEqualTo("rate_limit_exceeded");
        error(404, team.post("/explain", new JsonObject().put("tenant", "rival")));
    }

    @Test
    void limitsAndAccountsAreShown() {
        gateway.post("/chat/completions", "BOT", chat("gpt-4o-mini", 100));
        JsonObject limits = body(200, admin.get("/limits?tenant=bot")).getJsonArray("data").getJsonObject(0);
        assertThat(limits.getString("tenant")).isEqualTo("bot");
        assertThat(limits.getJsonArray("limits").getJsonObject(0).getLong("remaining")).isEqualTo(2);
        assertThat(limits.getJsonArray("by_replica").getJsonObject(0).getString("replica")).isEqualTo("alone");
        assertThat(body(200, admin.get("/limits")).getJsonArray("data")).hasSize(2);
        assertThat(body(200, team.get("/limits")).getJsonArray("data")).hasSize(1);
        error(404, team.get("/limits?tenant=rival"));
        assertThat(body(200, admin.get("/accounts")).getJsonArray("data").getJsonObject(0).getString("account"))
                .isEqualTo("main");
    }
}
