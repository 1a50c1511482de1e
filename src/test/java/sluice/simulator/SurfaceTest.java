package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.simulator.answers.Prose;

/** What no SDK looks at: echoes, tools, threads, and requests that are wrong. */
@Timeout(30)
class SurfaceTest {
    private static final String[] KEY = {"authorization", "Bearer " + Caller.KEY};

    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults());
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
    }

    @Test
    void routesWithoutAnAnswerOfTheirOwnSayWhatTheyWereAsked() throws Exception {
        assertThat(caller.get("/v1/organization/projects/p%201/api_keys?limit=2&limit=3", KEY).body())
                .isEqualTo("{\"object\":\"echo\",\"method\":\"GET\","
                        + "\"path\":\"/v1/organization/projects/p%201/api_keys\",\"query\":\"limit=2&limit=3\"}");
        assertThat(caller.post("/v1/evals", "{}").statusCode()).isEqualTo(201);
        assertThat(caller.post("/v1/organization/nowhere", "{}").statusCode()).isEqualTo(404);
        assertThat(caller.get("/v1/organization/projects").statusCode()).isEqualTo(401);
    }

    @Test
    void callOverWebRtcIsCreated() throws Exception {
        HttpResponse<String> call = caller.post("/v1/realtime/calls", "v=0", "content-type", "application/sdp");
        assertThat(call.statusCode()).isEqualTo(201);
        assertThat(call.headers().firstValue("location").orElse("")).startsWith("/v1/realtime/calls/rtc_");
        assertThat(call.headers().firstValue("content-type")).contains("application/sdp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"multipart/form-data; boundary=b", "multipart/form-data"})
    void formThatIsNoneIsRefused(String type) throws Exception {
        assertThat(caller.post("/v1/files", "--b\r\nno form at all", "content-type", type).statusCode())
                .isEqualTo(400);
        assertThat(caller.simulator.statistics().inFlight()).isZero();
    }

    @Test
    void requestMayWantToBeRefusedBeforeItsEnd() throws Exception {
        assertThat(caller.post("/v1/files", "", "x-simulator-early-status", "404").statusCode()).isEqualTo(404);
        assertThat(caller.post("/v1/batches", "{}", "x-simulator-status", "503").statusCode()).isEqualTo(503);
    }

    @Test
    void toolIsCalledThenItsAnswerIsUsed() throws Exception {
        String tools = "\"tools\":[{\"type\":\"function\",\"name\":\"look\",\"parameters\":{\"type\":\"object\","
                + "\"properties\":{\"city\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\"}}}}]";
        JsonObject first = caller.json("/v1/responses", "{\"model\":\"m\",\"input\":\"weather\"," + tools + "}");
        JsonObject call = first.getJsonArray("output").getJsonObject(0);
        assertThat(call.getString("type")).isEqualTo("function_call");
        assertThat(new JsonObject(call.getString("arguments")).getMap()).containsEntry("days", 1)
                .containsEntry("city", Prose.marker("weather"));
        String stream = caller.post("/v1/responses",
                "{\"model\":\"m\",\"input\":\"weather\",\"stream\":true," + tools + "}").body();
        assertThat(stream).contains("event: response.function_call_arguments.delta\n",
                "event: response.function_call_arguments.done\n", "event: response.completed\n");
        JsonObject second = caller.json("/v1/responses",
                "{\"model\":\"m\",\"input\":[{\"type\":\"function_call_output\","
                        + "\"call_id\":\"c\",\"output\":\"sunny\"}]," + tools + "}");
        assertThat(second.getJsonArray("output").getJsonObject(0).getString("type")).isEqualTo("message");
    }

    @Test
    void responseThatIsNotThereCannotBeGoneOnFrom() throws Exception {
        String id = caller.json("/v1/responses", "{\"model\":\"m\",\"input\":\"x\"}").getString("id");
        String next = "{\"model\":\"m\",\"input\":\"x\",\"previous_response_id\":\"%s\"}";
        assertThat(caller.post("/v1/responses", next.formatted(id)).statusCode()).isEqualTo(200);
        assertThat(caller.post("/v1/responses", next.formatted("resp_no")).body())
                .contains("previous_response_not_found");
        assertThat(caller.get("/v1/responses/" + id + "/input_items", KEY).body()).contains("input_text");
    }

    @Test
    void chatIsKeptOnlyWhenAskedFor() throws Exception {
        String chat = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"store\":%s}";
        caller.post("/v1/chat/completions", chat.formatted(false));
        String id = caller.json("/v1/chat/completions", chat.formatted(true)).getString("id");
        assertThat(new JsonObject(caller.get("/v1/chat/completions", KEY).body()).getJsonArray("data")).hasSize(1);
        assertThat(caller.json("/v1/chat/completions/" + id, "{\"metadata\":{\"a\":\"b\"}}")
                .getJsonObject("metadata").getString("a")).isEqualTo("b");
        assertThat(caller.get("/v1/chat/completions/" + id + "/messages", KEY).body()).contains("\"hi\"");
    }

    @Test
    void threadIsRunAsAStreamWithAnEndMark() throws Exception {
        String assistant = caller.json("/v1/assistants", "{\"model\":\"gpt-4o\"}").getString("id");
        String thread = caller.json("/v1/threads", "{}").getString("id");
        caller.post("/v1/threads/" + thread + "/messages", "{\"role\":\"user\",\"content\":\"hello\"}");
        String stream = caller.post("/v1/threads/" + thread + "/runs",
                "{\"assistant_id\":\"" + assistant + "\",\"stream\":true}").body();
        assertThat(stream).startsWith("event: thread.run.created\n").contains("event: thread.message.delta\n")
                .endsWith("event: done\ndata: [DONE]\n\n");
        assertThat(caller.get("/v1/threads/" + thread + "/runs", KEY).body()).contains("\"total_tokens\"");
        assertThat(caller.simulator.statistics().accepted("main")).isEqualTo(1);
    }
}
