package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Manner;
import sluice.simulator.answers.Prose;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/**
 * The sessions of agents. Every message is a turn, which is over at once: an item that repeats what was asked, and an
 * artifact with the same text.
 */
final class AgentSessions {
    static final Kind SESSION = new Kind("agents/sessions", "agsess_", "agent.session",
            asked -> new JsonObject());
    private static final NestedKind TURN = new NestedKind(SESSION, "turns", "agent.session.turn");
    private static final NestedKind ITEM = new NestedKind(SESSION, "items", "message");
    private static final NestedKind ARTIFACT = new NestedKind(SESSION, "artifacts", "agent.session.artifact");
    private static final NestedKind TRACE = new NestedKind(SESSION, "traces", "agent.session.trace");
    private static final int CHARACTERS_PER_TOKEN = 4;

    /** A message to an agent, and the events that answer it. */
    private record Told(String model, String text, Runnable turn, Supplier<Reply> answer) implements Ask {

        @Override
        public long tokensCharged() {
            return Math.ceilDiv(text.length(), CHARACTERS_PER_TOKEN);
        }

        @Override
        public Reply reply(Manner manner) {
            turn.run();
            return answer.get();
        }
    }

    private AgentSessions() {}

    static void addTo(Paths paths) {
        paths.call(SESSION.path(), AgentSessions::opened);
        paths.call(SESSION.path() + "/:id/events", AgentSessions::told);
        paths.get(SESSION.path() + "/:id/events", AgentSessions::events);
        SESSION.addTo(paths);
        TURN.addTo(paths);
        ITEM.addTo(paths);
        ARTIFACT.addTo(paths);
        paths.get(ARTIFACT.path() + "/:item/content", AgentSessions::content);
        paths.get(TURN.path() + "/:item/items", AgentSessions::itemsOfTurn);
        paths.get(TRACE.path(), TRACE::list);
        Subagents.addTo(paths);
    }

    private static Ask opened(Visit visit) {
        JsonObject asked = visit.asked();
        JsonObject session = begin(visit, asked);
        String text = texts(asked.getValue("input"));
        return new Told(model(session), text, () -> turn(visit, session, text),
                () -> Boolean.TRUE.equals(asked.getValue("stream"))
                        ? Reply.events(stream(visit, session))
                        : Reply.created(session));
    }

    /** A new session, of an agent that is stored or of one that is described. */
    static JsonObject begin(Visit visit, JsonObject asked) {
        JsonObject agent = asked.getValue("agent_id") instanceof String id
                ? Agents.AGENT.found(visit, id).copy()
                : new JsonObject().put("id", Ids.fresh("agent_"));
        agent.mergeIn(Agents.effective(agent.copy().mergeIn(asked.getJsonObject("agent", new JsonObject()))));
        if (agent.getValue("model") == null) {
            throw new BadCall(ApiError.missing("agent.model"));
        }
        return SESSION.put(visit, new JsonObject().put("id", Ids.fresh("agsess_")).put("object", "agent.session")
                .put("agent", agent).put("created_at", visit.now()).put("last_active_at", visit.now())
                .put("environment", asked.getValue("environment", new JsonObject().put("type", "none")))
                .putNull("error").put("metadata", asked.getValue("metadata", new JsonObject()))
                .put("prompt_cache_options", asked.getValue("prompt_cache_options"))
                .put("required_actions", new JsonArray()).put("review", "none").put("status", "idle")
                .put("vault_ids", asked.getValue("vault_ids", new JsonArray())));
    }

    private static Ask told(Visit visit) {
        JsonObject session = SESSION.found(visit);
        String text = texts(visit.asked().getValue("events"));
        return new Told(model(session), text, () -> turn(visit, session, text),
                () -> new Reply.Whole(202, Reply.JSON, Map.of(), Buffer.buffer()));
    }

    private static String model(JsonObject session) {
        return session.getJsonObject("agent").getString("model");
    }

    /** Every text of messages, however deep it is. */
    private static String texts(@Nullable Object value) {
        return switch (value) {
            case String text -> text;
            case JsonArray array -> String.join("", array.stream().map(AgentSessions::texts).toList());
            case JsonObject object -> texts(object.getValue("content")) + texts(object.getValue("text"));
            case null, default -> "";
        };
    }

    private static void turn(Visit visit, JsonObject session, String text) {
        if (text.isEmpty()) {
            return;
        }
        String id = session.getString("id");
        String turn = Ids.fresh("turn_");
        String said = Prose.marker(text);
        long input = Math.ceilDiv(text.length(), CHARACTERS_PER_TOKEN);
        long output = Math.ceilDiv(said.length(), CHARACTERS_PER_TOKEN);
        JsonObject made = TURN.put(visit, id, new JsonObject().put("id", turn).put("object", "agent.session.turn")
                .put("agent_id", session.getJsonObject("agent").getString("id")).put("session_id", id)
                .put("created_at", visit.now()).put("started_at", visit.now()).put("completed_at", visit.now())
                .put("status", "completed").putNull("error").putNull("subagent_id")
                .put("usage", new JsonObject().put("input_tokens", input).put("output_tokens", output)
                        .put("input_tokens_details", new JsonObject().put("cached_tokens", 0))
                        .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
                        .put("total_tokens", input + output)));
        List<JsonObject> items = List.of(ITEM.put(visit, id, item(turn, "user", "input_text", text)),
                ITEM.put(visit, id, item(turn, "assistant", "output_text", said)));
        Subagents.delegate(visit, session, made, items);
        TRACE.put(visit, id, new JsonObject().put("id", Ids.fresh("trace_")).put("object", "agent.session.trace")
                .put("created_at", visit.now()).put("session_id", id)
                .put("otlp", new JsonObject().put("resourceSpans", new JsonArray())));
        ARTIFACT.put(visit, id, new JsonObject().put("id", Ids.fresh("artifact_"))
                .put("object", "agent.session.artifact").put("created_at", visit.now()).put("session_id", id)
                .put("environment_id", "env_of_" + id).put("turn_id", turn).put("path", "/workspace/answer.txt")
                .put("size_bytes", said.length()).put("text", said));
    }

    private static JsonObject item(String turn, String role, String type, String text) {
        return new JsonObject().put("id", Ids.fresh("msg_")).put("type", "message").put("turn_id", turn)
                .put("role", role).put("status", "completed")
                .put("content", new JsonArray().add(new JsonObject().put("type", type).put("text", text)
                        .put("annotations", new JsonArray())));
    }

    private static Reply itemsOfTurn(Visit visit) {
        TURN.found(visit);
        return Reply.json(Listing.of(ITEM.all(visit, visit.id()).stream()
                .filter(item -> visit.param("item").equals(item.getString("turn_id"))).toList(), visit.query()));
    }

    private static Reply content(Visit visit) {
        return Reply.whole("application/octet-stream", Buffer.buffer(ARTIFACT.found(visit).getString("text")));
    }

    private static Reply events(Visit visit) {
        return Reply.events(stream(visit, SESSION.found(visit)));
    }

    /** What has happened in a session so far; then it is idle. */
    private static EventSequence stream(Visit visit, JsonObject session) {
        String id = session.getString("id");
        List<JsonObject> events = new ArrayList<>();
        events.add(new JsonObject().put("type", "agent.session.created").put("session", session));
        for (JsonObject turn : TURN.all(visit, id).reversed()) {
            for (String deed : List.of("created", "completed")) {
                events.add(new JsonObject().put("type", "agent.session.turn." + deed).put("turn", turn)
                        .put("turn_id", turn.getString("id")));
            }
        }
        events.add(new JsonObject().put("type", "agent.session.idle").put("session", session));
        return new EventSequence(events.size(), index -> EventSequence.typed(events.get(index)
                .put("event_id", "event_" + index).put("session_id", id)));
    }
}
