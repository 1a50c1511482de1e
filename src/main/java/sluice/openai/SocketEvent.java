package sluice.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know about an event that the upstream sends over a WebSocket. An event about a response that a
 * live session has delegated is read as the event inside it.
 *
 * @param kind      what it says about the model
 * @param response  the id of the answer or live session it belongs to, or empty
 * @param lane      the lane of the message that asked for the answer, or empty
 * @param continues for a started answer, the one that it continues; for a failed attempt to steer one, that; or empty
 * @param askedBy   for an error, the client's id of the refused message, or empty
 * @param tokens    for a piece of an answer, its estimated tokens
 * @param whole     for a finished answer, whether it is complete
 * @param served    for a finished answer, what it says of its model call; for a session, what it has used so far
 */
public record SocketEvent(Kind kind, String response, String lane, String continues, String askedBy, long tokens,
        boolean whole, Served served) {

    /** Whether the answer that it is about is a whole live session. */
    public boolean isOfSession() {
        return response.startsWith(SESSION);
    }

    /** What an event says about the model. */
    public enum Kind {
        /** It has started to answer. */
        STARTED,
        /** A piece of its answer. */
        PIECE,
        /** Its answer is over, complete or not. */
        OVER,
        /** A session reports what it has used so far. */
        USED,
        /** A message was refused. */
        ERROR,
        /** The upstream ends the connection, which has lasted as long as it may. */
        EXPIRED,
        /** Anything else. */
        OTHER
    }

    private static final JsonFactory JSON = JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build()).build();
    private static final SocketEvent NOTHING = new SocketEvent(Kind.OTHER, "", "", "", "", 0, false,
            Served.UNTOLD);
    /** The longest id that is read, in characters; an error returns the id that the client gave its message. */
    static final int LONGEST_ID = 512;

    /** What the ids of live sessions begin with. */
    private static final String SESSION = "live_";
    private static final String EXPIRY = "websocket_connection_limit_reached";

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
        private String lane = "";
        private String continues = "";
        private String askedBy = "";
        private String code = "";
        private String status = "";
        private int pieceLength;
        private String model = "";
        private String serviceTier = "";
        private @Nullable Usage usage;

        Reading(JsonParser parser) {
            this.parser = parser;
        }

        SocketEvent event() throws IOException {
            object();
            if (kind() == Kind.OTHER) {
                return NOTHING;
            }
            if (type.equals("decision.completed")) {
                // Decisions have no id, and each is over as soon as it begins.
                response = type;
            }
            int perToken = type.endsWith("audio.delta") ? SOUND_PER_TOKEN : TokenEstimate.CHARACTERS_PER_TOKEN;
            return new SocketEvent(kind(), response, lane, continues, askedBy, Math.ceilDiv(pieceLength, perToken),
                    whole(), new Served(model, serviceTier, usage));
        }

        /** Stops as soon as the type shows that nothing matters. */
        private void object() throws IOException {
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "type" -> {
                        type = text();
                        if (kind() == Kind.OTHER && !wraps()) {
                            return;
                        }
                    }
                    case "response_id" -> response = id();
                    case "stream_id" -> lane = id();
                    case "delta" -> pieceLength = value == JsonToken.VALUE_STRING ? parser.getTextLength() : 0;
                    case "response", "session", "decision" -> subject();
                    case "steer" -> steer();
                    case "usage" -> usage = value == JsonToken.START_OBJECT ? Usage.read(parser) : usage;
                    case "error" -> error();
                    case "event" -> {
                        if (wraps() && value == JsonToken.START_OBJECT) {
                            object();
                            return;
                        }
                    }
                    default -> {
                        // Irrelevant here.
                    }
                }
                parser.skipChildren();
            }
        }

        /** Whether it passes on an event of a response or decision that a live session has delegated. */
        private boolean wraps() {
            return type.equals("response.event") || type.equals("decision.event");
        }

        private boolean whole() {
            return switch (type) {
                case "response.completed", "decision.completed", "session.closed" -> true;
                default -> status.equals("completed");
            };
        }

        private Kind kind() {
            return switch (type) {
                case "response.created", "session.started" -> Kind.STARTED;
                case "response.done", "response.completed", "response.failed", "response.incomplete",
                        "decision.completed", "session.closed" ->
                    Kind.OVER;
                case "session.usage.updated" -> Kind.USED;
                case "error" -> code.equals(EXPIRY) ? Kind.EXPIRED : Kind.ERROR;
                case "response.steer.failed" -> Kind.ERROR;
                default -> type.startsWith("response.") && type.endsWith(".delta") ? Kind.PIECE : Kind.OTHER;
            };
        }

        /** The response, session or decision that the event is about. */
        private void subject() throws IOException {
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
                    case "previous_response_id" -> continues = id();
                    case "usage" -> usage = value == JsonToken.START_OBJECT ? Usage.read(parser) : null;
                    default -> parser.skipChildren();
                }
            }
        }

        private void steer() throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                if (name.equals("previous_response_id")) {
                    continues = id();
                }
                parser.skipChildren();
            }
        }

        private void error() throws IOException {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                return;
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                parser.nextToken();
                switch (name) {
                    case "event_id", "client_event_id" -> askedBy = id();
                    case "code" -> code = name();
                    default -> {
                        // For people.
                    }
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
