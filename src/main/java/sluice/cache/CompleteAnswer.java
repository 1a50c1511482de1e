package sluice.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import sluice.openai.Endpoint;

/** Checks whether a recorded 200 answer ended naturally and so may be reused. */
final class CompleteAnswer {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> FINISHED = Set.of("stop", "length", "tool_calls");

    private static final String FINISH_REASON = "\"finish_reason\":";

    private boolean finished;
    private boolean spoiled;

    private CompleteAnswer() {}

    /** Whether the answer itself says that it is complete. */
    static boolean check(Endpoint endpoint, boolean stream, Buffer body) {
        CompleteAnswer answer = new CompleteAnswer();
        try {
            if (stream) {
                for (String line : body.toString(StandardCharsets.UTF_8).split("\r?\n", -1)) {
                    if (line.startsWith("data:") && !line.endsWith("[DONE]") && !goesOn(line)) {
                        answer.read(endpoint, line.substring("data:".length()).getBytes(StandardCharsets.UTF_8));
                    }
                }
            } else {
                answer.read(endpoint, body.getBytes());
            }
        } catch (IOException e) {
            return false;
        }
        return answer.finished && !answer.spoiled;
    }

    /** Whether an event says, exactly as the upstream writes it, that more follows; most do. */
    private static boolean goesOn(String line) {
        int reason = line.indexOf(FINISH_REASON);
        return reason >= 0 && line.startsWith("null", reason + FINISH_REASON.length())
                && line.indexOf(FINISH_REASON, reason + 1) < 0 && !line.contains("\"error\"");
    }

    /** Reads one JSON document: the answer itself or the data of one event. */
    private void read(Endpoint endpoint, byte[] json) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                spoiled = true;
                return;
            }
            finished |= endpoint == Endpoint.EMBEDDINGS || endpoint == Endpoint.MODERATIONS;
            object(parser, endpoint);
            spoiled |= parser.nextToken() != null;
        }
    }

    private void object(JsonParser parser, Endpoint endpoint) throws IOException {
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "error" -> spoiled |= value != JsonToken.VALUE_NULL;
                case "choices" -> {
                    if (value == JsonToken.START_ARRAY) {
                        choices(parser);
                    }
                }
                case "response" -> {
                    if (value == JsonToken.START_OBJECT) {
                        object(parser, endpoint);
                    }
                }
                case "status" -> finished |= endpoint == Endpoint.RESPONSES && isText(parser, "completed");
                default -> {
                    // Says nothing about the end.
                }
            }
            parser.skipChildren();
        }
    }

    private void choices(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                    boolean natural = FINISHED.contains(parser.getText());
                    finished |= natural;
                    spoiled |= !natural;
                }
                parser.skipChildren();
            }
        }
    }

    private static boolean isText(JsonParser parser, String text) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_STRING && parser.getText().equals(text);
    }
}
