package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a gateway must know of a message that a client sends over a WebSocket.
 *
 * @param type      what it is
 * @param models    every model that it names: its own, and those of its session and its response
 * @param maxOutput the most tokens that the answer may have, or -1 where the client does not say
 */
public record SocketMessage(String type, List<String> models, long maxOutput) {
    private static final JsonFactory JSON = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();
    private static final String TYPE = "type";

    public SocketMessage {
        models = List.copyOf(models);
    }

    /** Whether it asks for an answer of a model. */
    public boolean runsModel() {
        return type.equals("response.create");
    }

    /**
     * Reads a whole message.
     *
     * @throws MalformedBody if it is not one JSON object with a type, or names any field twice
     */
    public static SocketMessage read(String text) throws MalformedBody {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw MalformedBody.notJson("it is not an object");
            }
            SocketMessage message = object(parser);
            if (parser.nextToken() != null) {
                throw MalformedBody.notJson("something follows its end");
            }
            return message;
        } catch (JsonProcessingException e) {
            throw MalformedBody.notJson(e.getOriginalMessage());
        } catch (IOException e) {
            throw MalformedBody.notJson("it cannot be read");
        }
    }

    private static SocketMessage object(JsonParser parser) throws IOException, MalformedBody {
        String type = null;
        List<String> models = new ArrayList<>();
        long[] maxOutput = {-1};
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case TYPE -> type = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                case "session", "response" -> inner(parser, models, maxOutput);
                default -> field(name, parser, models, maxOutput);
            }
            parser.skipChildren();
        }
        if (type == null) {
            throw MalformedBody.wrongType(TYPE, "the name of an event");
        }
        return new SocketMessage(type, models, maxOutput[0]);
    }

    /** An object and all within it, but for tools, which hold the caller's own schemas. */
    private static void inner(JsonParser parser, List<String> models, long[] maxOutput) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            if (parser.currentToken() == JsonToken.START_OBJECT && !name.equals("tools")) {
                inner(parser, models, maxOutput);
            } else {
                field(name, parser, models, maxOutput);
                parser.skipChildren();
            }
        }
    }

    private static void field(String name, JsonParser parser, List<String> models, long[] maxOutput)
            throws IOException {
        if (name.equals("model") && parser.currentToken() == JsonToken.VALUE_STRING) {
            models.add(parser.getText());
        } else if (name.startsWith("max_") && parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getText().length() < 10) {
            maxOutput[0] = Math.max(maxOutput[0], parser.getLongValue());
        }
    }
}
