package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know about an event that the upstream sends over a WebSocket.
 *
 * @param kind     what it says about the model
 * @param response the id of the answer it belongs to, or empty
 * @param askedBy  for an error, the client's id of the refused message, or empty
 * @param tokens   for a piece of an answer, its estimated tokens
 * @param whole    for a finished answer, whether it is complete
 * @param served   for a finished answer, what it says of its model call
 */
public record SocketEvent(Kind kind, String response, String askedBy, long tokens, boolean whole, Served served) {

    /** What an event says about the model. */
    public enum Kind {
        /** It has started to answer. */
        STARTED,
        /** A piece of its answer. */
        PIECE,
        /** Its answer is over, complete or not. */
        OVER,
        /** A message was refused. */
        ERROR,
        /** Anything else. */
        OTHER
    }

    private static final JsonFactory JSON = JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();
    private static final SocketEvent NOTHING = new SocketEvent(Kind.OTHER, "", "", 0, false, Served.UNTOLD);
    /** The longest id that is read, in characters; an error returns the id that the client gave its message. */
    static final int LONGEST_ID = 512;

    /** A token is 50 ms of audio: 2400 bytes of PCM at 24 kHz, in base64. */
    private static final int SOUND_PER_TOKEN = 3200;

    /** Reads an event, only as far as its type makes it worthwhile. */
    public static SocketEvent read(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? new Reading(parser).event() : NOTHING;
        } catch (IOException e) {
            return NOTHING;
        }
    }

    /** What has been read of an event so far. */
    private static final class Reading {
        private final JsonParser parser;
        private String type = "";
        private String response = "";
        private String askedBy = "";
        private String status = "";
        private int pieceLength;
        private String model = "";
        private String serviceTier = "";
        private @Nullable Usage usage;

        Reading(JsonParser parser) {
            this.parser = parser;
        }

        SocketEvent event() throws IOException {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                switch (name) {
                    case "type" -> {
                        type = text();
                        if (kind() == Kind.OTHER) {
                            return NOTHING;
                        }
                    }
                    case "response_id" -> response = id();
                    case "delta" -> pieceLength = parser.currentToken() == JsonToken.VALUE_STRING
                            ? parser.getTextLength()
                            : 0;
                    case "response" -> response();
                    case "error" -> error();
                    default -> {
                        // Irrelevant here.
                    }
                }
                parser.skipChildren();
            }
            boolean whole = type.equals("response.completed") || status.equals("completed");
            int perToken = type.endsWith("audio.delta") ? SOUND_PER_TOKEN : TokenEstimate.CHARACTERS_PER_TOKEN;
            return new SocketEvent(kind(), response, askedBy, Math.ceilDiv(pieceLength, perToken), whole,
                    new Served(model, serviceTier, usage));
        }

        private Kind kind() {
            return switch (type) {
                case "response.created" -> Kind.STARTED;
                case "response.done", "response.completed", "response.failed", "response.incomplete" -> Kind.OVER;
                case "error" -> Kind.ERROR;
                default -> type.startsWith("response.") && type.endsWith(".delta") ? Kind.PIECE : Kind.OTHER;
            };
        }

        private void response() throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "id" -> response = id();
                    case "status" -> status = text();
                    case "model" -> model = name();
                    case "service_tier" -> serviceTier = name();
                    case "usage" -> usage = value == JsonToken.START_OBJECT ? Usage.read(parser) : null;
                    default -> parser.skipChildren();
                }
            }
        }

        private void error() throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                if (name.equals("event_id")) {
                    askedBy = id();
                }
                parser.skipChildren();
            }
        }

        private String id() throws IOException {
            String id = text();
            return id.length() > LONGEST_ID ? "" : id;
        }

        private String name() throws IOException {
            String name = text();
            return name.length() > ToldName.LONGEST ? "" : name;
        }

        private String text() throws IOException {
            return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        }
    }
}
