package sluice.cache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluice.openai.Endpoint;

/** Whether an answer is complete is found without a tree; here it is told by one. */
class CompleteAnswerTest {
    private static final ObjectMapper TREE = new ObjectMapper();
    private static final List<String> ANSWERS = List.of(
            """
                    {"id":"c-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",\
                    "content":"Gr\\u00fc\\u00dfe \\"und\\" [{}]"},"logprobs":null,"finish_reason":"stop"}],\
                    "usage":{"prompt_tokens":38,"completion_tokens":52.0}}""",
            "{\"choices\":[{\"index\":1,\"finish_reason\":\"length\"},{\"finish_reason\":\"tool_calls\",\"index\":0}]}",
            "{\"choices\":[{\"finish_reason\":\"content_filter\"},{\"finish_reason\":null}],\"error\":null}",
            "{\"id\":\"r\",\"status\":\"completed\",\"output\":[{\"status\":\"failed\"}],\"error\":null}",
            "{\"data\":[{\"embedding\":[0.1,-2e-5,3]}],\"model\":\"m\"}", " {\"error\":{\"message\":\"no\"}} ");
    private static final byte[] MARKS = "{}[]:,\"\\ \n012-.etn\0\200".getBytes(ISO_8859_1);

    private static boolean toldByTree(Endpoint endpoint, byte[] body) {
        try {
            JsonNode root = TREE.readerFor(JsonNode.class)
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .with(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .readTree(body);
            if (root == null || !root.isObject() || (root.has("error") && !root.get("error").isNull())) {
                return false;
            }
            boolean finished = endpoint == Endpoint.EMBEDDINGS
                    || (endpoint == Endpoint.RESPONSES && root.path("status").asText("").equals("completed")
                            && root.path("status").isTextual());
            Set<Integer> begun = new HashSet<>();
            Set<Integer> ended = new HashSet<>();
            int at = 0;
            for (JsonNode choice : root.path("choices").isArray() ? root.get("choices") : TREE.createArrayNode()) {
                if (!choice.isObject()) {
                    throw new IllegalArgumentException("a choice that is none");
                }
                JsonNode reason = choice.path("finish_reason");
                boolean natural = reason.isTextual()
                        && Set.of("stop", "length", "tool_calls").contains(reason.asText());
                if (reason.isTextual() && !natural) {
                    return false;
                }
                int index = choice.path("index").isIntegralNumber() ? choice.get("index").intValue() : at;
                finished |= natural;
                begun.add(index);
                if (natural) {
                    ended.add(index);
                }
                at++;
            }
            return finished && begun.equals(ended);
        } catch (IOException notJson) {
            if (String.valueOf(notJson.getMessage()).startsWith("Duplicate")) {
                throw new IllegalArgumentException("two fields of one name", notJson);
            }
            return false;
        }
    }

    @Test
    void completeIsWhatATreeSaysIsComplete() {
        Random random = new Random(11);
        int complete = 0;
        int compared = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = ANSWERS.get(random.nextInt(ANSWERS.size()));
            byte[] body = text.getBytes(UTF_8);
            for (int damage = random.nextInt(3); damage > 0; damage--) {
                body[random.nextInt(body.length)] = MARKS[random.nextInt(MARKS.length)];
            }
            for (Endpoint endpoint : List.of(Endpoint.CHAT_COMPLETIONS, Endpoint.RESPONSES, Endpoint.EMBEDDINGS)) {
                boolean expected;
                try {
                    expected = toldByTree(endpoint, body);
                } catch (IllegalArgumentException odd) {
                    continue;
                }
                boolean found = CompleteAnswer.check(endpoint, false, body);
                assertThat(found).as("%s %s", endpoint, new String(body, UTF_8)).isEqualTo(expected);
                complete += found ? 1 : 0;
                compared++;
            }
        }
        assertThat(complete).isBetween(compared / 10, compared / 2);
    }
}
