package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.TestGateway;

/** Every SDK uses every kind of route through the gateway as it would at OpenAI. */
@Timeout(120)
class RoutesTest {
    private static final String GRANTED = """
            tenants: [{ name: bot, plan: paid, keys: ["${BOT}"],
                        endpoints: [inference, stored-objects, files, fine-tuning, batch] }]
            """;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PYTHON_0")
    void filesJobsImagesAndSound(Sdk sdk) {
        gateway.start(GRANTED);
        assertThat(only(sdk.startRoutes(call("routes")))).isEqualTo(new JsonObject()
                .put("file", true).put("content", "{}\n").put("fineTuning", true).put("batch", true)
                .put("vectorStore", true).put("vectorStoreDeleted", true).put("fileDeleted", true)
                .put("image", 1).put("edited", 1).put("speech", 20 * 1024).put("transcription", "answer")
                .put("model", "gpt-4o-mini"));
    }

    @ParameterizedTest
    @EnumSource(names = {"PYTHON", "NODE"})
    void clientsForAzure(Sdk sdk) {
        gateway.start(GRANTED);
        JsonObject seen = only(sdk.startRoutes(call("azure")));
        assertThat(seen.getString("text")).startsWith("answer-");
        assertThat(seen.getInteger("embedding")).isEqualTo(1536);
    }

    @Test
    void olderReleasesForNode() {
        gateway.start(GRANTED);
        JsonObject seen = only(Script.session(Tools.node("older.js"), call("older")));
        assertThat(seen.getString("chatOf3")).startsWith("answer-").isEqualTo(seen.getString("streamOf3"))
                .isEqualTo(seen.getString("chatOf4")).isEqualTo(seen.getString("streamOf4"));
    }

    @Test
    void firstOfTheCurrentSdksForPython() {
        gateway.start(GRANTED);
        JsonObject seen = only(
                Script.session(Tools.python("requirements-1.txt", "modern.py"), call("chats")));
        assertThat(seen.getString("chat")).startsWith("answer-").isEqualTo(seen.getString("chatStream"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "responses"})
    void agentOfVercelCallsItsTool(String api) {
        gateway.start(GRANTED);
        JsonObject seen = only(Script.session(Tools.node("agent.js"), call("agent").with("api", api)));
        assertThat(seen.getJsonArray("asked")).hasSize(1);
        assertThat(seen.getString("text")).startsWith("answer-");
        assertThat(seen.getInteger("steps")).isEqualTo(2);
    }

    private Call call(String scenario) {
        return Call.of(scenario, gateway, "BOT");
    }

    private static JsonObject only(Session session) {
        JsonObject seen = session.next();
        session.end();
        return seen;
    }
}
