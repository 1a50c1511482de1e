package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** WebSockets: every answer of a model is a call, whoever begins it, and passes the limits of its tenant. */
@Timeout(60)
class ConversationTest {
    private static final String CREATE = "{\"type\":\"response.create\"}";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();
    private final WebSocketClient client = vertx.createWebSocketClient();
    private final BlockingQueue<JsonObject> told = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void tenant(String more) {
        gateway.start("tenants: [{ name: bot, keys: ['${BOT}'], endpoints: [inference, realtime], " + more + " }]");
    }

    private WebSocket open(String path) {
        return open(path, new WebSocketConnectOptions().addHeader("authorization", "Bearer " + gateway.key("BOT")));
    }

    private WebSocket open(String path, WebSocketConnectOptions options) {
        URI base = URI.create(gateway.baseUrl());
        ClientWebSocket socket = client.webSocket();
        socket.textMessageHandler(text -> {
            gateway.shown(text);
            told.add(new JsonObject(text));
        });
        return socket.connect(options.setHost(base.getHost()).setPort(base.getPort()).setURI(base.getPath() + path))
                .await();
    }

    /** The next event of a type; those before it are passed over. */
    private JsonObject next(String type) throws InterruptedException {
        List<JsonObject> passed = new ArrayList<>();
        for (JsonObject event = told.poll(20, TimeUnit.SECONDS); event != null; event = told.poll(20,
                TimeUnit.SECONDS)) {
            if (event.getString("type").equals(type)) {
                return event;
            }
            passed.add(event);
        }
        throw new AssertionError("no " + type + " among " + passed);
    }

    @Test
    void tokensOfEveryAnswerAreCountedAndTheLimitRefusesTheNextWithAnEvent() throws Exception {
        tenant("rpm: 3");
        WebSocket socket = open("/realtime?model=gpt-realtime");
        for (int i = 0; i < 2; i++) {
            socket.writeTextMessage(CREATE);
            assertThat(
                    next("response.done").getJsonObject("response").getJsonObject("usage").getInteger("total_tokens"))
                    .isPositive();
        }
        socket.writeTextMessage(CREATE);
        JsonObject error = next("error");
        assertThat(error.getInteger("status")).isEqualTo(429);
        assertThat(error.getJsonObject("error").getString("code")).isEqualTo("rate_limit_exceeded");

        socket.writeTextMessage("{\"type\":\"session.update\",\"session\":{}}");
        next("session.updated");
        socket.close().await();
        assertThat(gateway.metrics())
                .contains("sluice_tokens_total{kind=\"output\",model=\"gpt-realtime\",tenant=\"bot\"}");
    }

    @Test
    void placesOfWebSocketsAreLeftForOthers() {
        gateway.upstream(
                "connections: 4\naccounts: [{ name: main, rpm: 1000, strict: false, keys: [\"${UPSTREAM_KEY}\"] }]")
                .start("""
                        tenants:
                          - { name: bot, rpm: 1000, keys: ["${BOT}"], endpoints: [inference, realtime] }
                          - { name: victim, rpm: 1000, keys: ["${VICTIM}"], endpoints: [inference, realtime] }
                        """);
        List<Throwable> refused = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try {
                open("/realtime?model=gpt-realtime");
            } catch (RuntimeException full) {
                refused.add(full);
            }
        }
        assertThat(refused).hasSizeGreaterThanOrEqualTo(12)
                .allSatisfy(full -> assertThat(full).hasMessageContaining("503"));
        for (int i = 0; i < 4; i++) {
            open("/realtime?model=gpt-realtime", new WebSocketConnectOptions().addHeader("authorization",
                    "Bearer " + gateway.key("VICTIM"))).close().await();
            Await.until("the victim's call is over",
                    () -> gateway.metrics().contains("sluice_in_flight{tenant=\"victim\"} 0.0"));
        }
        client.close().await();
        Await.until("places are given back",
                () -> gateway.metrics().contains("sluice_shared_used_ratio{thing=\"websockets\"} 0.0"));
    }

    @Test
    void answerThatTheUpstreamBeginsIsChargedAndHoldsBackTheNext() throws Exception {
        tenant("rpm: 2");
        WebSocket socket = open("/realtime?model=gpt-realtime");
        socket.writeTextMessage(
                "{\"type\":\"session.update\",\"session\":{\"turn_detection\":{\"type\":\"server_vad\"}}}");
        next("session.updated");
        socket.writeTextMessage("{\"type\":\"input_audio_buffer.append\",\"audio\":\"AAAA\"}");
        socket.writeTextMessage("{\"type\":\"input_audio_buffer.commit\"}");
        next("response.done");
        socket.writeTextMessage(CREATE);
        assertThat(next("error").getInteger("status")).isEqualTo(429);
        socket.close().await();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"type\":\"session.update\",\"session\":{\"model\":\"other\"}}",
            "{\"type\":\"response.create\",\"response\":{\"model\":\"other\"}}",
            "{\"type\":\"response.create\",\"model\":\"other\"}",
            "{\"type\":\"response.create\",\"model\":\"gpt-realtime\",\"model\":\"other\"}",
            "{\"type\":\"x\",\"type\":\"response.create\"}", "not json",
            "{\"type\":\"session.update\",\"session\":{\"audio\":{\"input\":{\"transcription\":{\"model\":\"other\"}}}}}"})
    void noMessageNamesAModelThatWasNotGranted(String message) throws Exception {
        tenant("models: [gpt-realtime]");
        WebSocket socket = open("/realtime?model=gpt-realtime");
        next("session.created");
        socket.writeTextMessage(message);
        assertThat(next("error").getInteger("status")).isIn(400, 403);
        socket.close().await();
        assertThat(gateway.upstream().lastFrames()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/realtime?model=other", "/realtime?model=gpt-realtime&model=other",
            "/realtime?model=gpt-realtime&%6dodel=other"})
    void noUrlNamesAModelThatWasNotGranted(String path) {
        tenant("models: [gpt-realtime]");
        assertThat(statusOf(path)).isIn(400, 403);
    }

    @Test
    void keyMayComeAsASubprotocolAndGoesNoFurther() throws Exception {
        tenant("rpm: 10");
        WebSocket socket = open("/realtime?model=gpt-realtime", new WebSocketConnectOptions().setSubProtocols(
                List.of("realtime", "openai-insecure-api-key." + gateway.key("BOT"))));
        next("session.created");
        assertThat(socket.subProtocol()).isEqualTo("realtime");
        socket.close().await();
    }

    @Test
    void responsesAreAskedForOverASocketToo() throws Exception {
        tenant("rpm: 10");
        WebSocket socket = open("/responses");
        socket.writeTextMessage(new JsonObject().put("type", "response.create").put("model", "gpt-4o")
                .put("input", "Say hello").encode());
        assertThat(next("response.completed").getJsonObject("response").getString("status")).isEqualTo("completed");
        socket.close().await();
    }

    @Test
    void oneSocketIsOneCallUnderWay() throws Exception {
        tenant("concurrent: 1");
        WebSocket socket = open("/realtime?model=gpt-realtime");
        next("session.created");
        assertThat(statusOf("/realtime?model=gpt-realtime")).isEqualTo(429);
        socket.close().await();
    }

    @Test
    void whoAsksForNoSocketIsToldSo() {
        tenant("rpm: 10");
        HttpResponse<String> answer = gateway.send(gateway.request("/realtime?model=m", gateway.key("BOT")).GET());
        assertThat(answer.statusCode()).isEqualTo(426);
        assertThat(answer.headers().firstValue("upgrade")).hasValue("websocket");
    }

    private int statusOf(String path) {
        try {
            open(path);
            return 101;
        } catch (RuntimeException refused) {
            return refused instanceof UpgradeRejectedException rejected ? rejected.getStatus() : -1;
        }
    }
}
