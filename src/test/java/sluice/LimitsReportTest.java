package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** A tenant that is refused can ask for its limits, and learns why. */
@Timeout(60)
class LimitsReportTest {
    private static final JsonObject CHAT = new JsonObject().put("model", "gpt-4o-mini").put("messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello")));

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(new ManualTime()).adminToken("ADMIN");

    private HttpResponse<String> get(String path) {
        return gateway.send(gateway.request(path, gateway.key("BOT")).GET());
    }

    private int ask() {
        return gateway.post("/chat/completions", "BOT", CHAT).statusCode();
    }

    @Test
    void reportIsNeitherRefusedByLimitsOfRequestsNorCountedAgainstThem() {
        gateway.start("""
                tenants: [{ name: bot, rpm: 2, rpd: 3, keys: ["${BOT}"] }]
                """);
        assertThat(ask()).isEqualTo(200);
        assertThat(ask()).isEqualTo(200);
        assertThat(ask()).isEqualTo(429);
        assertThat(get("/sluice/usage").statusCode()).as("it asks the ledger").isEqualTo(429);
        for (int i = 0; i < 5; i++) {
            HttpResponse<String> report = get("/sluice/limits");
            assertThat(report.statusCode()).isEqualTo(200);
            assertThat(report.headers().firstValue("x-ratelimit-remaining-requests")).hasValue("0");
            assertThat(new JsonObject(report.body()).getJsonArray("limits").stream().map(JsonObject.class::cast)
                    .map(limit -> limit.getString("limit") + " " + limit.getLong("remaining")))
                    .containsExactlyInAnyOrder("rpm 0", "rpd 1");
        }
        assertThat(gateway.metrics().lines().filter(line -> line.startsWith("sluice_limit_decisions_total{")
                && line.contains("decision=\"refused\"") && line.contains("limit=\"rpm\"")))
                .singleElement().asString().endsWith(" 2.0");
    }

    @Test
    void explanationSaysSo() {
        gateway.start("""
                tenants: [{ name: bot, rpm: 1, keys: ["${BOT}"] }]
                """);
        assertThat(ask()).isEqualTo(200);
        JsonObject explained = AdminClient.body(200, new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"))
                .post("/explain", new JsonObject().put("tenant", "bot").put("method", "GET")
                        .put("path", "/v1/sluice/limits")));
        assertThat(explained.getString("would")).isEqualTo("send");
        assertThat(explained.getJsonArray("limits")).isEmpty();
    }

    @Test
    void reportsTakeAPlaceInFlight() {
        gateway.simulating(settings -> settings.withLatency(Duration.ofMinutes(1))).start("""
                tenants: [{ name: bot, rpm: 100, concurrent: 1, keys: ["${BOT}"] }]
                """);
        assertThat(get("/sluice/limits").statusCode()).isEqualTo(200);
        CompletableFuture<HttpResponse<String>> running = gateway.sendAsync(
                gateway.request("/chat/completions", gateway.key("BOT")).POST(BodyPublishers.ofString(CHAT.encode())));
        Await.until("calls upstream", gateway.upstream()::inFlight, 1);
        HttpResponse<String> refused = get("/sluice/limits");
        assertThat(refused.body()).contains("concurrency_limit_exceeded", "may have 1 call in flight");
        assertThat(refused.headers().firstValue("x-sluice-limit")).contains("concurrent");
        running.cancel(true);
    }
}
