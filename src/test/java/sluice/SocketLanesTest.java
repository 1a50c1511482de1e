package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** Lanes of a WebSocket of the Responses API: each turn counts for the model of its own lane, and no lane stops another. */
@Timeout(60)
class SocketLanesTest {
    private static final int LANES = 8;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(new ManualTime());
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedSockets upstream = ScriptedSockets.start(vertx);

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private RawSocket open(String limits) {
        gateway.before(upstream.port()).start(
                "tenants: [{ name: bot, keys: ['${BOT}'], rpm: 1000, " + limits + " }]");
        return RawSocket.open(gateway.baseUrl(), "/responses", "Authorization: Bearer " + gateway.key("BOT"));
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static String create(String lane, String model) {
        return json("{'type':'response.create','stream_id':'%s','model':'%s','input':'x'}".formatted(lane, model));
    }

    private static void say(ServerWebSocket socket, String text) {
        socket.writeTextMessage(json(text));
    }

    private static JsonObject heard(RawSocket raw) {
        return new JsonObject(raw.next(RawSocket.TEXT).text());
    }

    private void started(RawSocket raw, ServerWebSocket theirs, String lane, String id) {
        say(theirs, "{'type':'response.created','stream_id':'%s','response':{'id':'%s','previous_response_id':null}}"
                .formatted(lane, id));
        raw.next(RawSocket.TEXT);
    }

    private void ended(RawSocket raw, ServerWebSocket theirs, String lane, String id, int input, int output) {
        say(theirs, ("{'type':'response.completed','stream_id':'%s','response':{'id':'%s','status':'completed',"
                + "'usage':{'input_tokens':%d,'output_tokens':%d}}}").formatted(lane, id, input, output));
        raw.next(RawSocket.TEXT);
    }

    private double tokens(String model, String kind) {
        return gateway.metrics().lines().filter(line -> line.startsWith("sluice_tokens_total{kind=\"" + kind + "\"")
                && line.contains("model=\"" + model + "\"")).mapToDouble(line -> Double.parseDouble(
                        line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void eightLanesWithMixedModelsCountForTheModelOfEachWhateverTheOrder() {
        try (RawSocket raw = open("tpm: 10000000")) {
            ServerWebSocket theirs = upstream.socket();
            Map<String, Integer> expected = new TreeMap<>();
            for (int i = 0; i < LANES; i++) {
                raw.text(create("lane-" + i, "model-" + i % 3));
                upstream.told();
            }
            List<Integer> order = List.of(5, 0, 7, 3, 1, 6, 2, 4);
            for (int i : order) {
                started(raw, theirs, "lane-" + i, "resp_" + i);
            }
            for (int i : order.reversed()) {
                ended(raw, theirs, "lane-" + i, "resp_" + i, 1000 * (i + 1), i);
                expected.merge("model-" + i % 3, 1000 * (i + 1), Integer::sum);
            }
            expected.forEach((model, input) -> Await.until("input tokens of " + model,
                    () -> tokens(model, "input") == input));
        }
    }

    @Test
    void laneThatWaitsForItsModelStopsNoOther() {
        gateway.upstream("""
                accounts:
                  - { name: main, rpm: 1000, strict: false, keys: ["${UPSTREAM_KEY}"],
                      models: { "scarce": { rpm: 1 } } }
                """);
        try (RawSocket raw = open("max-wait: 30s")) {
            upstream.socket();
            raw.text(create("a", "scarce"));
            assertThat(upstream.told()).contains("scarce");
            raw.text(create("b", "scarce"));
            for (int i = 0; i < LANES; i++) {
                raw.text(create("free-" + i, "plenty"));
                assertThat(upstream.told()).contains("plenty").contains("free-" + i);
            }
        }
    }

    @Test
    void laneBeyondItsLimitGetsAnErrorWithItsNameAndTheOthersGoOn() {
        try (RawSocket raw = open("model-limits: { scarce: { rpm: 1 } }")) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("a", "scarce"));
            upstream.told();
            raw.text(create("b", "scarce"));
            JsonObject error = heard(raw);
            assertThat(error.getString("stream_id")).isEqualTo("b");
            assertThat(error.getInteger("status")).isEqualTo(429);
            raw.text(create("c", "plenty"));
            upstream.told();
            started(raw, theirs, "c", "resp_c");
            ended(raw, theirs, "c", "resp_c", 20, 2);
            started(raw, theirs, "a", "resp_a");
            ended(raw, theirs, "a", "resp_a", 10, 1);
            Await.until("tokens of both", () -> tokens("scarce", "input") == 10 && tokens("plenty", "input") == 20);
        }
    }

    @Test
    void messagesOfOneLaneKeepTheirOrder() {
        try (RawSocket raw = open("tpm: 1000000")) {
            upstream.socket();
            List<String> told = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                raw.text(create("same", "model-" + i));
            }
            for (int i = 0; i < 20; i++) {
                told.add(new JsonObject(upstream.told()).getString("model"));
            }
            assertThat(told).isEqualTo(IntStream.range(0, 20).mapToObj(i -> "model-" + i).toList());
        }
    }

    @Test
    void errorInALaneRefundsTheMessageOfThatLane() {
        try (RawSocket raw = open("tpm: 1000000")) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("a", "model-a"));
            raw.text(create("b", "model-b"));
            upstream.told();
            upstream.told();
            say(theirs, "{'type':'error','stream_id':'b','status':400,'error':{'code':'invalid_value'}}");
            heard(raw);
            started(raw, theirs, "a", "resp_a");
            ended(raw, theirs, "a", "resp_a", 77, 7);
            Await.until("tokens of the other lane", () -> tokens("model-a", "input") == 77);
            assertThat(tokens("model-b", "input")).isZero();
        }
    }

    /** The upstream ends the answer that is steered, and answers again in the same lane. */
    @Test
    void steeringIsACallOfTheLaneThatItSteersAndTakesNoOther() {
        try (RawSocket raw = open("tpm: 1000000")) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("a", "model-a"));
            upstream.told();
            started(raw, theirs, "a", "resp_1");
            raw.text(json("{'type':'response.steer','previous_response_id':'resp_1','input':'stop'}"));
            raw.text(create("b", "model-b"));
            assertThat(upstream.told()).contains("response.steer");
            upstream.told();
            ended(raw, theirs, "a", "resp_1", 10, 1);
            say(theirs, "{'type':'response.created','stream_id':'a',"
                    + "'response':{'id':'resp_2','previous_response_id':'resp_1'}}");
            heard(raw);
            ended(raw, theirs, "a", "resp_2", 100, 10);
            started(raw, theirs, "b", "resp_3");
            ended(raw, theirs, "b", "resp_3", 1000, 100);
            Await.until("tokens of both lanes",
                    () -> tokens("model-a", "input") == 110 && tokens("model-b", "input") == 1000);
        }
    }

    @Test
    void injectedInputPassesAtOnceAndIsNoCallOfItsOwn() {
        try (RawSocket raw = open("tpm: 1000000")) {
            upstream.socket();
            raw.text(create("a", "model-a"));
            upstream.told();
            raw.text(json("{'type':'response.inject','response_id':'resp_1','input':[]}"));
            assertThat(upstream.told()).contains("response.inject");
        }
    }

    /** It concerns the connection, so it refuses no message; the running answer was cut off, and the upstream is healthy. */
    @Test
    void endAfterAnHourIsToldAndRefundsNothing() {
        try (RawSocket raw = open("tpm: 1000000")) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("a", "model-a"));
            upstream.told();
            started(raw, theirs, "a", "resp_a");
            raw.text(create("b", "model-b"));
            upstream.told();
            say(theirs, "{'type':'error','status':400,'error':{'code':'websocket_connection_limit_reached'}}");
            assertThat(heard(raw).getJsonObject("error").getString("code"))
                    .isEqualTo("websocket_connection_limit_reached");
            theirs.close();
            raw.next(RawSocket.CLOSE);
            Await.until("nothing is held", () -> gateway.metric("sluice_reservations_open") == 0);
        }
    }
}
