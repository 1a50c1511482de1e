package sluice.cache;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Set;
import sluice.openai.Endpoint;
import sluice.openai.JsonTokens;
import sluice.openai.MalformedBody;

/** Checks whether a recorded 200 answer ended naturally and so may be reused. */
final class CompleteAnswer {
    private static final int MOST_CHOICES = 1024;
    /** No answer has so many choices. */
    private static final int LONGEST_INDEX = 9;
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
        } catch (IOException | MalformedBody e) {
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
    private void read(Endpoint endpoint, byte[] json) throws IOException, MalformedBody {
        Said said = JsonTokens.read(json, tokens -> Said.by(tokens, endpoint));
        spoiled |= said.spoiled;
        finished |= said.finished || switch (endpoint) {
            case EMBEDDINGS, MODERATIONS, DECISIONS -> !said.spoiled;
            default -> false;
        };
        begun.or(said.begun);
        ended.or(said.ended);
    }

    /** What one JSON document says. */
    private static final class Said {
        private final JsonTokens tokens;
        private final Endpoint endpoint;
        private final BitSet begun = new BitSet();
        private final BitSet ended = new BitSet();
        private boolean finished;
        private boolean spoiled;

        private Said(JsonTokens tokens, Endpoint endpoint) {
            this.tokens = tokens;
            this.endpoint = endpoint;
        }

        static Said by(JsonTokens tokens, Endpoint endpoint) throws IOException, MalformedBody {
            Said said = new Said(tokens, endpoint);
            if (tokens.next() == JsonToken.START_OBJECT) {
                said.object();
                said.spoiled |= tokens.next() != null;
            } else {
                said.spoiled = true;
            }
            return said;
        }

        private void object() throws IOException, MalformedBody {
            for (String name = tokens.nextField(); name != null; name = tokens.nextField()) {
                JsonToken value = tokens.next();
                switch (name) {
                    case "error" -> spoiled |= value != JsonToken.VALUE_NULL;
                    case "choices" -> {
                        if (value == JsonToken.START_ARRAY) {
                            choices();
                        }
                    }
                    case "response" -> {
                        if (value == JsonToken.START_OBJECT) {
                            object();
                        }
                    }
                    case "status" -> finished |= endpoint == Endpoint.RESPONSES && tokens.isText()
                            && tokens.text().equals("completed");
                    default -> {
                        // Says nothing about the end.
                    }
                }
                tokens.skip();
            }
        }

        private void choices() throws IOException, MalformedBody {
            for (int at = 0; tokens.next() == JsonToken.START_OBJECT; at++) {
                long index = at;
                boolean natural = false;
                for (String name = tokens.nextField(); name != null; name = tokens.nextField()) {
                    JsonToken value = tokens.next();
                    if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                        natural = FINISHED.contains(tokens.text());
                        spoiled |= !natural;
                    } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                        index = tokens.wholeNumber();
                        spoiled |= tokens.length() > LONGEST_INDEX;
                    }
                    tokens.skip();
                }
                int choice = Math.clamp(index, 0, MOST_CHOICES);
                finished |= natural;
                begun.set(choice);
                ended.set(choice, natural || ended.get(choice));
            }
        }
    }
}
