package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** The log line of a refusal says what decided: the limit and what was left of it, the model, the path. */
@Timeout(60)
class RefusalsInTheLogTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(new ManualTime());

    private int ask(String path, String model) {
        return gateway.post(path, "BOT", new JsonObject().put("model", model).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello")))).statusCode();
    }

    @Test
    void saysWhatDecided() {
        gateway.start("""
                tenants: [{ name: bot, rpm: 3, concurrent: 5, models: ["gpt-4o*"], keys: ["${BOT}"] }]
                """);
        assertThat(ask("/chat/completions", "o3")).isEqualTo(403);
        assertThat(ask("/chat/complete", "gpt-4o-mini")).isEqualTo(404);
        assertThat(ask("/chat/completions", "gpt-4o-mini")).isEqualTo(200);
        assertThat(ask("/chat/completions", "gpt-4o")).isEqualTo(200);
        assertThat(ask("/chat/completions", "gpt-4o-mini")).isEqualTo(429);

        List<JsonObject> calls = gateway.log().calls(5);
        assertThat(calls.get(0).getString("model")).isEqualTo("o3");
        assertThat(calls.get(1).getString("path")).isEqualTo("/v1/chat/complete");
        assertThat(calls.get(2).containsKey("limit")).isFalse();
        JsonObject refused = calls.get(4);
        assertThat(refused.getString("limit")).isEqualTo("rpm");
        assertThat(refused.getLong("limit_size")).isEqualTo(3);
        assertThat(refused.getLong("limit_left")).isZero();
        assertThat(refused.getLong("limit_takes")).isEqualTo(1);
        assertThat(refused.getDouble("retry_after_ms")).isBetween(19_000.0, 20_001.0);
    }
}
