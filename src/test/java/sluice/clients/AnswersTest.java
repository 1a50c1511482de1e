package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.testing.TestGateway;

/** Every SDK gets through the gateway what it would get from OpenAI. */
@Timeout(120)
class AnswersTest {
    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PYTHON_0")
    void modernSdksReadEveryKindOfAnswer(Sdk sdk) {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"] }]
                """);
        Session session = sdk.start(Call.of("answers", gateway, "BOT"));
        JsonObject seen = session.next();
        session.end();

        JsonObject chat = seen.getJsonObject("chat");
        String text = chat.getString("text");
        assertThat(text).startsWith("answer-");
        assertThat(chat.getString("cache")).isEqualTo("MISS");
        assertThat(seen.getJsonObject("chatAgain")).isEqualTo(chat.copy().put("cache", "HIT"));
        assertThat(seen.getJsonObject("chatStream")).isEqualTo(new JsonObject().put("text", text).putNull("usage"));
        assertThat(seen.getJsonObject("chatStreamAgain")).isEqualTo(seen.getJsonObject("chatStream"));
        assertThat(seen.getJsonObject("chatStreamUsage").getString("text")).isEqualTo(text);
        assertThat(seen.getJsonObject("chatStreamUsage").getInteger("usage")).isPositive();
        assertThat(seen.getInteger("embedding")).isEqualTo(1536);
        assertThat(seen.getBoolean("moderation")).isFalse();
        assertThat(seen.getString("response")).startsWith("answer-");
        assertThat(seen.getJsonObject("responseStream")).isEqualTo(
                new JsonObject().put("text", seen.getString("response")).put("end", "response.completed"));
        assertThat(seen.getJsonArray("models")).contains("gpt-4o-mini");

        assertThat(gateway.log().calls(10)).allSatisfy(call -> {
            assertThat(call.getInteger("status")).isEqualTo(200);
            assertThat(call.getString("outcome")).isEqualTo("answered");
        });
        assertThat(gateway.upstream().requests()).as("all but two are sent upstream").isEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource
    void modelsAreThoseThatTheTenantMayUse(Sdk sdk) {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"], models: ["gpt-4o*"] }]
                """);
        Session session = sdk.start(Call.of("models", gateway, "BOT"));
        assertThat(session.next().getJsonArray("models"))
                .isEqualTo(new JsonArray().add("gpt-4o").add("gpt-4o-2024-08-06").add("gpt-4o-mini"));
        session.end();
    }
}
