package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.simulator.answers.Prose;
import sluice.testing.ManualTime;

@Timeout(30)
class SimulatorTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String HELLO = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults().withAccounts(
                SimulatedAccount.parse("main=sk-simulator,sk-second:rpm=3,tpm=1000"),
                SimulatedAccount.parse("rich=sk-rich")));
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
    }

    private static JsonObject error(HttpResponse<String> response) {
        return new JsonObject(response.body()).getJsonObject("error");
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Test
    void answersCarryTheHeadersOfTheRealApi() throws Exception {
        HttpResponse<String> response = caller.post(CHAT, HELLO);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "x-request-id")).matches("req_[0-9a-f]{32}");
        assertThat(header(response, "openai-organization")).isEqualTo("org-main");
        assertThat(header(response, "openai-version")).isEqualTo("2020-10-01");
        assertThat(header(response, "x-ratelimit-limit-requests")).isEqualTo("3");
        assertThat(header(response, "x-ratelimit-remaining-requests")).isEqualTo("2");
        assertThat(header(response, "x-ratelimit-reset-requests")).isEqualTo("20s");
        assertThat(header(response, "x-ratelimit-remaining-tokens")).isEqualTo("998");
        assertThat(header(response, "x-ratelimit-reset-tokens")).isEqualTo("120ms");
        assertThat(response.headers().map()).containsKeys("set-cookie", "alt-svc", "strict-transport-security",
                "cf-ray", "openai-processing-ms", "openai-project");
    }

    @Test
    void fourthCallInTheSameMinuteIsRefusedUntilTheBucketRefills() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(caller.post(CHAT, HELLO).statusCode()).isEqualTo(200);
        }
        HttpResponse<String> refused = caller.post(CHAT, HELLO, "authorization", "Bearer sk-second");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "retry-after")).isEqualTo("20");
        assertThat(header(refused, "retry-after-ms")).isEqualTo("20000");
        assertThat(error(refused).getString("message")).startsWith("Rate limit reached for gpt-4o in organization "
                + "org-main on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.");
        assertThat(error(refused).getString("type")).isEqualTo("requests");
        assertThat(error(refused).getString("code")).isEqualTo("rate_limit_exceeded");
        caller.time.advance(Duration.ofSeconds(20));
        assertThat(caller.post(CHAT, HELLO).statusCode()).isEqualTo(200);
        assertThat(caller.simulator.statistics().accepted("main")).isEqualTo(4);
        assertThat(caller.simulator.statistics().maxInAnyWindow("main", Duration.ofSeconds(20))).isEqualTo(3);
        assertThat(caller.simulator.statistics().rateLimited()).isEqualTo(1);
    }

    @Test
    void callLargerThanTheLimitIsNotWorthARetry() throws Exception {
        HttpResponse<String> refused = caller.post(CHAT, HELLO.replace("{\"model\"", "{\"max_tokens\":1001,\"model\""));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-should-retry")).isEqualTo("false");
        assertThat(error(refused).getString("message")).startsWith("Request too large");
        assertThat(error(refused).getString("type")).isEqualTo("tokens");
    }

    @Test
    void keyIsAskedFor() throws Exception {
        HttpResponse<String> missing = caller.get("/v1/models");
        assertThat(missing.statusCode()).isEqualTo(401);
        assertThat(error(missing).getMap()).containsEntry("code", null);
        assertThat(header(missing, "www-authenticate")).isEqualTo("Bearer realm=\"OpenAI API\"");
        HttpResponse<String> wrong = caller.post(CHAT, HELLO, "authorization", "Bearer sk-somebody-elses-key");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(error(wrong).getString("code")).isEqualTo("invalid_api_key");
        assertThat(wrong.body()).doesNotContain("sk-somebody-elses-key");
    }

    @Test
    void basicCredentialsWork() throws Exception {
        String blankUser = Base64.getEncoder().encodeToString(":sk-rich".getBytes(StandardCharsets.UTF_8));
        assertThat(caller.get("/v1/models", "authorization", "Basic " + blankUser).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{ | | ", "[] | | ", "'' | | ",
            "{\"messages\":[]} | model | missing_required_parameter",
            "{\"model\":1} | model | invalid_type", "{\"model\":\"a b\"} | model | ",
            "{\"model\":\"m\"} | messages | missing_required_parameter",
            "{\"model\":\"m\",\"messages\":[]} | messages | empty_array",
            "{\"model\":\"m\",\"messages\":[1]} | messages | invalid_type",
            "{\"model\":\"m\",\"messages\":[{}],\"stream\":\"yes\"} | stream | invalid_type",
            "{\"model\":\"m\",\"messages\":[{}],\"max_tokens\":0} | max_tokens | integer_below_min_value"})
    void badCallsAreRefusedAndCostNothing(String body, String param, String code) throws Exception {
        HttpResponse<String> response = caller.post(CHAT, body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error(response).getMap()).containsEntry("type", "invalid_request_error")
                .containsEntry("param", param).containsEntry("code", code);
        assertThat(caller.simulator.statistics().accepted("main")).isZero();
    }

    @Test
    void modelsExistUnlessTheirNameSaysOtherwise() throws Exception {
        HttpResponse<String> missing = caller.post(CHAT, HELLO.replace("gpt-4o", "missing-model"));
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(error(missing).getString("code")).isEqualTo("model_not_found");
        String[] key = {"authorization", "Bearer sk-rich"};
        assertThat(caller.get("/v1/models/ft:any:thing", key).statusCode()).isEqualTo(200);
        assertThat(caller.get("/v1/models/missing-model", key).statusCode()).isEqualTo(404);
        assertThat(new JsonObject(caller.get("/v1/models", key).body()).getJsonArray("data")).isNotEmpty();
        assertThat(caller.simulator.statistics().accepted("rich")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/engines/ada/chat/completions", "/v1/edits", "/v1/chat", "/", "/v1"})
    void otherPathsAreUnknown(String path) throws Exception {
        HttpResponse<String> response = caller.post(path, "{}");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(error(response).getString("message")).isEqualTo("Invalid URL (POST " + path + ")");
    }

    @Test
    void samePromptHasTheSameTextAndANewId() throws Exception {
        JsonObject first = caller.json(CHAT, HELLO);
        JsonObject again = caller.json(CHAT, HELLO);
        JsonObject other = caller.json(CHAT, HELLO.replace("hello", "bye"));
        assertThat(text(again)).isEqualTo(text(first)).startsWith(Prose.marker("hello"));
        assertThat(text(other)).isNotEqualTo(text(first)).startsWith(Prose.marker("bye"));
        assertThat(again.getString("id")).isNotEqualTo(first.getString("id"));
        assertThat(first.getLong("created")).isEqualTo(ManualTime.START.getEpochSecond());
    }

    private static String text(JsonObject chat) {
        return choice(chat).getJsonObject("message").getString("content");
    }

    private static JsonObject choice(JsonObject answer) {
        return answer.getJsonArray("choices").getJsonObject(0);
    }

    @Test
    void outputEndsAtItsLimit() throws Exception {
        JsonObject answer = caller.json(CHAT, HELLO.replace("{\"model\"", "{\"max_tokens\":5,\"n\":2,\"model\""));
        assertThat(text(answer).split(" ", -1)).hasSize(5);
        assertThat(choice(answer).getString("finish_reason")).isEqualTo("length");
        assertThat(answer.getJsonArray("choices")).hasSize(2);
        assertThat(answer.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(10);
        assertThat(answer.getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(2);
        assertThat(answer.getJsonObject("usage").getInteger("total_tokens")).isEqualTo(12);
    }

    @Test
    void toolIsCalledWhenAskedFor() throws Exception {
        JsonObject answer = caller.json(CHAT, HELLO.replace("hello", "use the tool").replace("{\"model\"",
                "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look_up\"}}],\"model\""));
        assertThat(choice(answer).getString("finish_reason")).isEqualTo("tool_calls");
        JsonObject call = choice(answer).getJsonObject("message").getJsonArray("tool_calls").getJsonObject(0);
        assertThat(call.getJsonObject("function").getString("name")).isEqualTo("look_up");
        assertThat(new JsonObject(call.getJsonObject("function").getString("arguments")).getMap()).containsKey("query");
    }

    @Test
    void legacyPathsTakeTheirModelFromThePath() throws Exception {
        JsonObject answer = caller.json("/v1/engines/text-davinci-002/completions",
                "{\"prompt\":\"Say hi\",\"max_tokens\":50}");
        assertThat(answer.getString("model")).isEqualTo("text-davinci-002");
        assertThat(choice(answer).getString("text")).startsWith(Prose.marker("Say hi"));
        assertThat(caller.json("/v1/engines/ada/embeddings", "{\"input\":\"x\"}").getString("model")).isEqualTo("ada");
    }

    @Test
    void embeddingsAreTheSameInBothEncodings() throws Exception {
        JsonObject numbers = caller.json("/v1/embeddings",
                "{\"model\":\"e\",\"input\":[\"x\",\"y\"],\"dimensions\":2}");
        JsonObject base64 = caller.json("/v1/embeddings",
                "{\"model\":\"e\",\"input\":\"y\",\"dimensions\":2,\"encoding_format\":\"base64\"}");
        byte[] bytes = Base64.getDecoder().decode(base64.getJsonArray("data").getJsonObject(0).getString("embedding"));
        float first = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
        assertThat(numbers.getJsonArray("data").getJsonObject(1).getJsonArray("embedding").getFloat(0))
                .isEqualTo(first);
        assertThat(numbers.getJsonArray("data")).hasSize(2);
    }

    @Test
    void statisticsKnowWhoCalledAndShowNoKey() throws Exception {
        caller.post(CHAT, HELLO, "authorization", "Bearer sk-rich", "x-extra", "kept");
        Statistics statistics = caller.simulator.statistics();
        assertThat(statistics.authorizations()).containsExactly("Bearer sk-rich");
        assertThat(statistics.requestsByKeyId()).containsEntry(KeyId.of("sk-rich"), 1L);
        assertThat(statistics.requests("rich")).isEqualTo(1);
        assertThat(statistics.status(200)).isEqualTo(1);
        assertThat(statistics.inFlight()).isZero();
        assertThat(statistics.lastRequests()).singleElement().satisfies(request -> {
            assertThat(request.body()).isEqualTo(HELLO);
            assertThat(request.uri()).isEqualTo(CHAT);
            assertThat(request.headers().get("X-Extra")).isEqualTo("kept");
        });
        assertThat(caller.get("/simulator/statistics").body()).contains("\"window60Max\":1")
                .contains(KeyId.of("sk-rich")).doesNotContain("sk-rich");
        assertThat(caller.get("/simulator/requests").body()).contains("key id " + KeyId.of("sk-rich"))
                .contains("hello").doesNotContain("sk-rich");
    }

    @Test
    void tellsWhenItAcceptedCalls() throws Exception {
        assertThat(caller.post(CHAT, HELLO).statusCode()).isEqualTo(200);
        caller.time.advance(Duration.ofMillis(1500));
        assertThat(caller.post(CHAT, HELLO).statusCode()).isEqualTo(200);
        caller.time.advance(Duration.ofMillis(500));
        assertThat(caller.get("/simulator/accepted?account=main").body())
                .isEqualTo("{\"account\":\"main\",\"millisAgo\":[2000,500]}");
        assertThat(caller.get("/simulator/accepted?account=rich").body()).contains("\"millisAgo\":[]");
    }
}
