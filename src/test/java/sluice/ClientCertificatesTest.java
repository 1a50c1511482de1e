package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.identity.Subjects;
import sluice.testing.Authority;
import sluice.testing.Await;
import sluice.testing.Certificate;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Services that show a client certificate, to the gateway itself or to a trusted proxy in front of it. */
@Timeout(120)
class ClientCertificatesTest {
    private static final String INDEXER = "spiffe://cluster.local/ns/search/sa/indexer";
    private static final String TENANTS = """
            tenants:
              - { name: search, keys: ["${SEARCH}"], endpoints: [inference, realtime] }
              - { name: batch, keys: ["${BATCH}"] }
            """;
    private static final String RULES = TENANTS + """
            identity:
              certificates:
                - { san: "spiffe://cluster.local/ns/search/sa/*", tenant: search }
                - { san: "*.batch.internal", tenant: batch }
            """;

    @TempDir
    private static Path made = Path.of("");
    private static Certificate server;
    private static Authority company;
    private static Authority.Issued indexer;
    private static Authority.Issued job;
    private static Authority.Issued unmapped;
    private static Authority.Issued expired;
    private static Authority.Issued stranger;

    private final ManualTime clock = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private final List<HttpClient> clients = new ArrayList<>();
    @TempDir
    private Path folder = Path.of("");
    private int calls;

    @BeforeAll
    static void make() throws Exception {
        server = Certificate.selfSigned(Files.createDirectory(made.resolve("server")), "127.0.0.1");
        company = Authority.in(made.resolve("company"), "Company");
        indexer = company.issue("indexer", "uri:" + INDEXER);
        job = company.issue("job", "dns:Nightly.Batch.Internal");
        unmapped = company.issue("unmapped", "uri:spiffe://cluster.local/ns/other/sa/indexer,dns:a.b.batch.internal");
        expired = company.issue("expired", "uri:" + INDEXER, "-startdate", "-3d", "-validity", "2");
        stranger = Authority.in(made.resolve("elsewhere"), "Elsewhere").issue("stranger", "uri:" + INDEXER);
    }

    @AfterEach
    void close() {
        clients.forEach(HttpClient::shutdownNow);
    }

    private void start(String auth, String more) throws IOException {
        Path authorities = Files.copy(company.pem(), folder.resolve("clients.pem"));
        gateway.speakingTls(server, "client-ca: \"" + authorities + "\", client-auth: " + auth).start(more);
    }

    private HttpClient client(SSLContext tls, Version version) {
        HttpClient client = HttpClient.newBuilder().sslContext(tls).version(version).build();
        clients.add(client);
        return client;
    }

    private HttpClient client(Authority.Issued shown) throws Exception {
        return client(shown.shownTo(server), Version.HTTP_1_1);
    }

    private HttpRequest.Builder request(String... headers) {
        String body = new JsonObject("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
                .put("user", "u" + ++calls).encode();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gateway.baseUrl() + "/chat/completions"))
                .header("content-type", "application/json").POST(BodyPublishers.ofString(body));
        return headers.length == 0 ? request : request.headers(headers);
    }

    private HttpResponse<String> send(HttpClient client, String... headers) {
        try {
            return client.send(request(headers).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String message(HttpResponse<String> answer) {
        JsonObject error = new JsonObject(answer.body()).getJsonObject("error");
        assertThat(error.getString("code")).isEqualTo("invalid_api_key");
        return error.getString("message");
    }

    private String bearer(String keyName) {
        return "Bearer " + gateway.key(keyName);
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void certificateNamesItsTenant(Version version) throws Exception {
        if (version.name().equals("HTTP_3")) {
            return;
        }
        start("required", RULES);
        HttpClient client = client(indexer.shownTo(server), version);
        HttpResponse<String> answer = send(client);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(version);
        JsonObject line = gateway.log().calls(1).getFirst();
        assertThat(line.getString("tenant")).isEqualTo("search");
        assertThat(line.getString("subject")).isEqualTo(INDEXER);
        assertThat(line.getString("key_id")).isEqualTo(Subjects.id("certificate", INDEXER));
        assertThat(send(client, "authorization", "Bearer unused").statusCode()).as("SDKs must send some key")
                .isEqualTo(200);
        assertThat(send(client(job.shownTo(server), version)).statusCode()).isEqualTo(200);
        // Over HTTP/2, an answer from the cache is recorded before its stream is closed.
        assertThat(gateway.log().calls(3)).extracting(each -> each.getString("cache"))
                .containsExactly("MISS", "HIT", "MISS");
        assertThat(gateway.log().calls()).extracting(each -> each.getString("tenant"))
                .containsExactly("search", "search", "batch");
    }

    @Test
    void webSocketIsOpenedByCertificate() throws Exception {
        start("optional", RULES);
        WebSocket socket = client(indexer).newWebSocketBuilder()
                .buildAsync(URI.create(gateway.baseUrl().replace("https", "wss") + "/realtime?model=gpt-realtime"),
                        new WebSocket.Listener() {})
                .join();
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        assertThatThrownBy(() -> client(unmapped).newWebSocketBuilder()
                .buildAsync(URI.create(gateway.baseUrl().replace("https", "wss") + "/realtime?model=gpt-realtime"),
                        new WebSocket.Listener() {})
                .join())
                .isInstanceOf(CompletionException.class).hasCauseInstanceOf(WebSocketHandshakeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"optional", "required"})
    void certificateThatIsNotGoodOpensNoConnection(String auth) throws Exception {
        start(auth, RULES);
        assertThatThrownBy(() -> send(client(stranger))).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> send(client(expired))).isInstanceOf(UncheckedIOException.class);
        assertThat(send(client(indexer)).statusCode()).isEqualTo(200);
    }

    @Test
    void connectionWithoutCertificateIsRefusedOnlyWhereOneIsRequired() throws Exception {
        start("required", RULES);
        HttpClient bare = client(server.trusting(), Version.HTTP_1_1);
        assertThatThrownBy(() -> send(bare, "authorization", bearer("SEARCH")))
                .isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void keyWorksAsEverWhereCertificatesAreOptional() throws Exception {
        start("optional", RULES);
        HttpClient bare = client(server.trusting(), Version.HTTP_1_1);
        assertThat(send(bare, "authorization", bearer("SEARCH")).statusCode()).isEqualTo(200);
        assertThat(send(bare).statusCode()).isEqualTo(401);
        HttpClient other = client(unmapped);
        assertThat(send(other, "authorization", bearer("SEARCH")).statusCode()).isEqualTo(200);
        assertThat(message(send(other))).contains("belongs to no tenant");
        assertThat(message(send(other, "authorization", "Bearer unused"))).contains("Incorrect API key");
    }

    @Test
    void keyAndCertificateMustNameTheSameTenant() throws Exception {
        start("optional", RULES);
        HttpClient client = client(indexer);
        assertThat(send(client, "authorization", bearer("SEARCH")).statusCode()).isEqualTo(200);
        assertThat(gateway.log().calls(1).getFirst().getString("key_id"))
                .isNotEqualTo(Subjects.id("certificate", INDEXER));
        assertThat(gateway.log().calls(1).getFirst().getString("subject")).isEqualTo(INDEXER);
        assertThat(message(send(client, "authorization", bearer("BATCH")))).contains("different tenants");
        assertThat(message(send(client, "authorization", "Bearer unused", "x-sluice-key", gateway.key("BATCH"))))
                .contains("different tenants");
        assertThat(message(send(client, "x-sluice-key", "no key"))).contains("Incorrect API key");
    }

    @Test
    void tenantMayWantBoth() throws Exception {
        start("optional", RULES.replace("name: search", "name: search, identity: required"));
        HttpClient client = client(indexer);
        assertThat(send(client, "authorization", bearer("SEARCH")).statusCode()).isEqualTo(200);
        assertThat(message(send(client))).contains("must send its key too");
        assertThat(message(send(client(server.trusting(), Version.HTTP_1_1), "authorization", bearer("SEARCH"))))
                .contains("must prove its identity");
        assertThat(gateway.log().calls(3).getLast().getString("tenant")).isEqualTo("search");
    }

    @Test
    void subjectOfACertificateIsRevoked() throws Exception {
        start("optional", RULES);
        HttpClient client = client(indexer);
        assertThat(send(client).statusCode()).isEqualTo(200);
        String id = Subjects.id("certificate", INDEXER);
        JsonObject subject = new JsonObject().put("issuer", "certificate").put("subject", INDEXER);
        assertThat(admin("/admin/v1/subjects/revoke", subject))
                .isEqualTo(new JsonObject().put("key", id).put("revoked", true));
        assertThat(send(client).statusCode()).isEqualTo(401);
        assertThat(send(client, "authorization", bearer("SEARCH")).statusCode()).as("beside a key too").isEqualTo(401);
        admin("/admin/v1/keys/" + id + "/restore", new JsonObject());
        assertThat(send(client).statusCode()).isEqualTo(200);
    }

    private JsonObject admin(String path, JsonObject body) {
        return new JsonObject(gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + path))
                .header("content-type", "application/json").POST(BodyPublishers.ofString(body.encode()))).body());
    }

    private CompletableFuture<HttpResponse<String>> slowStream(HttpClient client) {
        HttpRequest request = request("x-simulator-chunks", "60", "x-simulator-chunk-interval-ms", "100")
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":"
                        + "[{\"role\":\"user\",\"content\":\"slowly\"}]}"))
                .build();
        CompletableFuture<HttpResponse<String>> stream = client.sendAsync(request, BodyHandlers.ofString());
        Await.until("streams under way", () -> gateway.metrics().contains("sluice_streams_active 1.0"));
        return stream;
    }

    /** Over HTTP/2 both go over one connection. */
    @Test
    void authorityThatIsRemovedEndsWhatBeginsNextAndNoStreamUnderWay() throws Exception {
        start("optional", RULES);
        HttpClient client = client(indexer.shownTo(server), Version.HTTP_2);
        CompletableFuture<HttpResponse<String>> stream = slowStream(client);
        Files.copy(server.pem(), folder.resolve("next"));
        Files.move(folder.resolve("next"), folder.resolve("clients.pem"), StandardCopyOption.ATOMIC_MOVE);
        Await.until("the authority is gone", () -> send(client).statusCode() == 401);
        assertThat(message(send(client, "authorization", bearer("SEARCH")))).contains("not trusted any more");
        assertThatThrownBy(() -> send(client(indexer))).isInstanceOf(UncheckedIOException.class);
        assertThat(stream.join().body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void ruleThatIsRemovedEndsWhatBeginsNextAndNoStreamUnderWay() throws Exception {
        start("optional", RULES);
        HttpClient client = client(indexer.shownTo(server), Version.HTTP_2);
        CompletableFuture<HttpResponse<String>> stream = slowStream(client);
        gateway.reload(TENANTS).toCompletionStage().toCompletableFuture().join();
        assertThat(message(send(client))).contains("belongs to no tenant");
        assertThat(stream.join().body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void certificateThatExpiresOnAnOpenConnectionIsNoLongerTaken() throws Exception {
        clock.advance(Duration.between(clock.time().now(), Instant.now()));
        gateway.at(clock);
        start("optional", RULES);
        HttpClient client = client(indexer);
        assertThat(send(client).statusCode()).isEqualTo(200);
        clock.advance(Duration.ofDays(91));
        assertThat(message(send(client))).contains("has expired");
    }

    private static String forwarded(String uri) {
        return "By=spiffe://cluster.local/ns/sluice/sa/sluice;Hash=0123;Subject=\"CN=x,O=\\\"y;\\\"\";URI=" + uri;
    }

    @Test
    void trustedProxyTellsTheCertificateOfItsClient() {
        gateway.listening("trusted-proxies: [127.0.0.0/8]").start(RULES);
        assertThat(plain(forwarded(INDEXER)).statusCode()).isEqualTo(200);
        JsonObject line = gateway.log().calls(1).getFirst();
        assertThat(line.getString("tenant")).isEqualTo("search");
        assertThat(line.getString("subject")).isEqualTo(INDEXER);
        assertThat(plain("Hash=1;URI=spiffe://cluster.local/ns/x/sa/y;DNS=x;DNS=one.batch.internal").statusCode())
                .isEqualTo(200);
        assertThat(gateway.log().calls(2).getLast().getString("subject")).isEqualTo("one.batch.internal");
        assertThat(gateway.upstream().lastRequests()).allMatch(
                request -> !request.headers().contains("x-forwarded-client-cert"));
    }

    /** What the proxy's client has sent itself stands before what the proxy has added. */
    @Test
    void lastElementCounts() {
        gateway.listening("trusted-proxies: [127.0.0.1]").start(RULES);
        assertThat(message(plain(forwarded(INDEXER) + "," + forwarded("spiffe://cluster.local/ns/x/sa/y"))))
                .contains("belongs to no tenant");
        HttpRequest.Builder twoLines = request("x-forwarded-client-cert", forwarded(INDEXER),
                "x-forwarded-client-cert", forwarded("spiffe://cluster.local/ns/x/sa/y"));
        assertThat(message(gateway.send(twoLines))).contains("belongs to no tenant");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "URI", "URI=a;", "URI=a,", ",URI=a", "URI=\"a", "URI=a\"b", "Name=a", "URI=\"a\"b",
            "URI=a URI=b", "URI=a;;DNS=b"})
    void malformedCertificateOfATrustedProxyIsRefused(String value) {
        gateway.listening("trusted-proxies: [127.0.0.1]").start(RULES);
        HttpResponse<String> answer = plain(value);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("invalid_header", "x-forwarded-client-cert");
    }

    @Test
    void nobodyElseTellsOfCertificates() {
        gateway.listening("trusted-proxies: [10.0.0.0/8]").start(RULES);
        assertThat(plain(forwarded(INDEXER)).statusCode()).isEqualTo(401);
        assertThat(plain("not even a certificate").statusCode()).isEqualTo(401);
        HttpRequest.Builder withKey = request("x-forwarded-client-cert", forwarded(INDEXER), "authorization",
                bearer("BATCH"));
        assertThat(gateway.send(withKey).statusCode()).isEqualTo(200);
        assertThat(gateway.log().calls(3).getLast().containsKey("subject")).isFalse();
        assertThat(gateway.upstream().lastRequests()).noneMatch(
                request -> request.headers().contains("x-forwarded-client-cert"));
    }

    /** The proxy's own certificate is not its client's, whatever it is mapped to. */
    @Test
    void certificateOfATrustedProxyNamesNobody() throws Exception {
        gateway.listening("trusted-proxies: [127.0.0.1]");
        start("optional", RULES);
        HttpClient proxy = client(indexer);
        assertThat(send(proxy).statusCode()).isEqualTo(401);
        assertThat(send(proxy, "x-forwarded-client-cert", "URI=" + INDEXER).statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> plain(String forwarded) {
        return gateway.send(request("x-forwarded-client-cert", forwarded));
    }
}
