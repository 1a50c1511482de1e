package sluice.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection with plain calls, whatever the pieces in which their bytes arrive. */
class PlainConnectionTest {
    private static final String TARGET = "/v1/embeddings";
    private static final Vertx VERTX = Vertx.vertx();

    private final List<PlainRequest> calls = new ArrayList<>();
    private final StringBuilder bodies = new StringBuilder();
    private boolean answering = true;
    private PlainCaller caller = open();

    private PlainCaller open() {
        return new PlainCaller(VERTX, Set.of(TARGET), this::take);
    }

    @AfterAll
    static void stop() {
        VERTX.close().await();
    }

    @AfterEach
    void close() {
        caller.close();
    }

    /** Reads the body, and answers with what it was. */
    private void take(PlainRequest request) {
        calls.add(request);
        Buffer body = Buffer.buffer();
        request.read(body::appendBuffer, () -> {
            bodies.append(body.toString(StandardCharsets.ISO_8859_1)).append('|');
            if (answering) {
                request.response().end(body);
            }
        }, broken -> bodies.append("broken|"));
        request.resume();
    }

    private static String call(String body) {
        return "POST " + TARGET + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static String answer(String body) {
        return "HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
    }

    private void writeAll(String text, int... ends) {
        int from = 0;
        for (int end : ends) {
            caller.write(text.substring(from, end));
            from = end;
        }
        caller.write(text.substring(from));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n", "POST /v1/files HTTP/1.1\r\n\r\nabc",
            "\0"})
    void pieces(String behind) {
        String all = call("one") + call("two\r\n\r\n") + call("three") + behind;
        for (int end = 1; end < all.length(); end++) {
            writeAll(all, end);
            assertThat(bodies).as("split at %d", end).hasToString("one|two\r\n\r\n|three|");
            assertThat(caller.answers()).isEqualTo(answer("one") + answer("two\r\n\r\n") + answer("three"));
            assertThat(caller.passedOn()).isEqualTo(behind);
            bodies.setLength(0);
            caller.close();
            caller = open();
        }
        for (int i = 0; i < all.length(); i++) {
            caller.write(all.substring(i, i + 1));
        }
        assertThat(bodies).hasToString("one|two\r\n\r\n|three|");
        assertThat(caller.answers()).isEqualTo(answer("one") + answer("two\r\n\r\n") + answer("three"));
        assertThat(caller.passedOn()).isEqualTo(behind);
    }

    /** Nothing overtakes the answer to a call under way, neither a call nor what the server's decoder reads. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whatFollowsWaitsForTheAnswer(boolean plain) {
        answering = false;
        String next = plain ? call("two") : "GET / HTTP/1.1\r\n\r\n";
        caller.write(call("one") + next.substring(0, 5)).write(next.substring(5));
        assertThat(calls).hasSize(1);
        assertThat(caller.passedOn()).isEmpty();
        assertThat(caller.heads()).as("it counts as begun").isPositive();
        calls.getFirst().response().end(Buffer.buffer("1"));
        assertThat(caller.answers()).isEqualTo(answer("1"));
        assertThat(calls).hasSize(plain ? 2 : 1);
        assertThat(caller.passedOn()).isEqualTo(plain ? "" : next);
    }

    @Test
    void onceSomethingElseHasComeTheServerReadsAll() {
        caller.write("GET / HTTP/1.1\r\n\r\n").write(call("one"));
        assertThat(caller.passedOn()).isEqualTo("GET / HTTP/1.1\r\n\r\n" + call("one"));
        assertThat(calls).isEmpty();
    }

    @Test
    void whatIsNotReadIsBounded() {
        answering = false;
        caller.write(call("one"));
        for (int i = 0; i < 63; i++) {
            caller.write("x".repeat(1024));
            assertThat(caller.isRead()).as("it shows if the caller leaves").isTrue();
        }
        caller.write("x".repeat(1024));
        assertThat(caller.isRead()).isFalse();
        calls.getFirst().response().end();
        assertThat(caller.isRead()).isTrue();
        assertThat(caller.passedOn()).hasSize(64 * 1024);
    }

    @Test
    void bodyThatIsNotReadIsBounded() {
        List<PlainRequest> paused = new ArrayList<>();
        try (PlainCaller other = new PlainCaller(VERTX, Set.of(TARGET), paused::add)) {
            other.write("POST " + TARGET + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
            for (int i = 0; i < 4; i++) {
                assertThat(other.isRead()).isTrue();
                other.write("x".repeat(16 * 1024));
            }
            assertThat(other.isRead()).isFalse();
            long[] read = {0};
            PlainRequest request = paused.getFirst();
            request.read(piece -> read[0] += piece.length(), () -> {}, broken -> read[0] = -1);
            request.resume();
            assertThat(read[0]).isEqualTo(64 * 1024);
            assertThat(other.isRead()).isTrue();
            other.leave();
            assertThat(read[0]).isEqualTo(-1);
        }
    }

    @Test
    void longHeadIsLeftToTheServer() {
        String head = "POST " + TARGET + " HTTP/1.1\r\nHost: h\r\n" + "x: " + "y".repeat(9_000);
        caller.write(head.substring(0, 5_000));
        assertThat(caller.passedOn()).isEmpty();
        caller.write(head.substring(5_000));
        assertThat(caller.passedOn()).isEqualTo(head);
    }

    @Test
    void callerThatLeavesIsReportedBeforeItsBodyBreaksOff() {
        answering = false;
        caller.write(call("one").replace("Length: 3", "Length: 4"));
        calls.getFirst().onLeave(() -> bodies.append("left|"));
        caller.leave();
        assertThat(bodies).hasToString("left|broken|");
        assertThat(calls.getFirst().response().isClosed()).isTrue();
    }

    @Test
    void callerThatLeavesAfterItsAnswerIsNot() {
        caller.write(call("one"));
        calls.getFirst().onLeave(() -> bodies.append("left|"));
        caller.leave();
        assertThat(bodies).hasToString("one|");
    }

    @Test
    void connectionIsShutDownOnceTheAnswerIsWritten() {
        answering = false;
        caller.write(call("one") + call("two"));
        caller.shutdown();
        assertThat(caller.closed()).isFalse();
        calls.getFirst().response().end();
        assertThat(caller.closed()).isTrue();
        caller.write(call("three"));
        assertThat(calls).as("what is behind it").hasSize(1);
    }

    @Test
    void idleConnectionIsShutDownAtOnce() {
        caller.write(call("one").substring(0, 10));
        caller.shutdown();
        assertThat(caller.closed()).isTrue();
        caller.write(call("one").substring(10));
        assertThat(calls).isEmpty();
        assertThat(caller.passedOn()).isEmpty();
    }

    /** Otherwise the next answer could be taken for part of it. */
    @Test
    void answerThatIsNotAsLongAsItSaysEndsTheConnection() {
        answering = false;
        for (String body : List.of("12", "1234")) {
            calls.clear();
            caller.write(call("one") + call("two"));
            calls.getFirst().response().header("content-length", "3");
            calls.getFirst().response().end(Buffer.buffer(body));
            assertThat(caller.closed()).as(body).isTrue();
            assertThat(calls).hasSize(1);
            caller.close();
            caller = open();
        }
    }

    @Test
    void answersOfUnknownLengthAreChunked() {
        answering = false;
        caller.write(call("one"));
        PlainResponse response = calls.getFirst().response();
        response.status(201);
        response.open();
        response.write(Buffer.buffer("hello"));
        assertThat(caller.answers())
                .isEqualTo("HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
        response.write(Buffer.buffer());
        assertThat(caller.answers()).isEmpty();
        response.trailers().set("x-last", "1");
        response.end(Buffer.buffer("x".repeat(17)));
        assertThat(caller.answers()).isEqualTo("11\r\n" + "x".repeat(17) + "\r\n0\r\nx-last: 1\r\n\r\n");
        assertThat(response.isEnded()).isTrue();
        assertThatThrownBy(() -> response.write(Buffer.buffer("more"))).isInstanceOf(IllegalStateException.class);
        assertThat(caller.closed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"204|HTTP/1.1 204 No Content<>",
            "205|HTTP/1.1 205 Reset Content<content-length: 0>",
            "304|HTTP/1.1 304 Not Modified<>", "203|HTTP/1.1 203 Non-Authoritative Information<content-length: 2>"})
    void someAnswersHaveNoBody(int status, String head) {
        answering = false;
        caller.write(call("one"));
        PlainResponse response = calls.getFirst().response();
        response.status(status);
        response.end(Buffer.buffer("ab"));
        String lines = head.replace("<>", "\r\n\r\n").replace("<", "\r\n").replace(">", "\r\n\r\n");
        assertThat(caller.answers()).isEqualTo(status == 203 ? lines + "ab" : lines);
    }

    @Test
    void headersCannotBeInjected() {
        answering = false;
        caller.write(call("one"));
        PlainResponse response = calls.getFirst().response();
        assertThatThrownBy(() -> response.header("x", "a\r\nb: c")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> response.header("x\r\ny", "a")).isInstanceOf(IllegalArgumentException.class);
        response.end();
        assertThat(caller.answers()).isEqualTo(answer(""));
    }
}
