package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluice.testing.TestGateway;

/** Bodies as a caller sees them judged: by what they name wherever it stands, and by the work that they would be. */
@Timeout(60)
class JudgedBodiesTest {
    @RegisterExtension
    private final TestGateway gateway = new TestGateway();

    @BeforeEach
    void start() {
        gateway.start("""
                tenants:
                  - name: bot
                    rpm: 1000
                    models: ["gpt-4o*"]
                    endpoints: [inference, files, stored-objects]
                    keys: ["${BOT}"]
                """);
    }

    private HttpResponse<String> post(String path, String body) {
        return gateway.send(gateway.request(path, gateway.key("BOT")).POST(BodyPublishers.ofString(body)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "/responses|{'model':'gpt-4o','tools':[{'type':'image_generation','model':'gpt-image-1'}]}|403|model_not_allowed",
            "/responses|{'tools':[{'type':'x','of':[{'model':'o3'}]}],'model':'gpt-4o','input':'x'}|403|model_not_allowed",
            "/chat/completions|{'model':'gpt-4o','fallbacks':['gpt-4o-mini','o3']}|403|model_not_allowed",
            "/chat/completions|{'model':'gpt-4o','moderation':{'model':'omni'}}|403|model_not_allowed",
            "/chat/completions|{'model':'gpt-4o','Model':'o3'}|400|duplicate_field",
            "/chat/completions|{'model':'gpt-4o','MAX_TOKENS':1}|400|duplicate_field"})
    void whatIsJudgedIsJudgedEverywhere(String path, String body, int status, String code) {
        HttpResponse<String> answer = post(path, body.replace('\'', '"'));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(new JsonObject(answer.body()).getJsonObject("error").getString("code")).isEqualTo(code);
        assertThat(gateway.upstream().accepted("main")).isZero();
    }

    @Test
    void bodyOfMillionsOfFieldsIsRefusedAndOneOfManyMegabytesIsServed() {
        String fields = IntStream.range(0, 400_000).mapToObj(i -> "\"" + i + "\":0").collect(Collectors.joining(","));
        HttpResponse<String> refused = post("/chat/completions", "{\"model\":\"gpt-4o\",\"x\":{" + fields + "}}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("json_too_complex");

        String prompt = "{\"model\":\"gpt-4o\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\""
                + "word ".repeat(1 << 20) + "\"}]}";
        assertThat(post("/chat/completions", prompt).headers().firstValue("x-sluice-cache")).hasValue("MISS");
        assertThat(post("/chat/completions", " " + prompt).headers().firstValue("x-sluice-cache")).hasValue("HIT");
    }

    @ParameterizedTest
    @CsvSource({"/chat/completions, body", "/responses, body", "/models/, path", "/engines/, path"})
    void endlessNameOfAModelIsRefusedAndStandsNowhere(String path, String where) {
        String name = "m".repeat(where.equals("path") ? 20_000 : 8 << 20);
        HttpResponse<String> answer = where.equals("path")
                ? post(path + name + "/completions", "{}")
                : post(path, "{\"model\":\"" + name + "\"}");
        assertThat(answer.statusCode()).isIn(400, 404, 405);
        assertThat(gateway.log().lines()).allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= 8 << 10);
        assertThat(gateway.metrics()).doesNotContain("mmmm");
    }

    /** A page in a browser reaches loopback too, by a name of its own. */
    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"127.0.0.1, -, 200", "localhost, -, 200", "LOCALHOST, -, 200",
            "[::1], -, 200", "localhost, http://localhost:PORT, 200", "evil.example, -, 403",
            "localhost.evil.example, -, 403", "127.0.0.1, http://evil.example, 403", "127.0.0.1, null, 403",
            "127.0.0.1, http://localhost:PORT, 403", "localhost, https://localhost:PORT, 403"})
    void adminWithoutATokenIsForThisMachineOnly(String host, String origin, int status) throws Exception {
        int port = URI.create(gateway.adminUrl()).getPort();
        String request = "GET /admin/v1/queue HTTP/1.1\r\nConnection: close\r\nHost: " + host + ":" + port + "\r\n"
                + (origin == null ? "" : "Origin: " + origin.replace("PORT", port + "") + "\r\n") + "\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 " + status);
            if (status == 403) {
                assertThat(answer).contains("_not_allowed", "admin.token");
            }
        }
    }
}
