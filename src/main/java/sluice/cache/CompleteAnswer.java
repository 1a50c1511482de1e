package sluice.cache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Set;
import sluice.openai.Endpoint;

/** Checks whether a recorded 200 answer ended naturally and so may be reused. */
final class CompleteAnswer {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MOST_CHOICES = 1024;
    private static final Set<String> FINISHED = Set.of("stop", "length", "tool_calls");

    private static final String FINISH_REASON = "\"finish_reason\":";
    private static final String INDEX = "\"index\":";

    /** The choices that have begun, and those that have ended. */
    private final BitSet begun = new BitSet();
    private final BitSet ended = new BitSet();
    private boolean finished;
    private boolean spoiled;

    private CompleteAnswer() {}

    /** Whether the answer itself says that it is complete. */
    static boolean check(Endpoint endpoint, boolean stream, byte[] body) {
        CompleteAnswer answer = new CompleteAnswer();
        try {
            if (stream) {
                for (String line : new String(body, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1)) {
                    if (line.startsWith("data:") && !line.stripTrailing().endsWith("[DONE]") && !answer.goesOn(line)) {
                        answer.read(endpoint, line.substring("data:".length()).getBytes(StandardCharsets.UTF_8));
                    }
                }
            } else {
                answer.read(endpoint, body);
            }
        } catch (IOException e) {
            return false;
        }
        return answer.finished && !answer.spoiled && answer.begun.equals(answer.ended);
    }

    /** Whether an event says, exactly as the upstream writes it, that one choice goes on; most do. */
    private boolean goesOn(String line) {
        int reason = line.indexOf(FINISH_REASON);
        int index = line.indexOf(INDEX) + INDEX.length();
        boolean plain = reason >= 0 && line.startsWith("null", reason + FINISH_REASON.length())
                && line.indexOf(FINISH_REASON, reason + 1) < 0 && !line.contains("\"error\"")
                && index >= INDEX.length() && line.indexOf(INDEX, index) < 0
                && Character.isDigit(line.charAt(index)) && !Character.isDigit(line.charAt(index + 1));
        if (plain) {
            begun.set(line.charAt(index) - '0');
        }
        return plain;
    }

    /** Reads one JSON document: the answer itself or the data of one event. */
    private void read(Endpoint endpoint, byte[] json) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                spoiled = true;
                return;
            }
            finished |= switch (endpoint) {
                case EMBEDDINGS, MODERATIONS, DECISIONS -> true;
                default -> false;
            };
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
        for (int at = 0; parser.nextToken() == JsonToken.START_OBJECT; at++) {
            int index = at;
            boolean natural = false;
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                    natural = FINISHED.contains(parser.getText());
                    spoiled |= !natural;
                } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                    index = Math.clamp(parser.getValueAsInt(-1), 0, MOST_CHOICES);
                }
                parser.skipChildren();
            }
            finished |= natural;
            begun.set(index);
            ended.set(index, natural || ended.get(index));
        }
    }

    private static boolean isText(JsonParser parser, String text) throws IOException {
        return parser.currentToken() == JsonToken.VALUE_STRING && parser.getText().equals(text);
    }
}
