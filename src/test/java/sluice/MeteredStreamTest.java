package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.EchoUpstream;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** A chat stream is metered whether or not its caller asks for usage, and who does not ask sees none. */
@Timeout(60)
class MeteredStreamTest {
    private static final String KEY = "sk-sluice-0123456789abcdef0123";
    private static final String CHUNKS = """
            data: {"id":"c","choices":[{"index":0,"delta":{"content":"a \\"usage\\" é"}}],"usage":null}

            : a comment

            data:  {"usage" : null, "choices" : [ {"delta":{},"finish_reason":"stop"} ] }

            """;
    private static final String WITHOUT_USAGE = CHUNKS.replace(",\"usage\":null", "").replace("\"usage\" : null,", "");
    private static final String USAGE = "data: {\"choices\": [ ],\"id\":\"c\",\"usage\":{\"prompt_tokens\":7,"
            + "\"completion_tokens\":5}}\r\n\r\n";
    private static final String DONE = "data: [DONE]\n\n";

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.close();
        vertx.close().await();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 50, 10_000})
    void whoDoesNotAskSeesNothingOfUsage(int pieceSize) throws Exception {
        exchange("{\"model\":\"m\",\"stream\":true}", pieceSize, WITHOUT_USAGE + DONE);
    }

    @Test
    void whoAsksSeesAll() throws Exception {
        exchange("{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}", 20,
                CHUNKS + USAGE + DONE);
    }

    private void exchange(String body, int pieceSize, String expected) throws Exception {
        EchoUpstream upstream = EchoUpstream.start(vertx, (request, received) -> {
            request.response().putHeader("content-type", "text/event-stream").setChunked(true);
            String all = CHUNKS + USAGE + DONE;
            byte[] bytes = all.getBytes(StandardCharsets.UTF_8);
            for (int from = 0; from < bytes.length; from += pieceSize) {
                request.response().write(Buffer.buffer()
                        .appendBytes(bytes, from, Math.min(pieceSize, bytes.length - from)));
            }
            request.response().end();
        });
        Gateway gateway = Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["sk-upstream-0123456789"] }]
                tenants: [{ name: bot, rpm: 1000, tpm: 10000, keys: ["%s"] }]
                """.formatted(upstream.port(), KEY)), Time.system()).await();
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                        .header("authorization", "Bearer " + KEY).POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.body()).isEqualTo(expected);
        assertThat(new JsonObject(upstream.last().body()).getJsonObject("stream_options").getBoolean("include_usage"))
                .isTrue();
        String metrics = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.adminPort()
                + "/metrics")).build(), HttpResponse.BodyHandlers.ofString()).body();
        assertThat(metrics).contains("sluice_tokens_total{kind=\"input\",model=\"m\",tenant=\"bot\"} 7.0")
                .contains("sluice_tokens_total{kind=\"output\",model=\"m\",tenant=\"bot\"} 5.0");
        Await.until("open reservations", gateway::outstanding, 0);
        gateway.stop().await();
    }
}
