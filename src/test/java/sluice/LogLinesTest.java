package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.tenancy.KeyDigest;
import sluice.testing.Await;
import sluice.testing.GatewayProcess;
import sluice.testing.LogSchema;
import sluice.testing.RedisProcess;
import sluice.time.Time;

/** Every line that a process prints, from its start through calls of every kind to its end, is in the schema. */
@Timeout(120)
class LogLinesTest {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String KEY = "sk-sluice-bot-0123456789abcdef";
    private static final String ENDED = "sk-sluice-old-0123456789abcdef";
    private static final String PATIENCE = "10";

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        client.shutdownNow();
        vertx.close().await();
    }

    private int ask(int port, String key, String path, String body) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("authorization", "Bearer " + key).header("x-stainless-lang", "js")
                .header("x-stainless-package-version", "6.1.0").header("x-sluice-max-wait", PATIENCE + "s")
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString()).statusCode();
    }

    private boolean answers(int port) {
        try {
            ask(port, "nobody", "/v1/models", "");
            return true;
        } catch (IOException | InterruptedException notYet) {
            return false;
        }
    }

    private static String call(String model, String words, boolean stream) {
        return new JsonObject().put("model", model).put("stream", stream).put("max_tokens", 20)
                .put("messages", List.of(new JsonObject().put("role", "user").put("content", words))).encode();
    }

    @Test
    void everyLineIsInTheSchema() throws Exception {
        int upstream = Simulator.start(vertx, Simulator.Settings.defaults()
                .withAccounts(SimulatedAccount.unlimited("main", UPSTREAM_KEY)), Time.system()).await().port();
        int port = RedisProcess.freePort();
        Path config = Files.writeString(folder.resolve("sluice.yaml"),
                """
                        listen: { host: 127.0.0.1, port: %d }
                        admin: { host: 127.0.0.1, port: 0 }
                        ledger: { url: "sqlite:%s" }
                        drain: { delay: 0s, grace: 1s }
                        upstream:
                          base-url: http://127.0.0.1:%d/v1
                          accounts:
                            - { name: main, rpm: 1000, strict: false, keys: ["%s"] }
                            - { name: gone, base-url: "http://127.0.0.1:1/v1", rpm: 1000, strict: false, keys: [sk-upstream-gone-01234567] }
                        tenants:
                          - { name: bot, rpm: 4, models: ["gpt-4o*"], accounts: [main], keys: ["%s"] }
                          - { name: old, keys: [{ sha256: "%s", not-after: 2020-01-01 }] }
                          - { name: lost, accounts: [gone], keys: ["%s-lost"] }
                        """
                        .formatted(port, folder.resolve("ledger.db"), upstream, UPSTREAM_KEY, KEY,
                                KeyDigest.of(ENDED).hex(), KEY));
        Path out = folder.resolve("out");
        Process gateway = new ProcessBuilder(GatewayProcess.command(config)).redirectOutput(out.toFile())
                .redirectError(folder.resolve("err").toFile()).start();
        processes.add(gateway);
        Await.started("an answer", () -> answers(port));
        String chat = "/v1/chat/completions";
        assertThat(ask(port, KEY, chat, call("gpt-4o-mini", "one", false))).isEqualTo(200);
        assertThat(ask(port, KEY, chat, call("gpt-4o-mini", "one", false))).isEqualTo(200);
        assertThat(ask(port, KEY, chat, call("gpt-4o-mini", "two", true))).isEqualTo(200);
        assertThat(ask(port, KEY, chat, call("o3", "three", false))).isEqualTo(403);
        assertThat(ask(port, KEY, chat, call("gpt-4o-mini", "four", false))).isEqualTo(429);
        assertThat(ask(port, KEY, "/v1/nothing", "{}")).isEqualTo(404);
        assertThat(ask(port, KEY, chat, "{")).isIn(400, 429);
        assertThat(ask(port, ENDED, chat, call("gpt-4o-mini", "five", false))).isEqualTo(401);
        assertThat(ask(port, KEY + "-lost", chat, call("gpt-4o-mini", "six", false))).isGreaterThan(499);
        Files.writeString(config, Files.readString(config).replace("rpm: 4,", "rpm: four,"));
        Await.until("the bad file is told", () -> read(out).contains("four (expected"));
        gateway.destroy();
        assertThat(gateway.waitFor(20, TimeUnit.SECONDS)).isTrue();

        List<String> lines = Files.readAllLines(out);
        lines.forEach(LogSchema::holds);
        Set<String> seen = new TreeSet<>();
        lines.forEach(line -> seen.addAll(new JsonObject(line).fieldNames()));
        assertThat(seen).contains("limit", "limit_size", "retry_after_ms", "path", "model", "key_id", "cost_usd",
                "user_agent", "sdk", "formattedMessage");
        assertThat(lines).anyMatch(line -> line.contains("\"level\":\"WARN\""));
        assertThat(lines).noneMatch(line -> line.contains(KEY));
        JsonObject ended = lines.stream().map(JsonObject::new)
                .filter(line -> KeyDigest.of(ENDED).id().equals(line.getString("key_id"))).findFirst().orElseThrow();
        assertThat(ended.getString("tenant")).isEqualTo("old");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException notNow) {
            return "";
        }
    }
}
