package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.config.ConfigReader;
import sluice.testing.Authority;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.RawSocket;
import sluice.testing.TestGateway;

/**
 * Accounts of one pool that are reached in different ways: one at a host that asks for a client certificate, as
 * mtls.api.openai.com does, and one at a host that wants its key as Azure does.
 */
@Timeout(120)
class UpstreamIdentityTest {
    private static final String TENANTS = """
            tenants:
              - { name: one, keys: ["${ONE}"], rpm: 10000, endpoints: [inference, realtime] }
              - { name: two, keys: ["${TWO}"], rpm: 10000 }
            """;
    private static final String ANSWER = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"gpt-4o\",\"choices\":"
            + "[{\"index\":0,\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"hi\"}}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";
    private static final String NO_QUOTA = "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\","
            + "\"code\":\"rate_limit_exceeded\"}}";

    @TempDir
    private static Path made = Path.of("");
    private static Authority company;
    private static Authority.Issued server;
    private static Authority.Issued first;
    private static Authority.Issued second;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final Vertx vertx = Vertx.vertx();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final Set<String> exhausted = new HashSet<>();
    @TempDir
    private Path folder = Path.of("");
    private int mtls;
    private int azure;
    private int calls;

    /** A call as one of the hosts sees it; the certificate is the common name in it. */
    private record Seen(String host, String uri, @Nullable String authorization, @Nullable String apiKey,
            String certificate, @Nullable String tenant) {}

    @BeforeAll
    static void make() throws Exception {
        company = Authority.in(made, "Company");
        server = company.issue("server", "ip:127.0.0.1");
        first = company.issue("first", "dns:gateway.internal");
        second = company.issue("second", "dns:gateway.internal");
    }

    @BeforeEach
    void listen() throws Exception {
        HttpServerOptions tls = new HttpServerOptions().setSsl(true).setUseAlpn(true)
                .setKeyCertOptions(new PemKeyCertOptions().setCertPath(server.pem().toString())
                        .setKeyPath(server.key().toString()))
                .setClientAuth(ClientAuth.REQUIRED)
                .setTrustOptions(new PemTrustOptions().addCertPath(company.pem().toString()));
        mtls = vertx.createHttpServer(tls).requestHandler(request -> serve("mtls", request)).listen(0, "127.0.0.1")
                .await().actualPort();
        azure = vertx.createHttpServer().requestHandler(request -> serve("azure", request)).listen(0, "127.0.0.1")
                .await().actualPort();
        place(first);
    }

    private void serve(String host, HttpServerRequest request) {
        seen.add(new Seen(host, request.uri(), request.getHeader("authorization"), request.getHeader("api-key"),
                shown(request), request.getHeader("x-tenant")));
        if ("websocket".equals(request.getHeader("upgrade"))) {
            request.toWebSocket();
            return;
        }
        request.end().onSuccess(read -> request.response().setStatusCode(exhausted.contains(host) ? 429 : 200)
                .putHeader("content-type", "application/json").end(exhausted.contains(host) ? NO_QUOTA : ANSWER));
    }

    private static String shown(HttpServerRequest request) {
        try {
            return request.isSSL()
                    ? ((X509Certificate) request.connection().peerCertificates().getFirst()).getSubjectX500Principal()
                            .getName()
                    : "";
        } catch (SSLPeerUnverifiedException e) {
            return "none";
        }
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void place(Authority.Issued certificate) throws Exception {
        replace(folder.resolve("client.crt"), certificate.pem());
        replace(folder.resolve("client.key"), certificate.key());
    }

    private void replace(Path file, Path content) throws Exception {
        Files.move(Files.copy(content, folder.resolve("next")), file, StandardCopyOption.REPLACE_EXISTING);
    }

    private String accounts(String limits, boolean http2) {
        return """
                ca-file: "%s"
                http2: %s
                accounts:
                  - name: mtls
                    base-url: "https://127.0.0.1:%d/v1"
                    tls: { certificate: "%s", key: "%s" }
                    keys: [sk-mtls]
                    %s
                  - name: azure
                    base-url: "http://127.0.0.1:%d/openai/v1"
                    key-header: api-key
                    keys: [azure-key]
                    %s
                """.formatted(company.pem(), http2, mtls, folder.resolve("client.crt"), folder.resolve("client.key"),
                limits, azure, limits);
    }

    private HttpRequest.Builder request(String keyName) {
        JsonObject body = new JsonObject().put("model", "gpt-4o").put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "question " + ++calls)));
        return gateway.request("/chat/completions", gateway.key(keyName)).header("x-tenant", keyName)
                .POST(BodyPublishers.ofString(body.encode()));
    }

    private int call(String keyName) {
        return gateway.send(request(keyName)).statusCode();
    }

    private void reload() {
        gateway.reload(TENANTS).toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachHostSeesWhatItWants(boolean http2) {
        gateway.upstream(accounts("rpm: 100000\n    strict: false", http2)).start(TENANTS
                .replace("name: one,", "name: one, accounts: [mtls],")
                .replace("name: two,", "name: two, accounts: [azure],"));
        assertThat(call("ONE")).isEqualTo(200);
        assertThat(call("TWO")).isEqualTo(200);
        assertThat(new HashSet<>(seen)).containsExactlyInAnyOrder(
                new Seen("mtls", "/v1/chat/completions", "Bearer sk-mtls", null, "CN=first", "ONE"),
                new Seen("azure", "/openai/v1/chat/completions", null, "azure-key", "", "TWO"));
    }

    private Set<String> hosts() {
        Set<String> hosts = new LinkedHashSet<>();
        seen.forEach(each -> hosts.add(each.host()));
        return hosts;
    }

    @Test
    void webSocketShowsTheCertificateToo() throws Exception {
        gateway.upstream(accounts("rpm: 100000\n    strict: false", true))
                .start(TENANTS.replace("name: one,", "name: one, accounts: [mtls],"));
        try (RawSocket socket = RawSocket.open(gateway.baseUrl(), "/realtime?model=m",
                "Authorization: Bearer " + gateway.key("ONE"))) {
            assertThat(socket.status()).isEqualTo(101);
            assertThat(seen.getLast().certificate()).isEqualTo("CN=first");
        }
    }

    @Test
    void renewedCertificateIsShownFromTheNextReloadOn() throws Exception {
        gateway.upstream(accounts("rpm: 100000\n    strict: false", true))
                .start(TENANTS.replace("name: one,", "name: one, accounts: [mtls],"));
        assertThat(call("ONE")).isEqualTo(200);
        place(second);
        gateway.reload(TENANTS.replace("name: one,", "name: one, accounts: [mtls],")).toCompletionStage()
                .toCompletableFuture().join();
        assertThat(call("ONE")).isEqualTo(200);
        assertThat(seen).extracting(Seen::certificate).containsExactly("CN=first", "CN=second");
    }

    @Test
    void endOfACertificateIsAnnouncedUntilItIsRenewed() throws Exception {
        ManualTime clock = new ManualTime();
        gateway.at(clock).upstream(accounts("rpm: 100000\n    strict: false", true)).start(TENANTS);
        assertThat(ends()).containsExactly(endOf(first));
        assertThat(gateway.troubles("")).isEmpty();
        clock.advance(Duration.between(ManualTime.START, endOf(first).minus(Duration.ofDays(13))));
        String told = "certificate of account mtls expires at " + endOf(first) + "; renew it";
        Await.until("a warning", () -> gateway.log().lines().contains(told));
        assertThat(gateway.troubles("")).singleElement().satisfies(trouble -> {
            assertThat(trouble.getString("what")).isEqualTo("account_certificate_near_expiry");
            assertThat(trouble.getString("text")).isEqualTo(told);
        });
        clock.advance(Duration.ofDays(13));
        Await.until("an error", () -> gateway.log().lines().contains("certificate of account mtls expired at "
                + endOf(first) + ": its host refuses it; put a valid one into its place"));

        Authority.Issued renewed = company.issue("renewed", "dns:gateway.internal", "-validity", "300");
        place(renewed);
        reload();
        assertThat(ends()).containsExactly(endOf(renewed));
        assertThat(gateway.troubles("")).isEmpty();
        assertThat(gateway.log().lines()).containsOnlyOnce(told);
    }

    private static Instant endOf(Authority.Issued certificate) {
        try {
            KeyStore store = certificate.store();
            return ((X509Certificate) store.getCertificate(store.aliases().nextElement())).getNotAfter().toInstant();
        } catch (KeyStoreException e) {
            throw new AssertionError(e);
        }
    }

    private List<Instant> ends() {
        String metric = "sluice_account_certificate_not_after_timestamp_seconds{account=\"mtls\"} ";
        return gateway.metrics().lines().filter(line -> line.startsWith(metric.substring(0, metric.indexOf('{'))))
                .peek(line -> assertThat(line).startsWith(metric))
                .map(line -> Instant.ofEpochSecond((long) Double.parseDouble(line.substring(metric.length()))))
                .toList();
    }

    @Test
    void filesOfTheCertificateAreWatched() throws Exception {
        Path file = Files.writeString(folder.resolve("sluice.yaml"), "upstream:\n"
                + accounts("rpm: 100000\n    strict: false", true).indent(2) + "ledger: { url: \"sqlite:x.db\" }\n");
        List<Path> read = new ArrayList<>();
        ConfigReader.read(file, name -> null, read::add);
        assertThat(read).contains(folder.resolve("client.crt"), folder.resolve("client.key"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mtls", "azure"})
    void accountWithoutQuotaLeavesItsCallsToTheOther(String poor) {
        exhausted.add(poor);
        gateway.upstream(accounts("rpm: 100000\n    strict: false", true)).start(TENANTS);
        for (int i = 0; i < 20; i++) {
            assertThat(call("ONE")).isEqualTo(200);
        }
        assertThat(seen.stream().filter(each -> !each.host().equals(poor))).hasSize(20);
        assertThat(seen.stream().filter(each -> each.host().equals(poor))).hasSizeLessThanOrEqualTo(2);
        exhausted.clear();
        reload();
    }

    @Test
    void hostThatTakesNoConnectionLeavesItsCallsToTheOther() throws Exception {
        Files.copy(folder.resolve("client.crt"), folder.resolve("old.crt"));
        gateway.upstream(accounts("rpm: 100000\n    strict: false", true).replace("https://127.0.0.1:" + mtls,
                "https://127.0.0.1:1")).start(TENANTS);
        for (int i = 0; i < 10; i++) {
            assertThat(call("ONE")).isEqualTo(200);
        }
        assertThat(hosts()).containsExactly("azure");
    }

    /** Two tenants with as many calls each, of which one came first: from when both wait, they take turns at both hosts. */
    @Test
    void tenantsTakeTurnsOverBoth() {
        gateway.upstream(accounts("rpm: 300\n    burst: 1\n    strict: false", true)).start(TENANTS);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (String tenant : List.of("ONE", "TWO")) {
            for (int i = 0; i < 10; i++) {
                answers.add(gateway.sendAsync(request(tenant)));
            }
        }
        answers.forEach(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
        Await.until("calls seen", seen::size, 20);
        assertThat(seen.stream().filter(each -> each.host().equals("azure")).count()).isBetween(7L, 13L);
        int ahead = 0;
        for (Seen each : seen) {
            ahead += "ONE".equals(each.tenant()) ? 1 : -1;
            assertThat(ahead).isBetween(-4, 6);
        }
    }
}
