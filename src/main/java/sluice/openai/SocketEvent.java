package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know of an event that the upstream sends over a WebSocket.
 *
 * @param kind  what it says of the model
 * @param usage the tokens of the answer that is over, where it tells them
 */
public record SocketEvent(Kind kind, @Nullable Usage usage) {

    /** What an event says of the model. */
    public enum Kind {
        /** It has begun to answer. */
        STARTED,
        /** Its answer is over, whole or not. */
        OVER,
        /** Something that was asked is refused. */
        ERROR,
        /** Anything else. */
        OTHER
    }

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();
    private static final SocketEvent NOTHING = new SocketEvent(Kind.OTHER, null);

    /** Reads an event, as far as its type makes it worth reading. */
    public static SocketEvent read(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? read(parser) : NOTHING;
        } catch (IOException e) {
            return NOTHING;
        }
    }

    private static SocketEvent read(JsonParser parser) throws IOException {
        Kind kind = Kind.OTHER;
        Usage usage = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (name.equals("type") && value == JsonToken.VALUE_STRING) {
                kind = kind(parser.getText());
                if (kind != Kind.OVER) {
                    return new SocketEvent(kind, null);
                }
            } else if (name.equals("response") && value == JsonToken.START_OBJECT) {
                usage = usage(parser);
            }
            parser.skipChildren();
        }
        return new SocketEvent(kind, usage);
    }

    private static Kind kind(String type) {
        return switch (type) {
            case "response.created" -> Kind.STARTED;
            case "response.done", "response.completed", "response.failed", "response.incomplete" -> Kind.OVER;
            case "error" -> Kind.ERROR;
            default -> Kind.OTHER;
        };
    }

    private static @Nullable Usage usage(JsonParser parser) throws IOException {
        Usage usage = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (name.equals("usage") && value == JsonToken.START_OBJECT) {
                usage = Usage.read(parser);
            } else {
                parser.skipChildren();
            }
        }
        return usage;
    }
}
