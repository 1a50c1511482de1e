package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.openai.EndpointClass;
import sluice.testing.Await;
import sluice.testing.EchoUpstream.Received;
import sluice.testing.EchoUpstream;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Every route of the API: who may call it, and that it reaches the upstream as it was sent. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // line ends matter
class EndpointTableTest {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String ALL = "sk-sluice-of-the-tenant-with-all-classes";
    private static final String FORM = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"é.bin\"\r\n\r\n\u0000\r\n-- \u00ff\r\n--B--\r\n";
    private static final String JSON = "{ \"model\" : \"gpt-4o\",\n \"x\": [1.0, \"é\"], \"input\": \"\" }";

    private static final Vertx VERTX = Vertx.vertx();
    private static final EchoUpstream ECHO = EchoUpstream.start(VERTX);
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static Gateway gateway = start();

    /** A row of the API's own description. */
    record Row(String method, String path, String endpointClass, String body) {}

    static Stream<Row> rows() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/openai/routes.tsv")).stream()
                .filter(line -> !line.startsWith("#")).map(line -> line.split("\t", -1))
                .map(fields -> new Row(fields[0], fields[1], fields[2], fields[3]));
    }

    private static Gateway start() {
        String classes = names(Arrays.stream(EndpointClass.values()));
        String without = Arrays.stream(EndpointClass.values()).map(missing -> """
                  - { name: without-%s, rpm: 100000, cache: "off", keys: ["%s"], endpoints: [%s] }
                """.formatted(missing.key(), keyWithout(missing.key()),
                names(Arrays.stream(EndpointClass.values()).filter(each -> each != missing))))
                .collect(Collectors.joining());
        String yaml = """
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, shared-objects: true, keys: ["%s"] }]
                tenants:
                  - { name: all, rpm: 100000, cache: "off", keys: ["%s"], endpoints: [%s] }
                  - { name: star, rpm: 100000, keys: ["sk-sluice-of-the-tenant-with-the-star"], endpoints: ["*"] }
                  - { name: models, rpm: 100000, keys: ["sk-sluice-of-the-tenant-with-few-models"], models: ["gpt-4o"],
                      endpoints: [inference, stored-objects, files] }
                """.formatted(ECHO.port(), UPSTREAM_KEY, ALL, classes) + without;
        try {
            return Gateway.start(TestConfig.of(yaml), Time.system()).await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String names(Stream<EndpointClass> classes) {
        return classes.map(EndpointClass::key).collect(Collectors.joining(", "));
    }

    private static String keyWithout(String endpointClass) {
        return "sk-sluice-of-the-tenant-without-" + endpointClass;
    }

    @BeforeAll
    static void listening() {
        assertThat(gateway.port()).isPositive();
    }

    @AfterAll
    static void stop() {
        Await.until("open reservations", gateway::outstanding, 0);
        gateway.stop().await();
        CLIENT.close();
        VERTX.close().await();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isRefusedToThoseWithoutItsClassAndReachesTheUpstreamAsItWasSent(Row row) throws Exception {
        int before = ECHO.received().size();
        HttpResponse<String> refused = CLIENT.send(request(row, keyWithout(row.endpointClass())).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("\"code\":\"endpoint_not_allowed\"")
                .contains("'" + row.endpointClass() + "'");
        assertThat(ECHO.received()).hasSize(before);

        HttpResponse<String> answer = CLIENT.send(request(row, ALL).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Received received = ECHO.last();
        assertThat(received.method()).isEqualTo(row.method());
        assertThat(received.uri()).isEqualTo("/v1" + target(row));
        assertThat(received.body()).isEqualTo(Buffer.buffer(body(row)));
        assertThat(received.headers()).containsEntry("authorization", "Bearer " + UPSTREAM_KEY)
                .containsEntry("openai-beta", "assistants=v2").containsEntry("idempotency-key", once(row))
                .containsEntry("x-stainless-helper-method", "stream")
                .containsEntry("host", "127.0.0.1:" + ECHO.port()).doesNotContainKeys("cookie", "openai-organization");
        if (!row.body().equals("none")) {
            assertThat(received.headers()).containsEntry("content-type", contentType(row));
        }
    }

    @Test
    void headHasTheLengthAndNoBody() throws Exception {
        HttpResponse<String> answer = CLIENT
                .send(to("/v1/files/x", ALL).method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-length")).hasValue("27");
        assertThat(ECHO.last().method()).isEqualTo("HEAD");
    }

    @Test
    void newRouteReachesThoseWhoMayUseOthersAndIsNotThereForTheRest() throws Exception {
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofString("anything");
        assertThat(send(to("/v1/brand_new/thing?x", ALL).POST(body)).statusCode()).isEqualTo(200);
        assertThat(ECHO.last().uri()).isEqualTo("/v1/brand_new/thing?x");
        HttpResponse<String> refused = send(to("/v1/brand_new/thing?x", keyWithout("other")).POST(body));
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body()).contains("unknown_url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/organization/costs", "/v1/projects/p/api_keys", "/v1/realtime/client_secrets",
            "/v1/realtime/calls", "/v1/chatkit/sessions", "/v1/vaults", "/v1/vaults/v/credentials",
            "/v1/webhook_endpoints", "/v1/webhook_event_types", "/v1/safety/cases/c", "/v1/agents",
            "/v1/agents/sessions/s/events", "/v1/organization/external_keys"})
    void starGrantsNothingThatReachesBeyondTheGateway(String path) throws Exception {
        HttpResponse<String> refused = send(to(path, "sk-sluice-of-the-tenant-with-the-star").GET());
        assertThat(refused.statusCode()).isEqualTo(403);
    }

    /** None of these reaches a route, a model or an account that was not granted. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/v1/Organization/costs|404", "/v1/%6Frganization/costs|403",
            "/v1/files/../organization/costs|400", "/v1/files/%2e%2e/organization/costs|400",
            "/v1/files/..%2forganization|400", "/v1/files/%252e%252e/organization|400", "/v1//organization/costs|400",
            "/v1/organization//costs|400", "/v1/ORGANIZATION|404", "/v1/v1/organization|404",
            "/openai/organization|403",
            "/openai/v1/Organization|404", "/v1/organization%2Fcosts|404", "/v1/files\\..\\organization|400",
            "http://127.0.0.1/v1/organization/costs|403", "HTTPS://else/v1/organization/costs|403",
            "http://127.0.0.1|400",
            "*|400",
            "/v1/engines/x/..%2f..%2forganization|400", "/openai/deployments/x/organization|404"})
    void noSpellingOfAPathReachesWhatWasNotGranted(String target, int status) throws Exception {
        int before = ECHO.received().size();
        String answer = raw("GET " + target + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + keyWithout("admin")
                + "\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(ECHO.received()).hasSize(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{\"model\":\"gpt-4o\",\"model\":\"o3\"}|400",
            "{\"model\":\"o3\"}|403", "{\"mod\\u0065l\":\"o3\",\"model\":\"gpt-4o\"}|400", "{\"Model\":\"gpt-4o\"}|400",
            "{\"input\":\"x\"}|400", "{\"prompt\":{\"id\":\"p\"}}|400"})
    void noSpellingOfAModelIsRunThatWasNotGranted(String json, int status) throws Exception {
        int before = ECHO.received().size();
        HttpResponse<String> refused = send(to("/v1/responses", "sk-sluice-of-the-tenant-with-few-models")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
        assertThat(ECHO.received()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"o3", "gpt-4o\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\no3",
            "gpt-4o\r\n--B\r\nContent-Disposition: form-data; name=\"Model\"\r\n\r\no3",
            "gpt-4o\r\n--B\r\nContent-Disposition: form-data; name*=utf-8''model\r\n\r\no3",
            "gpt-4o\r\n--B\r\nContent-Disposition: form-data; name=\"x\"; name=\"model\"\r\n\r\no3",
            "gpt-4o\r\n--B\r\nContent-Disposition: form-data; name=\"x\\\"; name=\"model\"\r\n\r\no3",
            "gpt-4o\r\n--B \r\nContent-Disposition: form-data; name=\"model\"\r\n\r\no3",
            "gpt-4o\n--B\nContent-Disposition: form-data; name=\"model\"\n\no3",
            "gpt-4o\r\n--B\r\nContent-Disposition: form-data;\r\n name=\"model\"\r\n\r\no3",
            "gpt-4o\r\n--B--\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\no3"})
    void noSpellingOfAFormRunsAModelThatWasNotGranted(String value) throws Exception {
        String form = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + value + "\r\n--B--\r\n";
        for (String filling : List.of("", "x".repeat(400_000))) {
            String before = filling.isEmpty()
                    ? ""
                    : "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + filling + "\r\n";
            HttpResponse<String> refused = send(
                    to("/v1/audio/transcriptions", "sk-sluice-of-the-tenant-with-few-models")
                            .header("content-type", "multipart/form-data; boundary=B")
                            .POST(HttpRequest.BodyPublishers.ofString(before + form)));
            assertThat(refused.statusCode()).as(refused.body()).isIn(400, 403);
            assertThat(ECHO.received()).noneMatch(call -> call.body().toString().contains(value));
        }
    }

    @Test
    void modelBehindALargeFileIsFoundAndItsCallPasses() throws Exception {
        String form = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                + "y".repeat(3_000_000)
                + "\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o\r\n--B--\r\n";
        HttpResponse<String> answer = send(to("/v1/audio/transcriptions", "sk-sluice-of-the-tenant-with-few-models")
                .header("content-type", "multipart/form-data; boundary=B")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(ECHO.last().body().toString()).isEqualTo(form);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 600_000})
    void deploymentOfAzureBecomesTheModelOfAForm(int size) throws Exception {
        String file = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + "z".repeat(size);
        HttpResponse<String> answer = send(
                HttpRequest.newBuilder(uri("/openai/deployments/whisper-1/audio/transcriptions?api-version=2024-10-21"))
                        .header("api-key", ALL).header("content-type", "multipart/form-data; boundary=\"B\"")
                        .POST(HttpRequest.BodyPublishers.ofString(file + "\r\n--B--\r\n")));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Received received = ECHO.last();
        assertThat(received.uri()).isEqualTo("/v1/audio/transcriptions");
        assertThat(received.body().toString()).isEqualTo(file
                + "\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--B--\r\n");
    }

    /** What a proxy before the gateway could have framed otherwise is refused, and the connection is closed. */
    @Test
    void ambiguousFramingIsRefusedAndTheConnectionCloses() throws Exception {
        int before = ECHO.received().size();
        // At once, since the gateway reads for a while before it closes.
        Map<String, CompletableFuture<String>> answers = Stream.of(
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "Content-Length: 5, 6\r\n\r\nhello!",
                "X-Fold: one\r\n two\r\nContent-Length: 2\r\n\r\n{}",
                "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", "Content-Length: -1\r\n\r\n",
                "Content-Length : 2\r\n\r\n{}").collect(
                        Collectors.toMap(rest -> rest, rest -> begun(
                                "POST /v1/embeddings HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + ALL + "\r\n"
                                        + rest)));
        for (Map.Entry<String, CompletableFuture<String>> each : answers.entrySet()) {
            assertThat(each.getValue().get(20, TimeUnit.SECONDS)).as(each.getKey()).startsWith("HTTP/1.1 400 ")
                    .contains("invalid_http");
        }
        assertThat(ECHO.received()).hasSize(before);
    }

    @Test
    void oldClientsOfHttpAreServedAndContinueIsSaidWhenTheBodyIsWanted() throws Exception {
        assertThat(raw("GET /v1/files HTTP/1.0\r\nAuthorization: Bearer " + ALL + "\r\n\r\n"))
                .startsWith("HTTP/1.0 200 ")
                .endsWith("\"data\":[]}");
        String answer = raw("POST /v1/files HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + ALL
                + "\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        assertThat(answer).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ");
        assertThat(ECHO.last().body().toString()).isEqualTo("hi");
    }

    /** Sends bytes as they are, and reads until the gateway closes. */
    private static String raw(String request) throws Exception {
        return begun(request).get(20, TimeUnit.SECONDS);
    }

    private static CompletableFuture<String> begun(String request) {
        NetClient client = VERTX.createNetClient();
        CompletableFuture<String> all = new CompletableFuture<>();
        NetSocket socket = client.connect(gateway.port(), "127.0.0.1").await();
        Buffer read = Buffer.buffer();
        socket.handler(read::appendBuffer);
        socket.exceptionHandler(reset -> all.complete(read.toString()));
        socket.closeHandler(closed -> all.complete(read.toString()));
        socket.write(Buffer.buffer(request.getBytes(StandardCharsets.UTF_8)));
        return all;
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder to(String path, String key) {
        return HttpRequest.newBuilder(uri(path)).header("authorization", "Bearer " + key);
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.port() + path);
    }

    /** A key of its own for each request, since inference refuses one that came with another. */
    private static String once(Row row) {
        return row.method() + " " + target(row);
    }

    private static HttpRequest.Builder request(Row row, String key) {
        HttpRequest.Builder request = to("/v1" + target(row), key).header("cookie", "a=b")
                .header("openai-organization", "org-of-the-tenant").header("openai-beta", "assistants=v2")
                .header("x-stainless-helper-method", "stream").header("idempotency-key", once(row));
        if (!row.body().equals("none")) {
            request.header("content-type", contentType(row));
        }
        byte[] body = body(row);
        return request.method(row.method(), body.length == 0
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofByteArray(body));
    }

    private static String target(Row row) {
        String path = row.path().replace("{model}", "ft%3Agpt-4o%3Aa%2Fb").replaceAll("\\{[a-z_]+}", "id_%31");
        return path + (path.contains("?") ? "&" : "?") + "include%5B%5D=a%2Fb&x=%20+";
    }

    private static String contentType(Row row) {
        return switch (row.body()) {
            case "form" -> "multipart/form-data; boundary=B";
            case "sdp" -> "application/sdp";
            default -> "application/json";
        };
    }

    private static byte[] body(Row row) {
        return (switch (row.body()) {
            case "form" -> FORM;
            case "json", "sdp" -> JSON;
            default -> "";
        }).getBytes(StandardCharsets.UTF_8);
    }
}
