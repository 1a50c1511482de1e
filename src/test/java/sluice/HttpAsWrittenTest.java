package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.testing.Await;
import sluice.testing.ScriptedUpstream;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** HTTP as old and odd clients and upstreams write it (RFC 9110 and 9112). */
@Timeout(60)
class HttpAsWrittenTest {
    private static final String ANY = "sk-sluice-of-one-that-may-use-any-model";
    private static final String FEW = "sk-sluice-of-one-that-may-use-few-models";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n";
    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n";

    private @Nullable ScriptedUpstream upstream;
    private @Nullable Gateway gateway;

    private void start(ScriptedUpstream.Script script) throws Exception {
        upstream = ScriptedUpstream.start(script);
        gateway = Gateway.start(TestConfig.of("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts:
                    - { name: main, rpm: 100000, strict: false, shared-objects: true, keys: ["sk-upstream-0123456789"] }
                tenants:
                  - { name: any, rpm: 1000, keys: ["%s"], endpoints: [inference, files, stored-objects] }
                  - name: few
                    rpm: 1000
                    keys: ["%s"]
                    models: ["gpt-4o*", "dall-e-2"]
                    endpoints: [inference, stored-objects]
                """.formatted(upstream().port(), ANY, FEW)),
                Time.system()).await();
    }

    private ScriptedUpstream upstream() {
        return Objects.requireNonNull(upstream);
    }

    private Gateway gateway() {
        return Objects.requireNonNull(gateway);
    }

    @AfterEach
    void stop() {
        Await.until("open reservations", gateway()::outstanding, 0);
        gateway().stop().await();
        upstream().close();
    }

    /** What came on one connection until it ended, and whether it ended with a reset. */
    private record Heard(String text, boolean reset) {}

    private Heard hear(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway().port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            ByteArrayOutputStream heard = new ByteArrayOutputStream();
            InputStream in = socket.getInputStream();
            try {
                for (int b = in.read(); b >= 0; b = in.read()) {
                    heard.write(b);
                }
            } catch (java.net.SocketException reset) {
                return new Heard(heard.toString(StandardCharsets.UTF_8), true);
            }
            return new Heard(heard.toString(StandardCharsets.UTF_8), false);
        }
    }

    private static String chat(String version, String connection) {
        String body = "{\"model\":\"gpt-4o\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
        return "POST /v1/chat/completions HTTP/" + version + "\r\nHost: h\r\nConnection: " + connection
                + "\r\nAuthorization: Bearer " + ANY + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String get(String target, String... headers) {
        return request("GET", target, "", headers);
    }

    private static String request(String method, String target, String body, String... headers) {
        return method + " " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                + String.join("", java.util.stream.Stream.of(headers).map(line -> line + "\r\n").toList())
                + (String.join("", headers).contains("uthorization") ? "" : "Authorization: Bearer " + ANY + "\r\n")
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @ParameterizedTest
    @CsvSource({"text/event-stream, close", "text/event-stream, keep-alive", "application/json, close",
            "application/json, keep-alive"})
    void answerThatIsCutDoesNotLookWholeToACallerOfHttp10(String type, String connection) throws Exception {
        start((peer, number) -> {
            peer.readBody();
            peer.write(CHUNKED.formatted(type) + "100\r\n" + EVENT);
            peer.close();
        });
        assertThat(hear(chat("1.0", connection)).reset()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "keep-alive"})
    void answerWithoutALengthEndsTheConnectionOfACallerOfHttp10(String connection) throws Exception {
        String done = EVENT + "data: [DONE]\n\n";
        start((peer, number) -> {
            peer.readBody();
            peer.write(CHUNKED.formatted("text/event-stream") + Integer.toHexString(done.length()) + "\r\n" + done
                    + "\r\n0\r\n\r\n");
        });
        Heard heard = hear(chat("1.0", connection));
        assertThat(heard.reset()).isFalse();
        assertThat(heard.text()).startsWith("HTTP/1.0 200 ").endsWith("\r\n\r\n" + done).doesNotContain("keep-alive",
                "chunked");
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 102, 103, 104, 199})
    void whatComesBeforeAnAnswerIsNoAnswer(int status) throws Exception {
        start((peer, number) -> {
            peer.readBody();
            peer.write("HTTP/1.1 " + status + " Wait\r\nX-Interim: yes\r\n\r\n");
            peer.write("HTTP/1.1 " + status + " Wait\r\n\r\n");
            peer.answer(200, "{\"n\":" + number + "}");
        });
        for (int call = 1; call <= 2; call++) {
            assertThat(hear(get("/v1/files")).text()).startsWith("HTTP/1.1 200 ").endsWith("{\"n\":" + call + "}")
                    .doesNotContain("X-Interim");
        }
        assertThat(upstream().connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h/v1/files?a=b", "HTTP://other.example:80/v1/files?a=b", "/v1/files?a=b"})
    void absoluteTargetIsItsPath(String target) throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        start((peer, number) -> {
            seen.complete(peer.head());
            peer.answer(200, "{}");
        });
        assertThat(hear(get(target)).text()).startsWith("HTTP/1.1 200 ");
        assertThat(seen.join()).startsWith("GET /v1/files?a=b HTTP/1.1\r\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"GET /v1/files HTTP/1.1\\r\\n|400",
            "GET /v1/files HTTP/1.1\\r\\nHost: a\\r\\nHost: b\\r\\n|400",
            "GET /v1/files HTTP/1.1\\r\\nHost: a\\r\\nContent-Type: a/b\\r\\nContent-Type: c/d\\r\\n|400",
            "GET /v1/files HTTP/1.0\\r\\n|200"})
    void everyRequestNamesOneHostAndOneType(String head, int status) throws Exception {
        start((peer, number) -> peer.answer(200, "{}"));
        String text = hear(head.replace("\\r\\n", "\r\n") + "Connection: close\r\nAuthorization: Bearer " + ANY
                + "\r\n\r\n").text();
        assertThat(text).contains(" " + status + " ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"DELETE|/v1/models|GET, HEAD", "PUT|/v1/models/m|GET, HEAD, DELETE",
            "GET|/v1/embeddings|POST", "OPTIONS|/v1/files|GET, HEAD, POST, DELETE, PUT, PATCH"})
    void anotherMethodIsToldTheOnesThereAre(String method, String target, String allow) throws Exception {
        start((peer, number) -> peer.answer(200, "{}"));
        assertThat(hear(request(method, target, "")).text().toLowerCase(Locale.ROOT)).startsWith("http/1.1 405 ")
                .contains("\r\nallow: " + allow.toLowerCase(Locale.ROOT) + "\r\n");
    }

    @ParameterizedTest
    @CsvSource({"/v1/files, " + ANY, "/v1/models, " + ANY, "/v1/models, " + FEW, "/v1/models/gpt-4o, " + FEW})
    void headIsServedWhereGetIs(String target, String key) throws Exception {
        start((peer, number) -> peer
                .write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12345\r\n\r\n"));
        Heard heard = hear(request("HEAD", target, "", "Authorization: Bearer " + key));
        assertThat(heard.text()).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n").doesNotContain("content-length: 0",
                "chunked");
    }

    @Test
    void listOfModelsPassesAsItCameToOneThatMayUseAnyAndKeepsWhatIsUnknownForOthers() throws Exception {
        String list = "{ \"object\":\"list\", \"more\": 1.50, \"data\":[{\"id\":\"gpt-4o\",\"new\":{\"a\":1}} , {\"id\":\"o3\"}]}";
        start((peer, number) -> peer.answer(200, list));
        assertThat(hear(get("/v1/models")).text()).endsWith("\r\n\r\n" + list);
        String few = hear(get("/v1/models", "Authorization: Bearer " + FEW)).text();
        assertThat(new JsonObject(few.substring(few.indexOf("\r\n\r\n") + 4)))
                .isEqualTo(new JsonObject(
                        "{\"object\":\"list\",\"more\":1.5,\"data\":[{\"id\":\"gpt-4o\",\"new\":{\"a\":1}}]}"));
    }

    @Test
    void severalLinesOfAHeaderAreOneValue() throws Exception {
        start((peer, number) -> {
            peer.readBody();
            peer.answer(200, "{\"object\":\"list\",\"data\":[],\"n\":" + number + "}");
        });
        String body = "{\"model\":\"gpt-4o\",\"input\":\"x\"}";
        assertThat(hear(request("POST", "/v1/embeddings", body)).text()).contains("x-sluice-cache: MISS");
        assertThat(hear(request("POST", "/v1/embeddings", body, "OpenAI-Beta: a", "OpenAI-Beta: b")).text())
                .contains("x-sluice-cache: MISS");
        assertThat(hear(request("POST", "/v1/embeddings", body, "OpenAI-Beta: a, b")).text())
                .contains("x-sluice-cache: HIT");
        assertThat(hear(request("POST", "/v1/embeddings", body, "Cache-Control: max-age=60", "Cache-Control: no-cache"))
                .text()).doesNotContain("x-sluice-cache: HIT");
        assertThat(hear(request("POST", "/v1/embeddings", body, "Content-Encoding: identity", "Content-Encoding: gzip"))
                .text()).startsWith("HTTP/1.1 415 ").contains("unsupported_encoding");
        assertThat(upstream().runs() + upstream().whole()).isEqualTo(3);
    }

    @Test
    void errorOfTheUpstreamPassesWhateverTheCaseOfItsType() throws Exception {
        start((peer, number) -> {
            peer.readBody();
            peer.write(
                    "HTTP/1.1 422 No\r\nContent-Type: Application/JSON; Charset=UTF-8\r\ncontent-length: 11\r\n\r\n{\"own\":\"e\"}");
        });
        assertThat(hear(request("POST", "/v1/embeddings", "{\"model\":\"m\"}")).text()).startsWith("HTTP/1.1 422 ")
                .endsWith("{\"own\":\"e\"}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"/responses|{\"input\":\"x\"}",
            "/responses|{\"input\":\"x\",\"model\":null}",
            "/responses/input_tokens|{\"input\":\"x\"}", "/responses/compact|{\"model\":null}",
            "/threads/runs|{\"model\":null,\"assistant_id\":\"a\"}",
            "/images/generations|{\"prompt\":\"x\",\"background\":\"transparent\"}",
            "/images/generations|{\"prompt\":\"x\",\"model\":null}"})
    void modelMayBeLeftToTheUpstreamByOneThatMayUseAny(String path, String body) throws Exception {
        start((peer, number) -> {
            peer.readBody();
            peer.answer(200, "{}");
        });
        assertThat(hear(request("POST", "/v1" + path, body)).text()).startsWith("HTTP/1.1 200 ");
        assertThat(hear(request("POST", "/v1" + path, body, "Authorization: Bearer " + FEW)).text())
                .startsWith("HTTP/1.1 400 ").contains("only use certain models", "\"param\":\"model\"",
                        "\"code\":\"missing_required_parameter\"");
        assertThat(upstream().heads()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"/chat/completions", "/embeddings", "/completions"})
    void modelThatTheApiRequiresIsRequired(String path) throws Exception {
        start((peer, number) -> peer.answer(200, "{}"));
        for (String body : new String[]{"{}", "{\"model\":null}"}) {
            assertThat(hear(request("POST", "/v1" + path, body)).text()).startsWith("HTTP/1.1 400 ")
                    .contains("You must provide a model parameter", "\"code\":\"missing_required_parameter\"");
        }
    }
}
