package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.testing.RedisProcess;
import sluice.testing.Await;
import sluice.testing.GatewayProcess;
import sluice.time.Time;

/** The process from its start to its end, as those see it who operate it: signals, files, exit codes. */
@Timeout(120)
class LifeCycleTest {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String BOT_KEY = "sk-sluice-bot-0123456789abcdef";
    private static final String NEXT_KEY = "sk-sluice-next-0123456789abcdef";

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger calls = new AtomicInteger();
    private int port;
    private int adminPort;
    private int upstreamPort;
    private @Nullable Process started;

    @BeforeEach
    void upstream() throws IOException {
        upstreamPort = Simulator.start(vertx, Simulator.Settings.defaults()
                .withAccounts(SimulatedAccount.unlimited("main", UPSTREAM_KEY)), Time.system()).await().port();
        port = RedisProcess.freePort();
        adminPort = RedisProcess.freePort();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (started != null) {
            started.destroyForcibly().waitFor();
        }
        client.close();
        vertx.close().await();
    }

    private String config(String tenant) {
        return """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: %d }
                ledger: { url: "sqlite:%s" }
                drain: { delay: 1ms, grace: 30s, idle: 3s }
                cache: { mode: off }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 100000, strict: false, keys: ["%s"] }]
                tenants: [{ name: bot, %s }]
                """.formatted(port, adminPort, folder.resolve("ledger.db"), upstreamPort, UPSTREAM_KEY, tenant);
    }

    /** Puts a file into the place of another as a whole. */
    private static void replace(Path file, String content) throws IOException {
        Path next = Files.writeString(file.resolveSibling("next"), content);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Whoever runs the tests may ignore SIGHUP, which is handed down. */
    private void launch(Path config) throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.addAll(GatewayProcess.command(config));
        started = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
    }

    private Process gateway() {
        return Objects.requireNonNull(started);
    }

    private int exitCode() throws InterruptedException {
        assertThat(gateway().waitFor(60, TimeUnit.SECONDS)).as("has ended").isTrue();
        return gateway().exitValue();
    }

    private void start(Path config) throws IOException {
        launch(config);
        Await.started("readiness", held(() -> admin("/readyz").equals("ready\n")));
    }

    private static void await(String what, Condition condition) {
        Await.until(what, held(condition));
    }

    private static BooleanSupplier held(Condition condition) {
        return () -> {
            try {
                return condition.holds();
            } catch (IOException notYet) {
                return false;
            }
        };
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds() throws IOException;
    }

    private String admin(String path) throws IOException {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path)).build()).body();
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private HttpRequest.Builder request(String key, boolean stream) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"stream\":" + stream
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"Question " + calls.incrementAndGet()
                        + "\"}]}"));
    }

    private int ask(String key) throws IOException {
        return send(request(key, false).build()).statusCode();
    }

    private CompletableFuture<HttpResponse<String>> stream(int chunks) {
        return client.sendAsync(request(BOT_KEY, true).header("x-simulator-chunks", Integer.toString(chunks))
                .header("x-simulator-chunk-interval-ms", "50").build(), BodyHandlers.ofString());
    }

    private void awaitMetric(String line) {
        await(line, () -> admin("/metrics").lines().anyMatch(Predicate.isEqual(line)));
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(gateway().pid())).start().waitFor();
    }

    @Test
    void badConfigurationIsRefusedBeforeAnythingListens() throws Exception {
        Path file = Files.writeString(folder.resolve("sluice.yaml"), config("rpm: many, keys: [\"" + BOT_KEY + "\"]"));
        launch(file);
        assertThat(exitCode()).isEqualTo(2);
        assertThat(Files.readString(folder.resolve("log"))).contains("tenants[0] (bot) rpm, line 9: many (expected:");
    }

    @Test
    void fileSecretsAndSignalAreFollowedAndABrokenFileIsNot() throws Exception {
        Path secret = Files.writeString(folder.resolve("bot.key"), BOT_KEY);
        Path file = Files.writeString(folder.resolve("sluice.yaml"),
                config("rpm: 1000, keys: [\"file:" + secret + "\"]"));
        start(file);
        assertThat(ask(BOT_KEY)).isEqualTo(200);
        awaitMetric("sluice_config_reload_success 1.0");

        replace(secret, NEXT_KEY);
        await("new key", () -> ask(NEXT_KEY) == 200);
        assertThat(ask(BOT_KEY)).isEqualTo(401);

        replace(file, config("rpm: many"));
        awaitMetric("sluice_config_reload_success 0.0");
        assertThat(ask(NEXT_KEY)).isEqualTo(200);
        assertThat(Files.readString(folder.resolve("log"))).contains("keeping the old one");

        replace(file, config("rpm: 500, keys: [\"file:" + secret + "\"]"));
        awaitMetric("sluice_config_reload_success 1.0");
        assertThat(admin("/admin/v1/config")).contains("rpm: 500");

        signal("HUP");
        await("answer to the signal", () -> Files.readString(folder.resolve("log")).contains("nothing differs"));
    }

    /** The ledger keeps the start waiting while the signal comes; it is acted on once there is something to reload. */
    @Test
    void signalDuringTheStartIsRemembered() throws Exception {
        Path ledger = folder.resolve("ledger.db");
        try (Ledger made = new Ledger(new LedgerUrl.Sqlite(ledger), Assertions::fail)) {
            made.open();
        }
        Path file = Files.writeString(folder.resolve("sluice.yaml"), config("rpd: 5, keys: [\"" + BOT_KEY + "\"]"));
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = other.createStatement()) {
            statement.execute("PRAGMA locking_mode=EXCLUSIVE");
            statement.execute("BEGIN EXCLUSIVE");
            launch(file);
            await("first warning", () -> Files.readString(folder.resolve("log")).contains("plain text"));
            signal("HUP");
        }
        await("answer to the signal", () -> Files.readString(folder.resolve("log")).contains("nothing differs"));
        assertThat(ask(BOT_KEY)).isEqualTo(200);
    }

    @Test
    void drainEndsTheProcessWhenItsStreamsHaveEnded() throws Exception {
        start(Files.writeString(folder.resolve("sluice.yaml"), config("keys: [\"" + BOT_KEY + "\"]")));
        CompletableFuture<HttpResponse<String>> stream = stream(40);
        awaitMetric("sluice_streams_active 1.0");

        signal("TERM");

        await("readiness gone", () -> admin("/readyz").equals("not ready\n"));
        assertThat(stream.join().body()).endsWith("data: [DONE]\n\n");
        assertThat(exitCode()).isZero();
    }

    /** An answer that began before the signal does not announce the end of its connection. */
    @Test
    void callThatFollowsAStreamOnItsConnectionIsStillServedWhileANewConnectionIsNot() throws Exception {
        start(Files.writeString(folder.resolve("sluice.yaml"), config("keys: [\"" + BOT_KEY + "\"]")));
        CompletableFuture<HttpResponse<String>> first = stream(40);
        CompletableFuture<HttpResponse<String>> second = stream(80);
        awaitMetric("sluice_streams_active 2.0");

        signal("TERM");

        await("readiness gone", () -> admin("/readyz").equals("not ready\n"));
        try (HttpClient stranger = HttpClient.newHttpClient()) {
            await("refusal", () -> answered(stranger, 503));
        }
        assertThat(first.join().body()).endsWith("data: [DONE]\n\n");
        assertThat(ask(BOT_KEY)).isEqualTo(200);
        assertThat(second.join().body()).endsWith("data: [DONE]\n\n");
        assertThat(exitCode()).isZero();
    }

    /** Its client learns of the end before it sends a call that would be refused. */
    @Test
    void keptConnectionWithoutACallIsClosedAndOneThatHasNotBeenUsedYetIsServed() throws Exception {
        start(Files.writeString(folder.resolve("sluice.yaml"), config("keys: [\"" + BOT_KEY + "\"]")));
        try (Socket kept = new Socket(InetAddress.getLoopbackAddress(), port);
                Socket fresh = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(firstLine(kept)).isEqualTo("HTTP/1.1 200 OK");
            CompletableFuture<HttpResponse<String>> stream = stream(120);
            awaitMetric("sluice_streams_active 1.0");
            awaitMetric("sluice_connections 3.0");

            signal("TERM");

            kept.getInputStream().transferTo(OutputStream.nullOutputStream());
            assertThat(stream).as("the end of what runs was not waited for").isNotDone();
            assertThat(firstLine(fresh)).isEqualTo("HTTP/1.1 200 OK");
            assertThat(stream.join().body()).endsWith("data: [DONE]\n\n");
        }
        assertThat(exitCode()).isZero();
    }

    private static String firstLine(Socket connection) throws IOException {
        connection.getOutputStream().write(("GET /v1/models HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer "
                + BOT_KEY + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII))
                .readLine();
    }

    private boolean answered(HttpClient stranger, int status) throws IOException {
        try {
            return stranger.send(request(BOT_KEY, false).version(HttpClient.Version.HTTP_1_1).build(),
                    BodyHandlers.ofString()).statusCode() == status;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsNotOverWithinTheGraceIsToldSo() throws Exception {
        start(Files.writeString(folder.resolve("sluice.yaml"),
                config("keys: [\"" + BOT_KEY + "\"]").replace("grace: 30s", "grace: 100ms")));
        HttpResponse<Stream<String>> stream = client.send(request(BOT_KEY, true)
                .header("x-simulator-chunks", "1000").header("x-simulator-chunk-interval-ms", "50").build(),
                BodyHandlers.ofLines());
        awaitMetric("sluice_streams_active 1.0");

        signal("TERM");

        StringBuilder said = new StringBuilder();
        assertThat(catchThrowable(() -> stream.body().forEach(said::append)))
                .as("no clean end").isNotNull();
        assertThat(said.toString()).contains("\"code\":\"draining\"").doesNotContain("[DONE]");
        assertThat(exitCode()).isZero();
    }
}
