package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.simulator.Faults;
import sluice.simulator.ReceivedRequest;
import sluice.testing.TestGateway;

/**
 * The real key goes upstream and nowhere else, a tenant's key goes nowhere. That neither is in a log line, a metric, a
 * header or a body is looked up by {@link TestGateway} after every test; here is everything that could show one.
 */
@Timeout(60)
class SecretsTest {
    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private int number;

    @Test
    void realKeyIsSeenByTheUpstreamOnly() {
        start();
        assertThat(chat("BOT").statusCode()).isEqualTo(200);
        assertThat(stream().body()).endsWith("data: [DONE]\n\n");
        assertThat(gateway.send(gateway.request("/models", gateway.key("BOT")).GET()).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().authorizations()).containsExactly("Bearer " + gateway.upstreamKey());
        assertThat(gateway.upstream().lastRequests()).extracting(request -> request.headers().get("authorization"))
                .containsOnly("Bearer " + gateway.upstreamKey());
    }

    @Test
    void noErrorTellsAKey() {
        start();
        gateway.faults(Faults.none().withRevokedKeys(gateway.upstreamKey()));
        assertThat(chat("BOT").statusCode()).isEqualTo(502);
        assertThat(gateway.send(gateway.request("/models", gateway.key("BOT")).GET()).statusCode()).isEqualTo(502);
        gateway.faults(Faults.none().withInsufficientQuota("main"));
        assertThat(chat("BOT").statusCode()).isEqualTo(503);
        for (int status : new int[]{400, 403, 404, 429, 500, 503}) {
            gateway.faults(Faults.none().withErrors(1, status));
            assertThat(chat("BOT").statusCode()).isBetween(400, 599);
        }
        gateway.faults(Faults.none());
        assertThat(chat("STRANGER").statusCode()).isEqualTo(401);
        assertThat(send("/completions", gateway.key("BOT"), "{\"model\": 1}").statusCode()).isEqualTo(400);
        assertThat(send("/nowhere", gateway.key("BOT"), "{}").statusCode()).isEqualTo(404);
        assertThat(send("/chat/../completions", gateway.key("BOT"), "{}").statusCode()).isEqualTo(400);
        assertThat(send("/models", gateway.key("BOT"), "{}").statusCode()).isEqualTo(405);
        gateway.killUpstream();
        assertThat(chat("BOT").statusCode()).isEqualTo(503);
    }

    @Test
    void tenantsKeyDoesNotGoUpstreamInAnyHeader() {
        start();
        String key = gateway.key("BOT");
        HttpRequest.Builder request = gateway.request("/chat/completions", key).header("api-key", key)
                .header("cookie", "session=" + key).header("x-sluice-note", key).header("forwarded", key)
                .header("openai-organization", key).header("openai-project", key);
        assertThat(gateway.send(request.POST(BodyPublishers.ofString(question().encode()))).statusCode())
                .isEqualTo(200);
        HttpRequest.Builder azure = HttpRequest.newBuilder(request.build().uri()).header("api-key", key);
        assertThat(gateway.send(azure.POST(BodyPublishers.ofString(question().encode()))).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().lastRequests()).hasSize(2).extracting(ReceivedRequest::headers)
                .noneMatch(headers -> headers.contains("api-key"));
    }

    private void start() {
        gateway.start("""
                tenants: [{ name: bot, keys: ["${BOT}"] }]
                """);
    }

    private HttpResponse<String> chat(String keyName) {
        return gateway.post("/chat/completions", keyName, question());
    }

    private HttpResponse<String> stream() {
        return gateway.post("/chat/completions", "BOT", question().put("stream", true));
    }

    private HttpResponse<String> send(String path, String key, String body) {
        return gateway.send(gateway.request(path, key).POST(BodyPublishers.ofString(body)));
    }

    /** A new one each time, so that none is answered from the cache. */
    private JsonObject question() {
        return new JsonObject().put("model", "gpt-4o-mini").put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "question " + number++)));
    }
}
