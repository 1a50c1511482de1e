package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.testing.TestConfig;
import sluice.testing.TestGateway;
import sluice.time.Time;

/** What those meet who come for the first time: the root of the service port, and a port that is taken. */
@Timeout(60)
class FrontDoorTest {
    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private HttpResponse<String> root(String method) {
        gateway.start("""
                tenants: [{ name: bot, rpm: 100, keys: ["${BOT}"] }]
                """);
        URI base = gateway.request("/models", "none").build().uri();
        return gateway.send(HttpRequest.newBuilder(base.resolve("/")).method(method, BodyPublishers.noBody()));
    }

    @Test
    void rootSaysWhatThisIsAndWhereTheBaseUrlEnds() {
        HttpResponse<String> answer = root("GET");

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonObject body = new JsonObject(answer.body());
        assertThat(body.getString("name")).isEqualTo("Sluice");
        assertThat(body.getString("base_path")).isEqualTo("/v1");
        assertThat(answer.headers().firstValue("x-sluice-request-id")).isPresent();
        assertThat(gateway.upstream().lastRequests()).isEmpty();
    }

    @Test
    void headOfTheRootHasNoBody() {
        HttpResponse<String> answer = root("HEAD");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void anythingElseAtTheRootIsAMistake() {
        assertThat(root("DELETE").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "admin"})
    void portThatIsTakenIsNamed(String section) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String other = section.equals("listen") ? "admin" : "listen";
            String config = """
                    %s: { host: 127.0.0.1, port: %d }
                    %s: { host: 127.0.0.1, port: 0 }
                    upstream: { accounts: [{ name: main, keys: ["sk-upstream-0123456789"] }] }
                    """.formatted(section, taken.getLocalPort(), other);

            assertThatThrownBy(() -> Gateway.start(TestConfig.of(config), Time.system()).await())
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort(), section + ".port", "another process");
        }
    }
}
