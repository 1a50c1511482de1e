package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SocketsTest {
    private static final String CREATE = "{\"type\":\"response.create\",\"model\":\"gpt-4o\",\"input\":\"hello\"}";

    private final BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();
    private Caller caller;
    private WebSocketClient client;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults().withStreams(2, Duration.ZERO)
                .withAccounts(SimulatedAccount.parse("main=sk-simulator:rpm=2,tpm=1000")));
        client = caller.vertx().createWebSocketClient();
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
    }

    private WebSocket open(String path, String key) throws Exception {
        WebSocketConnectOptions options = new WebSocketConnectOptions().setHost("127.0.0.1")
                .setPort(caller.simulator.port()).setURI(path).addSubProtocol("realtime")
                .putHeader("authorization", "Bearer " + key);
        ClientWebSocket socket = client.webSocket();
        socket.textMessageHandler(text -> events.add(new JsonObject(text)));
        return socket.connect(options).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private JsonObject next() throws Exception {
        return Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS), "no event");
    }

    private List<String> until(String last) throws Exception {
        List<String> types = new ArrayList<>();
        do {
            types.add(next().getString("type"));
        } while (!types.getLast().equals(last));
        return types;
    }

    @Test
    void realtimeSessionAnswersWhenAsked() throws Exception {
        WebSocket socket = open("/v1/realtime?model=gpt-realtime", Caller.KEY);
        assertThat(socket.subProtocol()).isEqualTo("realtime");
        assertThat(next().getJsonObject("session").getString("model")).isEqualTo("gpt-realtime");
        socket.writeTextMessage(
                "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"content\":[]}}");
        assertThat(next().getString("type")).isEqualTo("conversation.item.created");
        socket.writeTextMessage("{\"type\":\"response.create\"}");
        assertThat(until("response.output_text.done")).startsWith("response.created", "response.output_item.added",
                "response.output_text.delta", "response.output_audio.delta");
        until("response.output_item.done");
        JsonObject usage = next().getJsonObject("response").getJsonObject("usage");
        assertThat(usage.getLong("total_tokens"))
                .isEqualTo(usage.getLong("input_tokens") + usage.getLong("output_tokens")).isPositive();
        JsonArray limits = next().getJsonArray("rate_limits");
        assertThat(limits.getJsonObject(0).getMap()).containsEntry("name", "requests").containsEntry("remaining", 1);
        assertThat(caller.simulator.statistics().accepted("main")).isEqualTo(1);
        assertThat(caller.simulator.statistics().lastFrames()).hasSize(2).last()
                .isEqualTo("{\"type\":\"response.create\"}");
        socket.close();
        caller.until(() -> caller.simulator.statistics().inFlight() == 0);
    }

    @Test
    void sessionThatDetectsTurnsAnswersByItself() throws Exception {
        WebSocket socket = open("/v1/realtime?model=gpt-realtime", Caller.KEY);
        socket.writeTextMessage(
                "{\"type\":\"session.update\",\"session\":{\"turn_detection\":{\"type\":\"server_vad\"}}}");
        until("session.updated");
        socket.writeTextMessage("{\"type\":\"input_audio_buffer.append\",\"audio\":\"AA==\"}");
        socket.writeTextMessage("{\"type\":\"input_audio_buffer.commit\"}");
        assertThat(until("response.done")).startsWith("input_audio_buffer.committed", "response.created");
        assertThat(caller.simulator.statistics().accepted("main")).isEqualTo(1);
    }

    @Test
    void responsesFollowOneAnotherUntilTheLimitIsReached() throws Exception {
        WebSocket socket = open("/v1/responses", Caller.KEY);
        for (int i = 0; i < 2; i++) {
            socket.writeTextMessage(CREATE);
            assertThat(until("response.completed")).startsWith("response.created", "response.in_progress");
        }
        socket.writeTextMessage(CREATE);
        JsonObject refused = next();
        assertThat(refused.getString("type")).isEqualTo("error");
        assertThat(refused.getJsonObject("error").getString("code")).isEqualTo("rate_limit_exceeded");
        socket.writeTextMessage("nonsense");
        assertThat(next().getInteger("status")).isEqualTo(400);
    }

    @Test
    void keyAndModelAreAskedFor() {
        assertThatThrownBy(() -> open("/v1/realtime?model=gpt-realtime", "sk-wrong"))
                .hasCauseInstanceOf(UpgradeRejectedException.class);
        assertThatThrownBy(() -> open("/v1/realtime", Caller.KEY)).hasCauseInstanceOf(UpgradeRejectedException.class);
        assertThatThrownBy(() -> open("/v1/chat", Caller.KEY)).hasCauseInstanceOf(UpgradeRejectedException.class);
        assertThat(caller.simulator.statistics().inFlight()).isZero();
        assertThat(caller.simulator.statistics().statuses()).containsOnlyKeys(401, 400, 404);
    }
}
