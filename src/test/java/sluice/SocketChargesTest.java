package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.RawSocket;
import sluice.testing.ScriptedSockets;
import sluice.testing.TestGateway;

/** What answers over a WebSocket cost, whatever the upstream says of them. Time stands still: no limit is refilled. */
@Timeout(60)
class SocketChargesTest {
    private static final String CREATED = "{'type':'response.created','response':{'id':'%s'}}";
    private static final String DONE = "{'type':'response.done','response':{'id':'%s','status':'%s'%s}}";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(new ManualTime());
    private final Vertx vertx = Vertx.vertx();
    private final ScriptedSockets upstream = ScriptedSockets.start(vertx);

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private RawSocket open() {
        gateway.before(upstream.port()).start(
                "tenants: [{ name: bot, keys: ['${BOT}'], rpm: 100, tpm: 10000, endpoints: [inference, realtime] }]");
        return RawSocket.open(gateway.baseUrl(), "/realtime?model=m", "Authorization: Bearer " + gateway.key("BOT"));
    }

    /** A message that asks for an answer of at most so many tokens, and is a hundred tokens long itself. */
    private static String create(String id, int tokens) {
        String message = json("{'type':'response.create','event_id':'%s','response':{'max_output_tokens':%d},'pad':''}"
                .formatted(id, tokens));
        return message.replace("\"pad\":\"", "\"pad\":\"" + "x".repeat(400 - message.length()));
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static void say(ServerWebSocket socket, String text) {
        socket.writeTextMessage(json(text));
    }

    private static int status(RawSocket raw) {
        JsonObject error = new JsonObject(raw.next(RawSocket.TEXT).text());
        assertThat(error.getString("type")).isEqualTo("error");
        return error.getInteger("status");
    }

    private void left(String limit, double expected) {
        Await.until(limit + " = " + expected, () -> gateway.metrics().lines()
                .filter(line -> line.startsWith("sluice_limit_remaining_ratio") && line.contains("\"" + limit + "\""))
                .anyMatch(line -> Math.abs(
                        Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)) - expected) < 0.00001));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"''", "other"})
    void errorAboutSomethingElseRefundsNoAnswerThatRuns(String about) {
        try (RawSocket raw = open()) {
            ServerWebSocket theirs = upstream.socket();
            for (int i = 0; i < 2; i++) {
                raw.text(create("e" + i, 4000));
                upstream.told();
                say(theirs, CREATED.formatted("r" + i));
                raw.next(RawSocket.TEXT);
                raw.text("{\"type\":\"nonsense\"}");
                upstream.told();
                say(theirs, "{'type':'error','error':{'code':'x','event_id':'%s'}}".formatted(about));
                raw.next(RawSocket.TEXT);
            }
            left("tpm", 0.18);
            raw.text(create("e2", 4000));
            assertThat(status(raw)).isEqualTo(429);
            for (int i = 0; i < 2; i++) {
                say(theirs, DONE.formatted("r" + i, "completed", ",'usage':{'input_tokens':100,'output_tokens':900}"));
            }
            left("tpm", 0.8);
            left("rpm", 0.97);
        }
    }

    @Test
    void refusedMessageGetsItsTokensBackAndNotItsRequest() {
        try (RawSocket raw = open()) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("running", 4000)).text(create("refused", 4000));
            upstream.told();
            upstream.told();
            left("tpm", 0.18);
            say(theirs, "{'type':'error','error':{'code':'x','event_id':'refused'}}");
            left("tpm", 0.59);
            say(theirs, CREATED.formatted("r"));
            say(theirs, DONE.formatted("r", "completed", ",'usage':{'input_tokens':100,'output_tokens':100}"));
            left("tpm", 0.98);
            left("rpm", 0.97);
        }
    }

    @Test
    void messageThatIsAnsweredAfterAnErrorWasTakenToRefuseItIsChargedAgain() {
        try (RawSocket raw = open()) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("", 4000));
            upstream.told();
            say(theirs, "{'type':'error','error':{'code':'about something before'}}");
            left("tpm", 1);
            say(theirs, CREATED.formatted("r"));
            left("tpm", 0.59);
            say(theirs, DONE.formatted("r", "completed", ",'usage':{'input_tokens':100,'output_tokens':4900}"));
            left("tpm", 0.5);
        }
    }

    @Test
    void answerThatTheUpstreamBeginsIsChargedByItsUsage() {
        try (RawSocket raw = open()) {
            ServerWebSocket theirs = upstream.socket();
            say(theirs, CREATED.formatted("r"));
            left("tpm", 1 - 0.1024);
            left("rpm", 0.98);
            say(theirs, DONE.formatted("r", "completed", ",'usage':{'input_tokens':10000,'output_tokens':2000}"));
            left("tpm", 0);
            raw.next(RawSocket.TEXT);
            raw.next(RawSocket.TEXT);
            raw.text(create("", 100));
            assertThat(status(raw)).isEqualTo(429);
        }
    }

    /** The charge for an answer of which 1200 characters arrived, or 40. */
    @ParameterizedTest
    @CsvSource({"cancelled, 1200, 0.97", "failed, 40, 0.99", "caller leaves, 1200, 0.97", "caller leaves, 40, 0.99",
            "upstream leaves, 1200, 0.97", "completed, 1200, 0.59"})
    void answerThatIsNotWholeCostsTheLargerOfItsInputAndWhatCame(String ending, int characters, double left) {
        try (RawSocket raw = open()) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("", 4000));
            upstream.told();
            say(theirs, CREATED.formatted("r"));
            for (int i = 0; i < 4; i++) {
                say(theirs, "{'type':'response.output_text.delta','response_id':'r','delta':'%s'}"
                        .formatted("y".repeat(characters / 4)));
            }
            for (int i = 0; i < 5; i++) {
                raw.next(RawSocket.TEXT);
            }
            switch (ending) {
                case "caller leaves" -> raw.reset();
                case "upstream leaves" -> theirs.close((short) 1011);
                default -> say(theirs, DONE.formatted("r", ending, ""));
            }
            left("tpm", left);
            left("rpm", 0.98);
        }
    }

    @Test
    void bytesOfAnAnswerAreCountedAsTheyAreSent() {
        String said = json("{'type':'session.updated','session':{'instructions':'%s'}}".formatted("€".repeat(1000)));
        try (RawSocket raw = open()) {
            say(upstream.socket(), said);
            assertThat(raw.next(RawSocket.TEXT).text()).isEqualTo(said);
        }
        assertThat(gateway.log().calls(1).getFirst().getInteger("bytes"))
                .isEqualTo(said.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void messageThatNothingWasHeardOfStandsAsReservedWhereTheUpstreamBroke() {
        try (RawSocket raw = open()) {
            ServerWebSocket theirs = upstream.socket();
            raw.text(create("", 4000));
            upstream.told();
            theirs.close((short) 1011);
            raw.next(RawSocket.CLOSE);
            left("tpm", 0.59);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0|4096", "\"inf\"|4096", "1.5|4096", "-1|4096", "1e2|4096", "true|4096",
            "null|1024", "200|200"})
    void boundThatIsNoneIsTheLongestAnswer(String bound, int tokens) {
        try (RawSocket raw = open()) {
            upstream.socket();
            String message = json("{'type':'response.create','response':{'max_response_output_tokens':" + bound + "}}");
            raw.text(message);
            upstream.told();
            left("tpm", 1 - (Math.ceilDiv(message.length(), 4) + tokens) / 10_000.0);
        }
    }

    @Test
    void numberTooLongToReadIsMoreThanAnythingHolds() {
        try (RawSocket raw = open()) {
            raw.text("{\"type\":\"response.create\",\"max_output_tokens\":" + "9".repeat(200) + "}");
            assertThat(status(raw)).isEqualTo(400);
            assertThat(upstream.toldNothing()).isTrue();
        }
    }
}
