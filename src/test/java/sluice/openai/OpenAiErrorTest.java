package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenAiErrorTest {
    private static final OpenAiError PLAIN = new OpenAiError("Say \"please\".\nÜ", "requests", null, null);
    private static final OpenAiError FULL = new OpenAiError("m", "invalid_request_error", "model", "model_not_found");

    @Test
    void bodyHasAllFourKeysAlways() {
        assertThat(PLAIN.toBuffer().toJsonObject()).isEqualTo(new JsonObject().put("error", new JsonObject()
                .put("message", "Say \"please\".\nÜ").put("type", "requests").put("param", null).put("code", null)));
        assertThat(FULL.toBuffer().toString()).isEqualTo(
                "{\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":\"model_not_found\"}}");
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT_COMPLETIONS", "COMPLETIONS"})
    void eventOfAChatIsDataAlone(Endpoint endpoint) {
        String event = PLAIN.toEvent(endpoint, 3).toString();
        assertThat(event).startsWith("data: {").endsWith("}\n\n").containsOnlyOnce("data:").doesNotContain("event:");
        assertThat(new JsonObject(event.substring(6))).isEqualTo(PLAIN.toBuffer().toJsonObject());
    }

    @Test
    void eventOfAResponseIsNamedAndFlat() {
        String event = FULL.toEvent(Endpoint.RESPONSES, 7).toString();
        assertThat(event).startsWith("event: error\ndata: {").endsWith("}\n\n");
        assertThat(new JsonObject(event.substring("event: error\ndata: ".length()))).isEqualTo(new JsonObject()
                .put("type", "error").put("sequence_number", 7).put("message", "m").put("param", "model")
                .put("code", "model_not_found"));
    }

    @Test
    void eventIsOneEventWhateverTheMessageSays() {
        for (Endpoint endpoint : Endpoint.values()) {
            SseEvents events = new SseEvents(StreamEnd.DONE_LINE, UsageAt.RESPONSE, false);
            Buffer event = new OpenAiError("a\n\ndata: [DONE]\n\n", "t", null, null).toEvent(endpoint, 3);
            assertThat(events.accept(event)).isEqualTo(event);
            assertThat(events.events()).isEqualTo(1);
            assertThat(events.failed()).isTrue();
        }
    }
}
