package sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.TestGateway;

/** The upstream of the demo has OpenAI's models and no others. */
@Timeout(60)
class DemoTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway()
            .simulating(usual -> Demo.simulated().withAccounts(usual.accounts()));

    private HttpResponse<String> ask(String model) {
        return gateway.post("/chat/completions", "BOT", new JsonObject().put("model", model).put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hello"))));
    }

    private HttpResponse<String> get(String path) {
        return gateway.send(gateway.request(path, gateway.key("BOT")).GET());
    }

    private void start() {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"] }]
                """);
    }

    @Test
    void whatItListsExists() {
        start();
        JsonArray listed = new JsonObject(get("/models").body()).getJsonArray("data");
        assertThat(listed).isNotEmpty().allSatisfy(each -> assertThat(
                get("/models/" + ((JsonObject) each).getString("id")).statusCode()).isEqualTo(200));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-mini", "gpt-4o-2024-08-06", "gpt-5", "o3", "ft:gpt-4o-mini-2024-07-18:acme::1"})
    void modelOfOpenAiIsAnswered(String model) {
        start();
        assertThat(ask(model).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-4o-mni", "made-up-model"})
    void anyOtherIsNotFound(String model) {
        start();
        HttpResponse<String> refused = ask(model);
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body()).contains("\"code\":\"model_not_found\"", model);
        assertThat(get("/models/" + model).statusCode()).isEqualTo(404);
    }
}
