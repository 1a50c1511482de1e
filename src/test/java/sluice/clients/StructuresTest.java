package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.TestGateway;

/** Clients get through the gateway what is more than text: answers in a schema, batches with their files, threads. */
@Timeout(120)
class StructuresTest {
    private static final String GRANTED = """
            tenants: [{ name: bot, plan: paid, keys: ["${BOT}"],
                        endpoints: [inference, stored-objects, files, batch] }]
            """;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @Test
    void pythonParsesAnswersAndArguments() {
        JsonObject seen = python("answers");
        assertThat(seen.getString("title")).startsWith("answer-");
        assertThat(seen.getInteger("steps")).isEqualTo(1);
        for (String same : new String[]{"streamed", "response", "arguments", "logprobs"}) {
            assertThat(seen.getBoolean(same)).as(same).isTrue();
        }
        assertThat(seen.getInteger("alternatives")).isEqualTo(2);
    }

    @Test
    void pythonRunsABatch() {
        JsonObject seen = python("batch");
        assertThat(seen.getJsonArray("states"))
                .isEqualTo(new JsonArray().add("validating").add("in_progress").add("completed"));
        assertThat(seen.getString("answered")).isEqualTo("good");
        assertThat(seen.getString("text")).startsWith("answer-");
        assertThat(seen.getString("refused")).isEqualTo("bad");
        assertThat(seen.getInteger("status")).isEqualTo(400);
    }

    @Test
    void pythonReadsWhatAnAssistantLeaves() {
        JsonObject seen = python("assistants");
        assertThat(seen.getString("status")).isEqualTo("completed");
        assertThat(seen.getString("role")).isEqualTo("assistant");
        assertThat(seen.getString("text")).startsWith("answer-");
        assertThat(seen.getString("streamed")).isEqualTo("answer");
        assertThat(seen.getInteger("messages")).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"as-the-api,false", "always,true"})
    void pythonReadsSoundWhetherItsEventsAreNamedOrNot(String lines, boolean named) {
        gateway.start(GRANTED);
        JsonObject seen = only(Script.session(Tools.python("requirements.txt", "structures.py"),
                Call.of("sound", gateway, "BOT").with("lines", lines)));
        assertThat(seen).isEqualTo(new JsonObject().put("delta", "transcript.text.delta")
                .put("done", "transcript.text.done").put("named", named).put("end", "speech.audio.done"));
        assertThat(gateway.log().calls(2)).allSatisfy(
                call -> assertThat(call.getString("outcome")).isEqualTo("answered"));
    }

    @Test
    void nodeAndVercelParseAnswers() {
        gateway.start(GRANTED);
        JsonObject seen = only(Script.session(Tools.node("structures.js"), Call.of("answers", gateway, "BOT")));
        assertThat(seen.getString("chat")).startsWith("answer-");
        assertThat(seen.getString("response")).startsWith("answer-");
        assertThat(seen.getJsonArray("objects")).hasSize(4).allSatisfy(
                title -> assertThat(String.valueOf(title)).startsWith("answer-"));
    }

    private JsonObject python(String scenario) {
        gateway.start(GRANTED);
        return only(Script.session(Tools.python("requirements.txt", "structures.py"),
                Call.of(scenario, gateway, "BOT")));
    }

    private static JsonObject only(Session session) {
        JsonObject seen = session.next();
        session.end();
        return seen;
    }
}
