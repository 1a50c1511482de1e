package sluice.simulator.answers;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
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

/** Answers and arguments fit the schema that the call gives, whole and in pieces. */
@Timeout(60)
class StructuredAnswersTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final JsonObject SCHEMA = new JsonObject("""
            {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":18},
             "tags":{"type":"array","items":{"enum":["ä","b"]},"minItems":2},
             "boss":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},
             "required":["name","age","tags","boss"],"additionalProperties":false}""");

    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults().withStreams(200, Duration.ZERO));
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
    }

    private static JsonObject chat() {
        return new JsonObject().put("model", "gpt-4o").put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "hello")));
    }

    private static JsonObject structuredChat() {
        return chat().put("response_format", new JsonObject().put("type", "json_schema")
                .put("json_schema", new JsonObject().put("name", "person").put("schema", SCHEMA).put("strict", true)));
    }

    private static JsonObject structuredResponse() {
        return new JsonObject().put("model", "gpt-4o").put("input", "hello")
                .put("text", new JsonObject().put("format", new JsonObject().put("type", "json_schema")
                        .put("name", "person").put("schema", SCHEMA).put("strict", true)));
    }

    private static JsonObject tool(JsonObject parameters) {
        return new JsonObject().put("type", "function")
                .put("function", new JsonObject().put("name", "hire").put("parameters", parameters));
    }

    private static void assertFits(String json) {
        assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(SCHEMA.encode())
                .validate(json, InputFormat.JSON)).as(json).isEmpty();
    }

    private static List<JsonObject> events(HttpResponse<String> stream) {
        return Arrays.stream(stream.body().split("\n", -1)).filter(line -> line.startsWith("data: {"))
                .map(line -> new JsonObject(line.substring("data: ".length()))).toList();
    }

    private static JsonObject choice(JsonObject answer) {
        return answer.getJsonArray("choices").getJsonObject(0);
    }

    @Test
    void chatAnswersInItsSchema() throws Exception {
        JsonObject answer = caller.json(CHAT, structuredChat().encode());
        String content = choice(answer).getJsonObject("message").getString("content");
        assertFits(content);
        assertThat(new JsonObject(content).getString("name")).isEqualTo(Prose.marker("hello"));
        assertThat(choice(answer).getString("finish_reason")).isEqualTo("stop");
        String pieces = events(caller.post(CHAT, structuredChat().put("stream", true).encode())).stream()
                .map(event -> choice(event).getJsonObject("delta").getString("content", ""))
                .collect(Collectors.joining());
        assertThat(pieces).isEqualTo(content);
    }

    @Test
    void responseAnswersInItsSchema() throws Exception {
        JsonObject answer = caller.json("/v1/responses", structuredResponse().encode());
        String text = answer.getJsonArray("output").getJsonObject(0).getJsonArray("content").getJsonObject(0)
                .getString("text");
        assertFits(text);
        assertThat(answer.getJsonObject("text").getJsonObject("format").getString("name")).isEqualTo("person");
        List<JsonObject> events = events(caller.post("/v1/responses", structuredResponse().put("stream", true)
                .encode()));
        assertThat(events.stream().filter(event -> event.getString("type").equals("response.output_text.delta"))
                .map(event -> event.getString("delta")).collect(Collectors.joining())).isEqualTo(text);
    }

    @Test
    void jsonModeAnswersWithAnObject() throws Exception {
        JsonObject answer = caller.json(CHAT,
                chat().put("response_format", new JsonObject().put("type", "json_object")).encode());
        assertThat(choice(answer).getJsonObject("message").getString("content"))
                .isEqualTo("{\"answer\":\"" + Prose.marker("hello") + "\"}");
    }

    @Test
    void structureThatIsTooLongIsCut() throws Exception {
        JsonObject answer = caller.json(CHAT, structuredChat().put("max_tokens", 3).encode());
        assertThat(choice(answer).getString("finish_reason")).isEqualTo("length");
        assertThat(choice(answer).getJsonObject("message").getString("content")).hasSize(12);
        assertThat(answer.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(3);
    }

    @Test
    void argumentsFitTheToolsSchema() throws Exception {
        JsonObject asked = chat().put("tools", new JsonArray().add(tool(SCHEMA)));
        JsonObject call = choice(caller.json(CHAT, asked.encode())).getJsonObject("message")
                .getJsonArray("tool_calls").getJsonObject(0);
        assertFits(call.getJsonObject("function").getString("arguments"));
    }

    @Test
    void toolThatTheCallNamesIsCalledWhoeverSpokeLast() throws Exception {
        JsonObject other = tool(new JsonObject());
        other.getJsonObject("function").put("name", "fire");
        JsonObject asked = chat().put("tools", new JsonArray().add(tool(SCHEMA)).add(other));
        asked.getJsonArray("messages").add(new JsonObject().put("role", "assistant").put("content", "well"));
        assertThat(choice(caller.json(CHAT, asked.encode())).getString("finish_reason")).isEqualTo("stop");
        asked.put("tool_choice", other);
        assertThat(caller.post(CHAT, asked.encode()).body()).contains("\"name\":\"fire\"");
        asked.put("tool_choice", "required");
        assertThat(caller.post(CHAT, asked.encode()).body()).contains("\"name\":\"hire\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"type\":\"json_schema\"}", "{\"type\":\"json_schema\",\"json_schema\":{}}",
            "{\"type\":\"xml\"}"})
    void formatThatSaysTooLittleIsRefused(String format) throws Exception {
        assertThat(caller.post(CHAT, chat().put("response_format", new JsonObject(format)).encode()).statusCode())
                .isEqualTo(400);
    }
}
