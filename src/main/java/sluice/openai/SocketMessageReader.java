package sluice.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one WebSocket message. Models are found at any depth and in any spelling of the field's name, but not in the
 * caller's free-form data: schemas, metadata, conversation content.
 */
final class SocketMessageReader implements Closeable {
    private static final Set<String> OWN = Set.of("parameters", "schema", "input_schema", "metadata", "variables",
            "arguments", "output");
    /** Free-form too, except for the file ids in it. */
    private static final Set<String> MESSAGES = Set.of("item", "items", "content");
    private static final int MOST_FIELDS = 100_000;
    private static final int MOST_DIGITS = 12;
    private static final String TYPE = "type";
    private static final String MODEL = "model";
    private static final String EVENT_ID = "event_id";
    private static final String LANE = "stream_id";
    private static final String CONTINUES = "previous_response_id";
    private static final String TIER = "service_tier";

    private final JsonParser parser;
    private final List<String> models = new ArrayList<>();
    private final ObjectNames objects = new ObjectNames();
    private @Nullable String type;
    private String eventId = "";
    private String lane = "";
    private String continues = "";
    private String serviceTier = "";
    private @Nullable String top;
    private @Nullable String inner;
    private long maxOutput = SocketMessage.UNSAID;
    private int fields;

    SocketMessageReader(JsonParser parser) {
        this.parser = parser;
    }

    SocketMessage read() throws IOException, MalformedBody {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw MalformedBody.notJson("it is not an object");
        }
        for (String name = nextField(); name != null; name = nextField()) {
            parser.nextToken();
            switch (name) {
                case TYPE -> type = isText() ? parser.getText() : null;
                case EVENT_ID -> eventId = id(EVENT_ID);
                case LANE -> lane = id(LANE);
                case CONTINUES -> continues = id(CONTINUES);
                case TIER -> serviceTier = isText() ? ServiceTier.asked(parser.getText()) : "";
                case MODEL -> top = isText() ? model() : null;
                case "session", "response" -> {
                    main();
                    continue;
                }
                default -> {
                    // Read like any other field.
                }
            }
            value(name);
        }
        if (parser.nextToken() != null) {
            throw MalformedBody.notJson("something follows its end");
        }
        if (type == null) {
            throw MalformedBody.wrongType(TYPE, "the name of an event");
        }
        return new SocketMessage(type, eventId, inner == null ? top : inner, models, maxOutput,
                lane, continues, serviceTier, objects.all());
    }

    /** The session or the response that the message is about. */
    private void main() throws IOException, MalformedBody {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            value("");
            return;
        }
        for (String name = nextField(); name != null; name = nextField()) {
            parser.nextToken();
            if (name.equals(MODEL) && isText()) {
                inner = model();
            }
            value(name);
        }
    }

    private void value(String name) throws IOException, MalformedBody {
        JsonToken token = parser.currentToken();
        boolean messages = MESSAGES.contains(name) || (name.equals("input") && token == JsonToken.START_ARRAY);
        if (messages || OWN.contains(name)) {
            skip(messages);
        } else if (token == JsonToken.START_OBJECT) {
            for (String field = nextField(); field != null; field = nextField()) {
                parser.nextToken();
                if (field.equals("id") && ObjectNames.hasOne(name)) {
                    object();
                }
                value(field);
            }
        } else if (token == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                value(name);
            }
        } else if (name.strip().equalsIgnoreCase(MODEL) && isText()) {
            models.add(model());
        } else if (ObjectNames.isOne(name)) {
            object();
        } else if (boundsOutput(name)) {
            maxOutput = Math.max(maxOutput, tokens());
        }
    }

    private static boolean boundsOutput(String name) {
        return name.regionMatches(true, 0, "max_", 0, 4)
                && name.regionMatches(true, name.length() - "tokens".length(), "tokens", 0, "tokens".length());
    }

    /** Zero, fractions and words set no limit; a number too long to parse is larger than any quota. */
    private long tokens() throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return SocketMessage.UNSAID;
        }
        String digits = parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? parser.getText() : "0";
        if (digits.startsWith("-") || digits.equals("0")) {
            return SocketMessage.UNBOUNDED;
        }
        return digits.length() > MOST_DIGITS ? (long) Math.pow(10, MOST_DIGITS) : Long.parseLong(digits);
    }

    /** Longer strings are not ids. */
    private void object() throws IOException, MalformedBody {
        if (isText()) {
            objects.add(parser.getTextLength() > ObjectNames.LONGEST ? "-" : parser.getText());
        }
    }

    /** Skips a value and everything in it, counting its fields, and takes the file ids in messages. */
    private void skip(boolean messages) throws IOException, MalformedBody {
        int depth = 0;
        do {
            JsonToken token = parser.currentToken();
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (token == JsonToken.FIELD_NAME) {
                count();
            } else if (messages && "file_id".equals(parser.currentName())) {
                object();
            }
        } while (depth > 0 && parser.nextToken() != null);
    }

    private @Nullable String nextField() throws IOException, MalformedBody {
        String name = parser.nextFieldName();
        count();
        return name;
    }

    private void count() throws MalformedBody {
        if (++fields > MOST_FIELDS) {
            throw MalformedBody.tooComplex(MOST_FIELDS);
        }
    }

    private boolean isText() {
        return parser.currentToken() == JsonToken.VALUE_STRING;
    }

    private String model() throws IOException, MalformedBody {
        if (parser.getTextLength() > ModelName.LONGEST) {
            throw ModelName.fault(MODEL);
        }
        return ModelName.checked(MODEL, parser.getText());
    }

    /** Empty for anything but a string, which the upstream will reject. */
    private String id(String field) throws IOException, MalformedBody {
        if (!isText()) {
            return "";
        }
        if (parser.getTextLength() > SocketEvent.LONGEST_ID) {
            throw MalformedBody.wrongType(field, "at most " + SocketEvent.LONGEST_ID + " characters");
        }
        return parser.getText();
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
