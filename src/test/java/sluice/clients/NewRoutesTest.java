package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** The newest routes through the newest SDK, and what it can see of another service's objects. */
@Timeout(120)
class NewRoutesTest {

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private static JsonObject only(Session session) {
        JsonObject seen = session.next();
        session.end();
        return seen;
    }

    @Test
    void agentsDecisionsLiveSessionsAndMedia() {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"],
                            endpoints: ["*", agents, admin, realtime-direct] }]
                """);
        JsonObject seen = only(Script.session(Tools.python("requirements.txt", "new_routes.py"),
                Call.of("all", gateway, "BOT")));
        assertThat(seen.getJsonObject("agents")).isEqualTo(new JsonObject().put("agent", true).put("environment", true)
                .put("environmentFiles", 1).put("template", true).put("session", true).put("renamed", "renamed")
                .put("updated", true).put("streamed", "agent.session.idle").put("begun", "agent.session.created")
                .put("turns", 2).put("items", 2).put("subagents", 0).put("traces", 2).put("artifact", "answer-")
                .put("invocation", true).put("deleted", new JsonArray(List.of(true, true, true, true))));
        assertThat(seen.getJsonObject("administration").getBoolean("vault")).isTrue();
        assertThat(seen.getJsonObject("decisions")).isEqualTo(new JsonObject()
                .put("answers", new JsonArray(List.of("predicate", "choice", "score"))).put("tokens", 3));
        assertThat(seen.getJsonObject("live")).isEqualTo(new JsonObject().put("created", "webrtc")
                .put("started", "session.started").put("closed", "session.closed").put("events", new JsonArray(
                        List.of("response.event", "session.delegation.created", "session.usage.updated"))));
        assertThat(seen.getJsonObject("media")).isEqualTo(new JsonObject().put("transcript", "answer")
                .put("video", "video").put("skill", true).put("container", true).put("tier", "priority"));
        JsonObject lanes = seen.getJsonObject("lanes");
        assertThat(lanes.getJsonArray("lanes")).hasSize(8);
        for (Map.Entry<String, Object> each : lanes.getJsonObject("totals")) {
            Await.until("tokens of " + each.getKey(),
                    () -> tokens(each.getKey()) == ((Number) each.getValue()).doubleValue());
        }
        assertThat(gateway.metrics()).contains(
                "sluice_served_calls_total{model=\"gpt-4o-mini\",service_tier=\"priority\"}",
                "sluice_served_calls_total{model=\"gpt-6-luna\",service_tier=\"default\"}");
        assertThat(gateway.log().calls()).extracting(call -> call.getString("endpoint")).doesNotContain("other");
    }

    private double tokens(String model) {
        return gateway.metrics().lines()
                .filter(line -> line.startsWith("sluice_tokens_total") && line.contains("model=\"" + model + "\"")
                        && !line.contains("cached"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    @Test
    void whatOneServiceStoresDoesNotExistForAnother() {
        gateway.start("""
                tenants:
                  - { name: anna, plan: paid, keys: ["${ANNA}"], endpoints: ["*", agents] }
                  - { name: bert, plan: paid, keys: ["${BERT}"],
                      endpoints: [inference, stored-objects, files, fine-tuning, batch, agents] }
                """);
        JsonObject seen = only(Script.session(Tools.python("requirements.txt", "owners.py"),
                Call.of("others", gateway, "ANNA").with("other", gateway.key("BERT"))));
        for (Map.Entry<String, Object> each : seen.getJsonObject("refused")) {
            assertThat(each.getValue()).as(each.getKey()).isEqualTo("NotFoundError object_not_found");
        }
        for (Map.Entry<String, Object> each : seen.getJsonObject("listed")) {
            assertThat(each.getValue()).as("its own alone in the list of " + each.getKey()).isEqualTo(true);
        }
        assertThat(seen.getString("own")).isEqualTo("{}\n");
    }
}
