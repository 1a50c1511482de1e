package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Agents, what they work in, and when they begin by themselves. {@link AgentSessions} are their work. */
final class Agents {
    static final Kind AGENT = new Kind("agents", "agent_", "agent", Agents::settings);

    private static final Kind TEMPLATE = new Kind("agents/environments/templates", "envtmpl_",
            "agent.environment.template", asked -> new JsonObject()
                    .put("name", asked.getValue("name"))
                    .put("capability_directories", new JsonArray()).put("files", new JsonArray())
                    .put("network", with(asked, "network", new JsonObject().put("access", "enabled")
                            .put("allowed_domains", new JsonArray())))
                    .put("packages", with(asked, "packages", new JsonObject().put("npm", new JsonArray())
                            .put("python", new JsonArray()).put("system", new JsonArray())))
                    .put("plugins", new JsonArray()).put("skills", new JsonArray()).put("updated_at", 0));

    private static final Kind ENVIRONMENT = new Kind("agents/environments", "env_", "agent.environment",
            asked -> new JsonObject().put("type", "openai_hosted").put("status", "connected")
                    .put("files", new JsonArray()).put("plugins", new JsonArray()).put("skills", new JsonArray()));
    private static final NestedKind FILE = new NestedKind(ENVIRONMENT, "files", "agent.environment.file");

    private static final Kind AUTOMATION = new Kind("agents/automations", "auto_", "agent.automation",
            asked -> asked.copy().put("status", "active").put("metadata", asked.getValue("metadata", new JsonObject()))
                    .put("created_by", new JsonObject().put("type", "developer")).put("target", target(asked)));
    private static final NestedKind INVOCATION = new NestedKind(AUTOMATION, "invocations",
            "agent.automation.invocation");

    private Agents() {}

    /** Paths with names come before those with ids. */
    static void addTo(Paths paths) {
        TEMPLATE.addTo(paths);
        ENVIRONMENT.addReads(paths);
        paths.post(ENVIRONMENT.path(), visit -> Reply.json(ENVIRONMENT.create(visit)));
        FILE.addTo(paths);
        paths.post(FILE.path(), Agents::file);
        paths.post(AUTOMATION.path() + "/:id/pause", visit -> AUTOMATION.become(visit, "paused"));
        paths.post(AUTOMATION.path() + "/:id/resume", visit -> AUTOMATION.become(visit, "active"));
        AUTOMATION.addTo(paths);
        INVOCATION.addTo(paths);
        paths.post(INVOCATION.path(), Agents::invoke);
        AgentSessions.addTo(paths);
        AGENT.addTo(paths);
    }

    private static JsonObject settings(JsonObject asked) {
        if (!(asked.getValue("model") instanceof String)) {
            throw new BadCall(ApiError.missing("model"));
        }
        return effective(asked).put("updated_at", 0);
    }

    /** What an agent works by, with the defaults of what was not said. */
    static JsonObject effective(JsonObject asked) {
        return new JsonObject()
                .put("model", asked.getValue("model"))
                .put("name", asked.getValue("name"))
                .put("instructions", asked.getValue("instructions"))
                .put("metadata", asked.getValue("metadata", new JsonObject()))
                .put("multi_agent", asked.getValue("multi_agent", new JsonObject().put("enabled", false)))
                .put("reasoning", asked.getValue("reasoning", new JsonObject()))
                .put("service_tier", asked.getValue("service_tier", "auto"))
                .put("text", with(asked, "text", new JsonObject().put("format", new JsonObject().put("type", "text"))
                        .put("verbosity", "medium")))
                .put("tools", asked.getValue("tools", new JsonArray()));
    }

    private static Reply file(Visit visit) {
        ENVIRONMENT.found(visit);
        return Reply.json(FILE.put(visit, visit.id(), new JsonObject()
                .put("id", Ids.fresh("envfile_")).put("object", "agent.environment.file")
                .put("environment_id", visit.id()).put("path", visit.required("path"))
                .put("size_bytes", visit.weight())));
    }

    /** What is asked by this name, completed by defaults. */
    private static JsonObject with(JsonObject asked, String name, JsonObject defaults) {
        return defaults.mergeIn(asked.getJsonObject(name, new JsonObject()));
    }

    private static JsonObject target(JsonObject asked) {
        JsonObject defaults = new JsonObject().put("metadata", new JsonObject()).put("vault_ids", new JsonArray());
        return with(asked, "target", defaults);
    }

    /** An automation that is invoked works in a session of its own, unless it was made for one that exists. */
    private static Reply invoke(Visit visit) {
        JsonObject target = AUTOMATION.found(visit).getJsonObject("target");
        String session = target.getValue("session_id") instanceof String existing
                ? existing
                : AgentSessions.begin(visit, target).getString("id");
        return new Reply.Whole(201, Reply.JSON, Map.of(), INVOCATION.put(visit, visit.id(), new JsonObject()
                .put("id", Ids.fresh("autoinv_")).put("object", "agent.automation.invocation")
                .put("automation_id", visit.id()).put("created_at", visit.now()).putNull("error")
                .put("session_id", session).put("status", "completed")
                .put("source", new JsonObject().put("type", "manual"))).toBuffer());
    }
}
