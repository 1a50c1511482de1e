package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.cli.Export;
import sluice.tenancy.KeyDigest;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.CommandRun;
import sluice.testing.TestGateway;

/** The admin listener speaks TLS, and goes by the tokens of the configuration in effect. */
@Timeout(120)
class AdminListenerTest {
    private static final String TENANTS = "tenants: [{ name: bot, keys: [\"${BOT}\"] }]";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    @TempDir
    private Path folder = Path.of("");

    private int ask(String token) {
        return gateway.admin("/admin/v1/queue", "authorization", "Bearer " + token).statusCode();
    }

    private String tokens(String... names) {
        StringBuilder tokens = new StringBuilder("tokens: [");
        for (String name : names) {
            tokens.append("{ name: ").append(name).append(", role: viewer, sha256: \"")
                    .append(KeyDigest.of(gateway.key(name)).hex()).append("\" }, ");
        }
        return tokens.append("]").toString();
    }

    @Test
    void tokensComeAndGoWithTheFile() {
        gateway.administered(tokens("one")).start(TENANTS);
        assertThat(ask(gateway.key("one"))).isEqualTo(200);
        assertThat(ask(gateway.key("two"))).isEqualTo(401);

        gateway.administeredAnew(tokens("two")).reload(TENANTS).toCompletionStage().toCompletableFuture().join();
        assertThat(ask(gateway.key("one"))).isEqualTo(401);
        assertThat(ask(gateway.key("two"))).isEqualTo(200);
    }

    @Test
    void commandWithoutTheTokenSaysWhereItLooksForOne() throws IOException {
        gateway.start(TENANTS);
        Path wrong = Files.writeString(folder.resolve("token"), "of-another-gateway");
        CommandRun run = new CommandRun(new Export());

        assertThat(run.with("--url", String.valueOf(gateway.adminUrl()), "--token-file", wrong.toString()))
                .isEqualTo(1);
        assertThat(run.err()).contains(": 401 ", "SLUICE_ADMIN_TOKEN", "--token-file");
    }

    @Test
    void useOfTheBreakGlassTokenIsLogged() {
        gateway.administered("tokens: [{ name: emergency, role: operator, break-glass: true, sha256: \"%s\" }]"
                .formatted(KeyDigest.of(gateway.key("glass")).hex())).start(TENANTS);
        assertThat(ask(gateway.key("glass"))).isEqualTo(200);
        assertThat(gateway.log().lines()).anyMatch(
                line -> line.contains("break-glass token emergency used: GET /admin/v1/queue from 127.0.0.1"));
        Await.until("the audit knows it", () -> gateway
                .admin("/admin/v1/audit", "authorization", "Bearer " + gateway.key("ADMIN")).body()
                .contains(
                        "\"who\":\"emergency\",\"role\":\"operator\",\"from\":\"127.0.0.1\",\"action\":\"break-glass\""));
    }

    @Test
    void speaksTls() throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        gateway.administeredByTls(certificate).start(TENANTS);
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.adminUrl() + "/livez")).build();
        try (HttpClient trusting = HttpClient.newBuilder().sslContext(certificate.trusting()).build();
                HttpClient plain = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = trusting.send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThatThrownBy(() -> plain.send(request, BodyHandlers.ofString())).isInstanceOf(IOException.class);
            HttpRequest open = HttpRequest.newBuilder(
                    URI.create(gateway.adminUrl().replace("https", "http") + "/livez")).build();
            assertThatThrownBy(() -> plain.send(open, BodyHandlers.ofString())).isInstanceOf(IOException.class);
        }
    }
}
