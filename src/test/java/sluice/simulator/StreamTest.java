package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.simulator.answers.Prose;

@Timeout(30)
class StreamTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String HELLO = "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

    private Caller caller;
    /** Held here, since Vert.x closes a client that nothing refers to. */
    private @Nullable HttpClient client;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults().withStreams(4, Duration.ofMillis(1)));
    }

    @AfterEach
    void stop() throws Exception {
        if (client != null) {
            client.close();
        }
        caller.close();
    }

    private static List<String> data(String stream) {
        return Arrays.stream(stream.split("\n", -1)).filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length())).toList();
    }

    @Test
    void chatStreamIsTheTextInPieces() throws Exception {
        HttpResponse<String> response = caller.post(CHAT, HELLO);
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream; charset=utf-8");
        assertThat(response.headers().firstValue("x-ratelimit-limit-requests")).contains("1000");
        List<String> data = data(response.body());
        assertThat(data).hasSize(1 + 4 + 1 + 1).last().isEqualTo("[DONE]");
        String text = data.stream().limit(6).map(JsonObject::new).map(StreamTest::choice)
                .map(choice -> choice.getJsonObject("delta").getString("content", "")).collect(Collectors.joining());
        JsonObject whole = caller.json(CHAT, HELLO.replace("true", "false"));
        assertThat(text).isEqualTo(choice(whole).getJsonObject("message").getString("content"));
        assertThat(choice(new JsonObject(data.get(5))).getString("finish_reason")).isEqualTo("stop");
        assertThat(data.getFirst()).doesNotContain("usage");
    }

    private static JsonObject choice(JsonObject chunk) {
        return chunk.getJsonArray("choices").getJsonObject(0);
    }

    @Test
    void usageComesInAChunkOfItsOwnWhenAskedFor() throws Exception {
        List<String> data = data(caller.post(CHAT,
                HELLO.replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
                .body());
        assertThat(data).hasSize(8);
        assertThat(data.subList(0, 6)).allSatisfy(chunk -> assertThat(chunk).contains("\"usage\":null"));
        JsonObject usage = new JsonObject(data.get(6));
        assertThat(usage.getJsonArray("choices")).isEmpty();
        assertThat(usage.getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(2);
    }

    @Test
    void responsesStreamHasNamedNumberedEvents() throws Exception {
        String stream = caller.post("/v1/responses", "{\"model\":\"m\",\"input\":\"hello\",\"stream\":true}").body();
        List<JsonObject> events = data(stream).stream().map(JsonObject::new).toList();
        assertThat(events).extracting(event -> event.getString("type")).containsExactly("response.created",
                "response.in_progress", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta", "response.output_text.delta", "response.output_text.delta",
                "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.completed");
        assertThat(events).extracting(event -> event.getInteger("sequence_number"))
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(stream).contains("event: response.completed\ndata: {").doesNotContain("[DONE]");
    }

    @Test
    void headersOfOneRequestOverrideTheSettings() throws Exception {
        assertThat(data(caller.post(CHAT, HELLO, "x-simulator-chunks", "2").body())).hasSize(5);
        assertThat(caller.post(CHAT, HELLO, "x-simulator-finish-reason", "content_filter").body())
                .contains("\"finish_reason\":\"content_filter\"");
        assertThat(caller.post(CHAT, HELLO, "x-simulator-status", "500").statusCode()).isEqualTo(500);
        assertThatThrownBy(() -> caller.post(CHAT, HELLO, "x-simulator-cut-after", "2"))
                .isInstanceOf(IOException.class);
        assertThat(caller.simulator.statistics().cancelled()).isZero();
    }

    @Test
    void longStreamArrivesWhole() throws Exception {
        String stream = caller.post(CHAT, HELLO, "x-simulator-chunks", "5000", "x-simulator-chunk-interval-ms", "0")
                .body();
        assertThat(data(stream)).hasSize(1 + 5000 + 1 + 1).last().isEqualTo("[DONE]");
    }

    @Test
    void completionsStreamHasTextAndEndMark() throws Exception {
        List<String> data = data(
                caller.post("/v1/engines/x/completions", "{\"prompt\":[\"a\",\"b\"],\"stream\":true}").body());
        assertThat(data).hasSize(2 * (4 + 1) + 1).last().isEqualTo("[DONE]");
        assertThat(choice(new JsonObject(data.getFirst())).getString("text")).startsWith(Prose.marker("a"));
        assertThat(choice(new JsonObject(data.get(1))).getString("text")).startsWith(Prose.marker("b"));
    }

    @ParameterizedTest
    @CsvSource({"'',false,true", "always,true,true", "never,false,false"})
    void eventsAreNamedAsTheApiDoesOrAsARequestWants(String wanted, boolean speech, boolean responses)
            throws Exception {
        String[] steering = wanted.isEmpty() ? new String[0] : new String[]{"x-simulator-event-lines", wanted};
        String spoken = caller.post("/v1/audio/speech", "{\"model\":\"gpt-4o-mini-tts\",\"input\":\"hello\","
                + "\"stream_format\":\"sse\"}", steering).body();
        assertThat(spoken.startsWith("event: speech.audio.delta\n")).isEqualTo(speech);
        assertThat(data(spoken)).hasSize(5).last().asString().contains("\"type\":\"speech.audio.done\"");
        String form = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\ngpt-4o-transcribe\r\n--b\r\n"
                + "content-disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n--b\r\ncontent-disposition: "
                + "form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\nsound\r\n--b--\r\n";
        List<String> headers = new ArrayList<>(List.of(steering));
        headers.addAll(List.of("content-type", "multipart/form-data; boundary=b"));
        String written = caller.post("/v1/audio/transcriptions", form, headers.toArray(String[]::new)).body();
        assertThat(written.startsWith("event: transcript.text.delta\n")).isEqualTo(speech);
        assertThat(data(written)).hasSize(5).last().asString().contains("\"type\":\"transcript.text.done\"");
        String response = caller
                .post("/v1/responses", "{\"model\":\"m\",\"input\":\"hello\",\"stream\":true}", steering)
                .body();
        assertThat(response.startsWith("event: response.created\n")).isEqualTo(responses);
        assertThat(caller.post(CHAT, HELLO, steering).body()).startsWith("data: {").doesNotContain("event:");
    }

    @Test
    void cleanCutIsAProperEndWithoutEndMark() throws Exception {
        caller.simulator.faults(Faults.none().withCleanCuts(1, 3));
        assertThat(data(caller.post(CHAT, HELLO).body())).hasSize(3).doesNotContain("[DONE]");
    }

    @Test
    void brokenStreamDeliversItsEventsFirst() throws Exception {
        caller.simulator.faults(Faults.none().withCuts(1, 3));
        Buffer received = Buffer.buffer();
        CompletableFuture<Void> end = new CompletableFuture<>();
        open(HttpVersion.HTTP_1_1, response -> {
            response.handler(received::appendBuffer);
            response.exceptionHandler(end::completeExceptionally);
            response.endHandler(end::complete);
        });
        assertThat(end).failsWithin(Duration.ofSeconds(20));
        assertThat(data(received.toString())).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(value = HttpVersion.class, names = {"HTTP_1_1", "HTTP_2"})
    void clientThatLeavesIsCountedAndItsStreamStops(HttpVersion version) throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        open(version, response -> {
            response.exceptionHandler(ignored -> {});
            response.handler(first -> {
                response.request().reset(8);
                left.countDown();
            });
        }, "x-simulator-chunks", "100000", "x-simulator-chunk-interval-ms", "20");
        assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
        caller.until(() -> caller.simulator.statistics().cancelled() == 1);
        assertThat(caller.simulator.statistics().inFlight()).isZero();
    }

    @Test
    void clientThatStopsReadingStopsTheStream() throws Exception {
        CompletableFuture<HttpClientResponse> opened = new CompletableFuture<>();
        open(HttpVersion.HTTP_1_1, response -> {
            response.exceptionHandler(ignored -> {});
            opened.complete(response.pause());
        }, "x-simulator-chunks", "1000000",
                "x-simulator-chunk-interval-ms", "0");
        HttpClientResponse response = opened.get(20, TimeUnit.SECONDS);
        assertThat(caller.simulator.statistics().inFlight()).isEqualTo(1);
        assertThat(caller.get("/simulator/statistics").statusCode()).isEqualTo(200);
        response.request().reset(8);
        caller.until(() -> caller.simulator.statistics().cancelled() == 1);
    }

    @Test
    void closingTheSimulatorBreaksRunningStreams() throws Exception {
        CompletableFuture<Void> end = new CompletableFuture<>();
        CountDownLatch first = new CountDownLatch(1);
        open(HttpVersion.HTTP_1_1, response -> {
            response.handler(some -> first.countDown());
            response.exceptionHandler(end::completeExceptionally);
            response.endHandler(end::complete);
        }, "x-simulator-chunks", "100000", "x-simulator-chunk-interval-ms", "20");
        assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
        caller.simulator.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(end).failsWithin(Duration.ofSeconds(20));
    }

    private void open(HttpVersion version, Handler<HttpClientResponse> handler, String... headers) {
        HttpClientOptions options = new HttpClientOptions().setProtocolVersion(version)
                .setHttp2ClearTextUpgrade(false);
        RequestOptions request = new RequestOptions().setMethod(HttpMethod.POST).setHost("127.0.0.1")
                .setPort(caller.simulator.port()).setURI(CHAT).putHeader("authorization", "Bearer " + Caller.KEY);
        for (int i = 0; i < headers.length; i += 2) {
            request.putHeader(headers[i], headers[i + 1]);
        }
        client = caller.vertx().createHttpClient(options);
        client.request(request).onSuccess(outgoing -> {
            outgoing.exceptionHandler(ignored -> {});
            outgoing.response().onSuccess(handler);
            outgoing.end(HELLO);
        });
    }
}
