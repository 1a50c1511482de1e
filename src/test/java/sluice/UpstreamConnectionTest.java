package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.testing.Await;
import sluice.testing.CapturedLog;
import sluice.testing.Certificate;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** How the gateway deals with the connections to the upstream themselves. */
@Timeout(60)
class UpstreamConnectionTest {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String TENANT_KEY = "sk-sluice-0123456789abcdef0123";
    private static final String ANSWER = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

    @TempDir
    private Path directory = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    /** Kept: Vert.x closes a client, and its connections, when nobody holds it any more. */
    private final NetClient netClient = vertx.createNetClient();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<NetSocket> connections = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();

    @AfterEach
    void close() {
        client.close();
        vertx.close().await();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nstolen", "HTTP/1.1 2", "{}", "\r\n\r\nx"})
    void connectionOnWhichTheUpstreamSaysMoreThanItWasAskedIsNotUsedAgain(String more) throws Exception {
        Gateway gateway = before(scripted((socket, number) -> socket.write(ANSWER + (number == 1 ? more : ""))));

        assertThat(call(gateway, "first").body()).isEqualTo("{}");
        assertThat(call(gateway, "second").body()).isEqualTo("{}");

        assertThat(connections).hasSize(2);
        assertThat(requests).hasValue(2);
        stop(gateway);
    }

    @Test
    void connectionOnWhichTheUpstreamSpeaksWhileItIsIdleIsClosed() throws Exception {
        Gateway gateway = before(scripted((socket, number) -> socket.write(ANSWER)));
        assertThat(call(gateway, "first").statusCode()).isEqualTo(200);
        AtomicInteger closed = new AtomicInteger();
        connections.getFirst().closeHandler(over -> closed.incrementAndGet());

        connections.getFirst().write("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n");

        Await.until("closed", closed::get, 1);
        assertThat(call(gateway, "second").statusCode()).isEqualTo(200);
        stop(gateway);
    }

    @Test
    void keptConnectionWithoutACallIsClosed() throws Exception {
        NetServer upstream = scripted((socket, number) -> socket.write(ANSWER));
        Gateway gateway = gateway("http://127.0.0.1:" + upstream.actualPort() + "/v1", "idle: 1s");
        assertThat(call(gateway, "first").statusCode()).isEqualTo(200);
        AtomicInteger closed = new AtomicInteger();
        connections.getFirst().closeHandler(over -> closed.incrementAndGet());

        Await.until("closed", closed::get, 1);
        stop(gateway);
    }

    @Test
    void newConnectionThatDiesWithoutAnAnswerIsNotTriedAgain() throws Exception {
        Gateway gateway = before(scripted((socket, number) -> socket.close()));

        HttpResponse<String> answer = call(gateway, "only");

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("\"code\":\"upstream_error\"");
        assertThat(requests).hasValue(1);
        stop(gateway);
    }

    /** A body of many writes, to an upstream that takes it slowly. */
    @ParameterizedTest
    @ValueSource(ints = {1, 65_536, 65_537, 5_000_000})
    void bodyOfAnyLengthArrivesAsItWasSent(int length) throws Exception {
        CompletableFuture<Buffer> arrived = new CompletableFuture<>();
        HttpServer upstream = vertx.createHttpServer().requestHandler(request -> {
            Buffer body = Buffer.buffer();
            request.handler(piece -> {
                body.appendBuffer(piece);
                request.pause();
                vertx.runOnContext(later -> request.resume());
            });
            request.endHandler(end -> {
                arrived.complete(body);
                request.response().putHeader("content-type", "application/json").end("{}");
            });
        }).listen(0, "127.0.0.1").await();
        Gateway gateway = gateway("http://127.0.0.1:" + upstream.actualPort() + "/v1", "");
        String prompt = "prompt ".repeat(length / 7 + 1).substring(0, length);

        assertThat(call(gateway, prompt).statusCode()).isEqualTo(200);

        assertThat(arrived.get(20, TimeUnit.SECONDS).toString()).contains("\"" + prompt + "\"");
        stop(gateway);
    }

    @Test
    void connectionsAreKeptAndUsedAgain() throws Exception {
        Gateway gateway = before(scripted((socket, number) -> socket.write(ANSWER)));

        for (int i = 0; i < 10; i++) {
            assertThat(call(gateway, "call " + i).statusCode()).isEqualTo(200);
        }

        assertThat(connections).hasSizeLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
        stop(gateway);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void certificateOfTheUpstreamIsVerifiedAgainstTheCompanysOwnAuthority(boolean http2) throws Exception {
        String protocol = "\n  http2: " + http2;
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        Simulator simulator = simulator(certificate);
        String base = "https://127.0.0.1:" + simulator.port() + "/v1";

        Gateway trusting = gateway(base, "ca-file: " + certificate.pem() + protocol);
        assertThat(call(trusting, "trusted").statusCode()).isEqualTo(200);
        stop(trusting);

        Gateway strict = gateway(base, protocol.strip());
        refusesCertificate(strict);
        stop(strict);

        Certificate another = Certificate.selfSigned(Files.createDirectory(directory.resolve("another")), "127.0.0.2");
        Simulator elsewhere = simulator(another);
        Gateway misled = gateway("https://127.0.0.1:" + elsewhere.port() + "/v1",
                "ca-file: " + another.pem() + protocol);
        refusesCertificate(misled);
        stop(misled);
        elsewhere.close().await();
        assertThat(simulator.statistics().requests()).isEqualTo(1);
        simulator.close().await();
    }

    private void refusesCertificate(Gateway gateway) throws Exception {
        HttpResponse<String> refused = call(gateway, "not trusted");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("\"code\":\"upstream_unavailable\"");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void streamsPassAndAreCutOverHttp2AsOverHttp1(boolean http2) throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        Simulator simulator = simulator(certificate);
        Gateway gateway = gateway("https://127.0.0.1:" + simulator.port() + "/v1",
                "ca-file: " + certificate.pem() + "\n  http2: " + http2);

        assertThat(client.send(stream(gateway, "whole").build(), HttpResponse.BodyHandlers.ofString()).body())
                .endsWith("data: [DONE]\n\n");

        HttpRequest cut = stream(gateway, "cut").header("x-simulator-cut-after", "3").build();
        StringBuilder received = new StringBuilder();
        assertThatThrownBy(() -> client.send(cut, HttpResponse.BodyHandlers.ofByteArrayConsumer(
                piece -> piece.ifPresent(bytes -> received.append(new String(bytes, StandardCharsets.UTF_8))))))
                .isInstanceOf(IOException.class);
        assertThat(received.toString()).contains("\"code\":\"upstream_error\"").doesNotContain("[DONE]");
        stop(gateway);
        simulator.close().await();
    }

    @ParameterizedTest
    @ValueSource(ints = {102, 104, 199})
    void whatComesBeforeAnAnswerOverHttp2IsNoAnswer(int status) throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        HttpServer server = vertx.createHttpServer(new HttpServerOptions().setSsl(true).setUseAlpn(true)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2)).setKeyCertOptions(new PemKeyCertOptions()
                        .setCertPath(certificate.pem().toString()).setKeyPath(certificate.key().toString())))
                .requestHandler(request -> request.body().onSuccess(body -> {
                    writeInterim(request, status);
                    writeInterim(request, status);
                    request.response().putHeader("content-type", "application/json").end("{}");
                })).listen(0, "127.0.0.1").await();
        Gateway gateway = gateway("https://127.0.0.1:" + server.actualPort() + "/v1",
                "ca-file: " + certificate.pem());

        HttpResponse<String> answer = call(gateway, "first");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
        assertThat(answer.headers().firstValue("x-interim")).isEmpty();
        assertThat(call(gateway, "second").statusCode()).isEqualTo(200);
        stop(gateway);
    }

    private static void writeInterim(HttpServerRequest request, int status) {
        ChannelPipeline pipeline = ((ConnectionBase) request.connection()).channel().pipeline();
        Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
        Http2Headers headers = new DefaultHttp2Headers().status(Integer.toString(status)).set("x-interim", "yes");
        var _ = http2.encoder().writeHeaders(pipeline.context(http2), Math.toIntExact(request.response().streamId()),
                headers,
                0, false,
                pipeline.newPromise());
    }

    @Test
    void certificateForAnotherHostIsRefused() throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.9");
        Simulator simulator = simulator(certificate);

        Gateway gateway = gateway("https://127.0.0.1:" + simulator.port() + "/v1", "ca-file: " + certificate.pem());

        assertThat(call(gateway, "anything").statusCode()).isEqualTo(503);
        assertThat(simulator.statistics().requests()).isZero();
        stop(gateway);
        simulator.close().await();
    }

    @Test
    void egressProxyIsAskedToConnectWithItsOwnLogin() throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        Simulator simulator = simulator(certificate);
        List<String> heads = new CopyOnWriteArrayList<>();
        NetServer proxy = connectProxy(simulator.port(), heads);

        Gateway gateway = gateway("https://127.0.0.1:" + simulator.port() + "/v1", """
                ca-file: %s
                  proxy: { url: 'http://127.0.0.1:%d', user: me, password: 'secret-of-the-proxy' }
                """.formatted(certificate.pem(), proxy.actualPort()));

        assertThat(call(gateway, "through the proxy").statusCode()).isEqualTo(200);
        assertThat(heads).singleElement().satisfies(head -> assertThat(head)
                .startsWith("CONNECT 127.0.0.1:" + simulator.port()).containsIgnoringCase("proxy-authorization: Basic ")
                .doesNotContain(UPSTREAM_KEY));
        stop(gateway);
        simulator.close().await();
    }

    @Test
    void listenerSpeaksTlsAndHttp2() throws Exception {
        Certificate certificate = Certificate.selfSigned(directory, "127.0.0.1");
        NetServer upstream = scripted((socket, number) -> socket.write(ANSWER));
        Gateway gateway = gateway("http://127.0.0.1:" + upstream.actualPort() + "/v1", "",
                "tls: { certificate: %s, key: %s }".formatted(certificate.pem(), certificate.key()));
        try (HttpClient overTls = HttpClient.newBuilder().sslContext(certificate.trusting()).build()) {
            HttpResponse<String> answer = overTls.send(request(gateway, "https", "hello"),
                    HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
        stop(gateway);
    }

    @Test
    void renewedCertificateIsShownToNewConnectionsAndBadOneIsNot() throws Exception {
        Certificate first = Certificate.selfSigned(directory, "127.0.0.1");
        NetServer upstream = scripted((socket, number) -> socket.write(ANSWER));
        Gateway gateway = gateway("http://127.0.0.1:" + upstream.actualPort() + "/v1", "",
                "tls: { certificate: %s, key: %s }".formatted(first.pem(), first.key()));
        assertThat(reaches(gateway, first)).isTrue();

        Certificate second = Certificate.selfSigned(Files.createDirectory(directory.resolve("second")), "127.0.0.1");
        Files.copy(second.pem(), first.pem(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
        Await.until("new certificate", () -> reaches(gateway, second) ? 1 : 0, 1);

        Files.writeString(first.pem(), "no certificate");
        try (CapturedLog log = CapturedLog.open()) {
            Await.until("complaint", () -> log.lines().stream()
                    .anyMatch(line -> line.contains("is unusable")) ? 1 : 0, 1);
        }
        assertThat(reaches(gateway, second)).isTrue();
        stop(gateway);
    }

    private static boolean reaches(Gateway gateway, Certificate trusted) {
        try (HttpClient client = HttpClient.newBuilder().sslContext(trusted.trusting()).build()) {
            return client.send(request(gateway, "https", "hello"), HttpResponse.BodyHandlers.ofString())
                    .statusCode() == 200;
        } catch (SSLException untrusted) {
            return false;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** An upstream that treats each request, counted from 1, as scripted. */
    private NetServer scripted(BiConsumer<NetSocket, Integer> script) {
        return vertx.createNetServer().connectHandler(socket -> {
            connections.add(socket);
            StringBuilder received = new StringBuilder();
            socket.handler(piece -> {
                received.append(piece);
                if (received.toString().endsWith("}]}")) {
                    received.setLength(0);
                    script.accept(socket, requests.incrementAndGet());
                }
            });
        }).listen(0, "127.0.0.1").await();
    }

    /** A proxy that takes CONNECT to the port, notes the heads, and passes on what follows. */
    private NetServer connectProxy(int port, List<String> heads) {
        return vertx.createNetServer().connectHandler(socket -> socket.handler(head -> {
            heads.add(head.toString());
            socket.pause();
            netClient.connect(port, "127.0.0.1").onFailure(away -> socket.close()).onSuccess(target -> {
                socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
                socket.handler(target::write);
                target.handler(socket::write);
                socket.resume();
            });
        })).listen(0, "127.0.0.1").await();
    }

    private Simulator simulator(Certificate certificate) {
        return Simulator.start(vertx, Simulator.Settings.defaults()
                .withAccounts(SimulatedAccount.unlimited("main", UPSTREAM_KEY))
                .withCertificate(certificate.pem(), certificate.key()), Time.system()).await();
    }

    private Gateway before(NetServer upstream) throws Exception {
        return gateway("http://127.0.0.1:" + upstream.actualPort() + "/v1", "");
    }

    private Gateway gateway(String base, String more) throws Exception {
        return gateway(base, more, "");
    }

    private Gateway gateway(String base, String more, String listen) throws Exception {
        return Gateway.start(TestConfig.of("""
                listen:
                  host: 127.0.0.1
                  port: 0
                  %s
                admin: { port: 0 }
                upstream:
                  base-url: %s
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["%s"] }]
                  %s
                tenants: [{ name: bot, rpm: 100000, keys: ["%s"] }]
                """.formatted(listen, base, UPSTREAM_KEY, more, TENANT_KEY)), Time.system()).await();
    }

    private HttpResponse<String> call(Gateway gateway, String prompt) throws Exception {
        return client.send(request(gateway, "http", prompt), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(Gateway gateway, String scheme, String prompt) {
        return HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + TENANT_KEY)
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}"))
                .build();
    }

    private static HttpRequest.Builder stream(Gateway gateway, String prompt) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + TENANT_KEY)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"gpt-4o\",\"stream\":true,"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}"));
    }

    private static void stop(Gateway gateway) {
        Await.until("open reservations", gateway::outstanding, 0);
        gateway.stop().await();
    }
}
