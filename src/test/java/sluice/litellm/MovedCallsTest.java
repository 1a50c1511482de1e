package sluice.litellm;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.simulator.SimulatedAccount;
import sluice.testing.TestGateway;

/** Callers of a LiteLLM proxy, with the keys they have, at a gateway with what became of it. */
@Timeout(60)
class MovedCallsTest {
    private static final Pattern UPSTREAM = Pattern.compile("(?ms)^upstream:\\n(.*?)(?=^[a-z])");
    private static final String LISTENERS = "(?m)^(listen|admin):\\n(  .*\\n)+";
    private static final int CALLS = 10;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    private void start(Moved moved, String... accounts) throws UnusableAnswer {
        String yaml = moved.onTrial("http://127.0.0.1:8081/v1").converted().yaml().replaceAll(LISTENERS, "")
                .replaceAll("(?m)^ *base-url:.*\\n", "");
        List<SimulatedAccount> simulated = new ArrayList<>();
        for (String account : accounts) {
            String name = "UPSTREAM_KEY_" + simulated.size();
            yaml = yaml.replace("sk-trial-" + account, "${" + name + "}");
            simulated.add(SimulatedAccount.unlimited(account, gateway.key(name)));
        }
        Matcher upstream = UPSTREAM.matcher(yaml);
        assertThat(upstream.find()).isTrue();
        gateway.simulating(settings -> settings.withAccounts(simulated)).upstream(upstream.group(1).indent(-2))
                .start(upstream.replaceFirst(""));
    }

    private HttpResponse<String> call(String key, String model, int number) {
        return gateway.send(gateway.request("/chat/completions", key)
                .POST(BodyPublishers.ofString(new JsonObject().put("model", model).put("messages", new JsonArray()
                        .add(new JsonObject().put("role", "user").put("content", "Say " + number))).encode())));
    }

    @Test
    void everyCallReachesAnAccountThatServesItsModel() throws Exception {
        start(new Moved(
                """
                        model_list:
                          - model_name: "openai/*"
                            litellm_params: { model: "openai/*", api_key: os.environ/OPENAI_API_KEY, rpm: 5000 }
                          - model_name: azure-gpt-4o
                            litellm_params: { model: azure/prod, api_base: "https://weu.openai.azure.com", api_key: os.environ/A, rpm: 5000 }
                          - model_name: llama
                            litellm_params: { model: hosted_vllm/meta-llama/Llama-3, api_base: "http://vllm/v1", api_key: os.environ/V, rpm: 5000 }
                        """)
                .teams("[" + Moved.team("all", "") + "]"), "openai", "weu.openai.azure.com", "vllm");

        for (int i = 0; i < CALLS; i++) {
            assertThat(call("sk-all", "gpt-4o", i).statusCode()).isEqualTo(200);
            assertThat(call("sk-all", "prod", i).statusCode()).isEqualTo(200);
            assertThat(call("sk-all", "meta-llama/Llama-3", i).statusCode()).isEqualTo(200);
        }
        assertThat(gateway.upstream().requests("openai")).isEqualTo(CALLS);
        assertThat(gateway.upstream().requests("weu.openai.azure.com")).isEqualTo(CALLS);
        assertThat(gateway.upstream().requests("vllm")).isEqualTo(CALLS);
        HttpResponse<String> alias = call("sk-all", "llama", 0);
        assertThat(alias.statusCode()).isEqualTo(404);
        assertThat(alias.body()).contains("model_not_found", "GET /v1/models");
    }

    @Test
    void listOfModelsHasThoseOfEveryAccountAndNoOthers() throws Exception {
        start(new Moved(
                """
                        model_list:
                          - model_name: gpt-4o
                            litellm_params: { model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, rpm: 5000 }
                          - model_name: azure
                            litellm_params: { model: azure/prod, api_base: "https://weu.azure.com", api_key: os.environ/A, rpm: 5000 }
                          - model_name: azure-too
                            litellm_params: { model: azure/spare, api_base: "https://weu.azure.com", api_key: os.environ/A, rpm: 5000 }
                        """)
                .teams("[" + Moved.team("all", "") + "," + Moved.team("some", "\"models\": [\"gpt-4o\", \"azure\"]")
                        + "]"),
                "openai", "weu.azure.com");

        assertThat(listed("sk-all")).as("the account's own list has ten more").containsExactly("gpt-4o", "prod",
                "spare");
        assertThat(listed("sk-some")).containsExactly("gpt-4o", "prod");
    }

    private List<String> listed(String key) {
        return new JsonObject(gateway.send(gateway.request("/models", key).GET()).body()).getJsonArray("data").stream()
                .map(each -> ((JsonObject) each).getString("id")).toList();
    }

    @Test
    void callReachesTheAccountOfTheNameThatTheTeamHad() throws Exception {
        start(new Moved(
                """
                        model_list:
                          - model_name: gpt-4o-eu
                            litellm_params: { model: azure/gpt-4o, api_base: "https://eu.azure.com", api_key: os.environ/EU, rpm: 5000 }
                          - model_name: gpt-4o-us
                            litellm_params: { model: azure/gpt-4o, api_base: "https://us.azure.com", api_key: os.environ/US, rpm: 5000 }
                        router_settings: { model_group_alias: { gpt-4: gpt-4o-us } }
                        """)
                .teams("[" + Moved.team("web", "\"models\": [\"gpt-4o-us\"]") + "," + Moved.team("all", "") + "]"),
                "eu.azure.com", "us.azure.com");

        for (int i = 0; i < CALLS; i++) {
            assertThat(call("sk-web", "gpt-4o", i).statusCode()).isEqualTo(200);
        }
        assertThat(gateway.upstream().requests("us.azure.com")).isEqualTo(CALLS);
        assertThat(gateway.upstream().requests("eu.azure.com")).isZero();
        assertThat(call("sk-all", "gpt-4", 0).statusCode()).as("an alias there, so nobody has it here").isEqualTo(404);
    }

    @Test
    void limitsAndModelsHoldAsBefore() throws Exception {
        start(Moved.serving("gpt-4o", "gpt-4o-mini")
                .teams("[" + Moved.team("small", "\"rpm_limit\": 2, \"models\": [\"gpt-4o\"]") + "]"), "openai");

        assertThat(call("sk-small", "gpt-4o", 1).statusCode()).isEqualTo(200);
        assertThat(call("sk-small", "gpt-4o-mini", 2).statusCode()).isEqualTo(403);
        assertThat(call("sk-small", "gpt-4o", 3).statusCode()).isEqualTo(429);
        assertThat(call("sk-unknown", "gpt-4o", 4).statusCode()).isEqualTo(401);
    }
}
