package sluice.simulator;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import sluice.simulator.wire.EventSequence;

/**
 * Whether an event that tells its {@code type} is named by an {@code event:} line too. The API names those of responses
 * and images, but not those of speech and transcriptions; other servers name all or none. A request says which it wants
 * in {@code x-simulator-event-lines: always | never}.
 */
enum EventLines {
    AS_THE_API, ALWAYS, NEVER;

    private static final String NAME = "event: ";
    private static final String DATA = "data: {";

    static EventLines wanted(MultiMap headers) {
        return switch (String.valueOf(headers.get("x-simulator-event-lines"))) {
            case "always" -> ALWAYS;
            case "never" -> NEVER;
            default -> AS_THE_API;
        };
    }

    EventSequence of(EventSequence events) {
        return switch (this) {
            case AS_THE_API -> events;
            case ALWAYS -> events.rewritten(EventLines::named);
            case NEVER -> events.rewritten(EventLines::unnamed);
        };
    }

    private static Buffer named(Buffer event) {
        String text = event.toString(StandardCharsets.UTF_8);
        return text.startsWith(DATA)
                && new JsonObject(text.substring(DATA.length() - 1)).getValue("type") instanceof String type
                        ? Buffer.buffer(NAME + type + "\n" + text)
                        : event;
    }

    private static Buffer unnamed(Buffer event) {
        String text = event.toString(StandardCharsets.UTF_8);
        return text.startsWith(NAME) ? Buffer.buffer(text.substring(text.indexOf('\n') + 1)) : event;
    }
}
