package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.cli.Gateway;
import sluice.tenancy.KeyDigest;
import sluice.testing.Await;
import sluice.testing.ScriptedUpstream;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** Calls that must not go on: their key is revoked, nothing connects, or their model turns out to be none of theirs. */
@Timeout(60)
class CallsCutShortTest {
    private static final String KEY = "sk-sluice-0123456789abcdef0123";
    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final String OK = "{\"ok\":true}";

    @TempDir
    private Path directory = Path.of("");

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.shutdownNow();
    }

    @Test
    void callThatWaitedWhenItsKeyWasRevokedIsNotSent() throws Exception {
        try (ScriptedUpstream upstream = answering()) {
            Gateway gateway = gateway(base(upstream), "rpm: 30, burst: 1", "");
            CompletableFuture<HttpResponse<String>> waiting = post(gateway, KEY, "/chat/completions", CHAT);
            awaitWaiting(gateway, 1);

            revoke(gateway);

            HttpResponse<String> answer = waiting.get(20, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(upstream.heads()).isZero();
            stop(gateway);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"m\",\"messages\":[", "{"})
    void callWhoseBodyWasComingWhenItsKeyWasRevokedIsNotSent(String beginning) throws Exception {
        try (ScriptedUpstream upstream = answering();
                Socket caller = new Socket()) {
            Gateway gateway = gateway(base(upstream), "rpm: 100000, strict: false", "");
            caller.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
            write(caller, "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer " + KEY
                    + "\r\ncontent-length: " + CHAT.length() + "\r\n\r\n" + beginning);
            Await.until("call under way", gateway::outstanding, 2);

            revoke(gateway);
            write(caller, CHAT.substring(beginning.length()));

            assertThat(new String(caller.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 401");
            assertThat(upstream.heads()).isZero();
            stop(gateway);
        }
    }

    @Test
    void callThatWaitsForItsAnswerWhenItsKeyIsRevokedIsCut() throws Exception {
        try (ScriptedUpstream upstream = ScriptedUpstream.start((peer, number) -> {
            peer.readBody();
            peer.awaitEnd();
        })) {
            Gateway gateway = gateway(base(upstream), "rpm: 100000, strict: false", "");
            CompletableFuture<HttpResponse<String>> call = post(gateway, KEY, "/chat/completions", CHAT);
            Await.until("call upstream", upstream::whole, 1);

            revoke(gateway);

            assertThat(call.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(401);
            stop(gateway);
        }
    }

    /** A host that takes connections and never says a word in the handshake of TLS. */
    @Test
    void callThatGetsNoConnectionInTimeIsToldSoAndOneThatLeavesHoldsNothing() throws Exception {
        try (ScriptedUpstream silent = ScriptedUpstream.start((peer, number) -> peer.awaitEnd())) {
            Gateway gateway = gateway("https://127.0.0.1:" + silent.port() + "/v1", "rpm: 100000, strict: false",
                    "timeouts: { connect: 5s }");
            CompletableFuture<HttpResponse<String>> leaves = post(gateway, KEY, "/chat/completions", CHAT);
            Await.until("connection", silent::connections, 1);
            leaves.cancel(true);
            Await.until("reservations open", gateway::outstanding, 0);
            stop(gateway);

            Gateway hasty = gateway("https://127.0.0.1:" + silent.port() + "/v1", "rpm: 100000, strict: false",
                    "timeouts: { connect: 100ms }\n  retries: { attempts: 1 }");
            HttpResponse<String> answer = post(hasty, KEY, "/chat/completions", CHAT).get(20, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(503);
            stop(hasty);
        }
    }

    @Test
    void modelThatAFormNamesBehindItsFileIsChargedToItsFamily() throws Exception {
        try (ScriptedUpstream upstream = answering()) {
            Gateway gateway = gateway(base(upstream), "rpm: 100000, strict: false, models: { 'whisper*': { rpm: 2 } }",
                    "");
            String form = "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
                    + "y".repeat(600_000)
                    + "\r\n--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x--\r\n";
            for (int i = 0; i < 2; i++) {
                assertThat(post(gateway, KEY, "/audio/transcriptions", form).get(20, TimeUnit.SECONDS).statusCode())
                        .isEqualTo(200);
            }
            HttpResponse<String> third = client.send(request(gateway, KEY, "/chat/completions",
                    CHAT.replace("\"m\"", "\"whisper-1\"")).header("x-sluice-max-wait", "1s").build(),
                    BodyHandlers.ofString());
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(post(gateway, KEY, "/chat/completions", CHAT).get(20, TimeUnit.SECONDS).statusCode())
                    .isEqualTo(200);
            stop(gateway);
        }
    }

    private static ScriptedUpstream answering() {
        return ScriptedUpstream.start((peer, number) -> {
            peer.readBody();
            peer.answer(200, OK);
        });
    }

    private static String base(ScriptedUpstream upstream) {
        return "http://127.0.0.1:" + upstream.port() + "/v1";
    }

    private static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void awaitWaiting(Gateway gateway, int calls) {
        Await.until("calls that wait", () -> {
            String queue = send(HttpRequest.newBuilder(admin(gateway, "/admin/v1/queue")));
            return queue.contains("\"waiting\":" + calls) ? 1 : 0;
        }, 1);
    }

    private void revoke(Gateway gateway) {
        send(HttpRequest.newBuilder(admin(gateway, "/admin/v1/keys/" + KeyDigest.of(KEY).id() + "/revoke"))
                .POST(BodyPublishers.noBody()));
    }

    private static URI admin(Gateway gateway, String path) {
        return URI.create("http://127.0.0.1:" + gateway.adminPort() + path);
    }

    private String send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return answer.body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private CompletableFuture<HttpResponse<String>> post(Gateway gateway, String key, String path, String body) {
        return client.sendAsync(request(gateway, key, path, body).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(Gateway gateway, String key, String path, String body) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1" + path))
                .header("authorization", "Bearer " + key)
                .header("content-type", body.startsWith("--") ? "multipart/form-data; boundary=x" : "application/json")
                .POST(BodyPublishers.ofString(body));
    }

    private void stop(Gateway gateway) {
        Await.until("reservations open", gateway::outstanding, 0);
        gateway.stop().await();
    }

    private Gateway gateway(String base, String limits, String upstream) throws Exception {
        return Gateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { port: 0 }
                cache: { mode: 'off' }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: %s
                  accounts: [{ name: main, %s, keys: [sk-upstream-1] }]
                  %s
                tenants:
                  - { name: bot, rpm: 1000, keys: ["%s"] }
                """.formatted(directory.resolve("ledger.db"), base, limits, upstream, KEY), name -> null),
                Time.system()).await();
    }
}
