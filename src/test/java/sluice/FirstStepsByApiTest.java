package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;
import static sluice.testing.AdminClient.error;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.AdminClient;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Somebody who guesses sets up two teams with limits and budgets; each wrong guess gets an error that says what would be right. */
@Timeout(60)
class FirstStepsByApiTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN").at(new ManualTime());

    private AdminClient admin = new AdminClient("", "");

    private HttpResponse<String> create(String name, JsonObject settings) {
        return admin.post("/tenants", new JsonObject().put("name", name).put("settings", settings));
    }

    private String told(HttpResponse<String> answer) {
        return error(400, answer).getString("message");
    }

    private int ask(String key, String question) {
        JsonObject call = new JsonObject().put("model", "gpt-4o-mini").put("max_tokens", 10).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", question)));
        return gateway.send(gateway.request("/chat/completions", key).POST(BodyPublishers.ofString(call.encode())))
                .statusCode();
    }

    @Test
    void everyGuessIsMended() {
        gateway.start("");
        admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        assertThat(admin.get("/nothing").body()).contains("/admin/v1/openapi.yaml");
        assertThat(told(create("Search Team", new JsonObject()))).contains("lower-case letters");
        assertThat(told(create("search", new JsonObject().put("requests-per-minute", 2)))).contains("rpm");
        assertThat(told(create("search", new JsonObject().put("budget", 20)))).contains("usd-per-month");
        assertThat(told(create("search", new JsonObject().put("rpm", "many")))).contains("rpm: many (expected: ");
        assertThat(told(create("search", new JsonObject().put("plan", "pro")))).contains("free, paid");
        assertThat(told(create("search", new JsonObject().put("models", "gpt-4o")))).contains("a list such as [a, b]");
        assertThat(told(admin.post("/tenants", new JsonObject().put("name", "search").put("rpm", 2))))
                .contains("Known: name, settings");
        body(201, create("search", new JsonObject().put("rpm", 2).put("usd-per-month", 20)));
        body(201, create("support", new JsonObject().put("plan", "paid").put("usd-per-day", "0.000001")));
        body(201, create("thrifty", new JsonObject().put("usd-per-day", 5.0e-4).put("rpm", 1e2)
                .put("per-user", new JsonObject().put("rpm", 1e1))));

        assertThat(error(404, admin.post("/tenants/serch/keys", new JsonObject())).getString("message"))
                .isEqualTo("There is no tenant serch.");
        assertThat(told(admin.post("/tenants/search/keys", new JsonObject().put("expires", "tomorrow"))))
                .contains("Known: label, not_after, sha256");
        assertThat(told(admin.post("/tenants/search/keys", new JsonObject().put("not_after", "tomorrow"))))
                .contains("2027-01-31T00:00:00Z");
        String search = body(201, admin.post("/tenants/search/keys", new JsonObject())).getString("key");
        String support = body(201, admin.post("/tenants/support/keys", new JsonObject())).getString("key");

        assertThat(ask(search, "one")).isEqualTo(200);
        assertThat(ask(search, "two")).isEqualTo(200);
        assertThat(ask(search, "three")).as("its limit").isEqualTo(429);
        assertThat(ask(support, "four")).as("its budget").isEqualTo(429);
        body(200, admin.patch("/tenants/support",
                new JsonObject().put("settings", new JsonObject().put("usd-per-day", 5))));
        assertThat(ask(support, "five")).isEqualTo(200);
        JsonObject limits = body(200, admin.get("/limits?tenant=search")).getJsonArray("data").getJsonObject(0);
        assertThat(limits.getJsonArray("limits").getJsonObject(0).getLong("remaining")).isZero();
        assertThat(limits.getJsonArray("budgets").getJsonObject(0).getString("budget")).isEqualTo("usd-per-month");
    }
}
