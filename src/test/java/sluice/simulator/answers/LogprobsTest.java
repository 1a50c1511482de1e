package sluice.simulator.answers;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.simulator.Caller;
import sluice.simulator.Simulator;

@Timeout(60)
class LogprobsTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String HELLO = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}],";

    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults());
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
    }

    private static JsonObject choice(JsonObject answer) {
        return answer.getJsonArray("choices").getJsonObject(0);
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    private static String text(List<JsonObject> tokens) {
        return tokens.stream().map(token -> token.getString("token")).collect(Collectors.joining());
    }

    private List<JsonObject> data(String path, String json) throws Exception {
        return Arrays.stream(caller.post(path, json).body().split("\n", -1)).filter(line -> line.startsWith("data: {"))
                .map(line -> new JsonObject(line.substring("data: ".length()))).toList();
    }

    @Test
    void chatTellsThemTokenByToken() throws Exception {
        JsonObject answer = caller.json(CHAT, HELLO + "\"logprobs\":true,\"top_logprobs\":2}");
        List<JsonObject> tokens = objects(choice(answer).getJsonObject("logprobs").getJsonArray("content"));
        assertThat(text(tokens)).isEqualTo(choice(answer).getJsonObject("message").getString("content"));
        assertThat(tokens).hasSize(answer.getJsonObject("usage").getInteger("completion_tokens"));
        assertThat(tokens).allSatisfy(token -> {
            assertThat(token.getDouble("logprob")).isNegative();
            assertThat(token.getJsonArray("bytes"))
                    .hasSize(token.getString("token").getBytes(StandardCharsets.UTF_8).length);
            List<JsonObject> top = objects(token.getJsonArray("top_logprobs"));
            assertThat(top).hasSize(2);
            assertThat(top.getFirst().getString("token")).isEqualTo(token.getString("token"));
            assertThat(top.getFirst().getDouble("logprob")).isGreaterThan(top.getLast().getDouble("logprob"));
        });
    }

    @Test
    void chunkTellsThoseOfItsPiece() throws Exception {
        List<JsonObject> chunks = data(CHAT, HELLO + "\"logprobs\":true,\"stream\":true}");
        assertThat(chunks.subList(1, chunks.size() - 1)).allSatisfy(chunk -> assertThat(
                text(objects(choice(chunk).getJsonObject("logprobs").getJsonArray("content"))))
                .isEqualTo(choice(chunk).getJsonObject("delta").getString("content")));
        assertThat(choice(chunks.getLast()).getValue("logprobs")).isNull();
    }

    @Test
    void completionTellsThemInColumns() throws Exception {
        String asked = "{\"model\":\"gpt-3.5-turbo-instruct\",\"prompt\":\"hello\",\"logprobs\":1";
        JsonObject choice = choice(caller.json("/v1/completions", asked + "}"));
        JsonObject logprobs = choice.getJsonObject("logprobs");
        assertThat(logprobs.getJsonArray("tokens").stream().map(String::valueOf).collect(Collectors.joining()))
                .isEqualTo(choice.getString("text"));
        int tokens = logprobs.getJsonArray("tokens").size();
        assertThat(logprobs.getJsonArray("token_logprobs")).hasSize(tokens);
        assertThat(logprobs.getJsonArray("top_logprobs")).hasSize(tokens);
        assertThat(logprobs.getJsonArray("text_offset").stream().limit(2).toList()).isEqualTo(List.of(5, 28));
        List<JsonObject> chunks = data("/v1/completions", asked + ",\"stream\":true}");
        assertThat(chunks.stream().map(chunk -> choice(chunk).getJsonObject("logprobs"))
                .filter(part -> part != null).flatMap(part -> part.getJsonArray("text_offset").stream()).toList())
                .isEqualTo(logprobs.getJsonArray("text_offset").stream().toList());
    }

    @Test
    void responseTellsThemWhenTheyAreIncluded() throws Exception {
        JsonObject answer = caller.json("/v1/responses", "{\"model\":\"gpt-4o\",\"input\":\"hello\",\"top_logprobs\":1,"
                + "\"include\":[\"message.output_text.logprobs\"]}");
        JsonObject content = answer.getJsonArray("output").getJsonObject(0).getJsonArray("content").getJsonObject(0);
        assertThat(text(objects(content.getJsonArray("logprobs")))).isEqualTo(content.getString("text"));
    }

    @Test
    void nobodyIsToldUnasked() throws Exception {
        JsonObject choice = choice(caller.json(CHAT, HELLO + "\"n\":1}"));
        assertThat(choice.containsKey("logprobs")).isTrue();
        assertThat(choice.getValue("logprobs")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"top_logprobs\":2}", "\"logprobs\":true,\"top_logprobs\":21}", "\"logprobs\":1}"})
    void senselessWishesAreRefused(String rest) throws Exception {
        assertThat(caller.post(CHAT, HELLO + rest).statusCode()).isEqualTo(400);
    }
}
