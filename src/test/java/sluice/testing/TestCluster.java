package sluice.testing;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import sluice.RunningGateway;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.simulator.Statistics;
import sluice.time.Time;

/** Several whole gateways before one simulator, which share one Redis; after each test nothing is left open anywhere. */
public final class TestCluster implements AfterEachCallback {
    private static final long PATIENCE_SECONDS = 20;

    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<RunningGateway> gateways = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final RedisProcess redis = RedisProcess.start();
    private Simulator.Settings settings = Simulator.Settings.defaults()
            .withAccounts(SimulatedAccount.unlimited("main", key("UPSTREAM_KEY")));
    private @Nullable Simulator simulator;
    private int upstreamPort;

    /** The simulator behaves otherwise. */
    public TestCluster simulating(UnaryOperator<Simulator.Settings> change) {
        settings = change.apply(settings);
        return this;
    }

    /** The upstream is what listens on this port, in place of the simulator. */
    public TestCluster before(int port) {
        upstreamPort = port;
        return this;
    }

    /**
     * Starts so many gateways.
     *
     * @param upstream lines of the section {@code upstream}, without its base URL
     * @param more     tenants, and what else is to differ
     */
    public TestCluster start(int size, String upstream, String more) {
        simulator = done(Simulator.start(vertx, settings, Time.system()));
        for (int i = 0; i < size; i++) {
            Path folder = newFolder();
            folders.add(folder);
            gateways.add(done(startGateway(folder, upstream, more)));
        }
        Await.until("replicas that know each other", () -> metric(0, "sluice_replicas") == size);
        return this;
    }

    /** All of them read another configuration. */
    public void reload(String upstream, String more) {
        for (int i = 0; i < gateways.size(); i++) {
            done(gateways.get(i).reload(config(folders.get(i), upstream, more)));
        }
    }

    /** One of them ends and starts again. */
    public void restart(int gateway, String upstream, String more) {
        done(gateways.get(gateway).stop());
        gateways.set(gateway, done(startGateway(folders.get(gateway), upstream, more)));
    }

    private Future<RunningGateway> startGateway(Path folder, String upstream, String more) {
        return RunningGateway.start(config(folder, upstream, more), Time.system());
    }

    private GatewayConfig config(Path folder, String upstream, String more) {
        String whole = """
                listen: { host: 127.0.0.1, port: 0 }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { url: "sqlite:%s" }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                %s
                """.formatted(folder.resolve("ledger.db"),
                upstreamPort > 0 ? upstreamPort : Objects.requireNonNull(simulator).port(),
                upstream.indent(2)) + more;
        String yaml = whole.contains("redis:") ? whole : whole + "\nredis: { url: \"" + redis.url() + "\" }\n";
        try {
            return TestConfig.parse(yaml.replace("REDIS", redis.url()),
                    name -> name.startsWith("OTEL_") ? null : key(name));
        } catch (InvalidConfig mistake) {
            throw new AssertionError(mistake);
        }
    }

    /** The key that the configuration knows by this name. */
    public String key(String name) {
        return keys.computeIfAbsent(name, fresh -> RunningGateway.newKey());
    }

    public RedisProcess redis() {
        return redis;
    }

    /** What the upstream has seen. */
    public Statistics upstream() {
        return Objects.requireNonNull(simulator).statistics();
    }

    /** A question that nobody has asked before, to one of the gateways. */
    public CompletableFuture<HttpResponse<String>> ask(int gateway, String keyName) {
        return client.sendAsync(question(gateway, keyName, false).build(), BodyHandlers.ofString());
    }

    /** Likewise, answered line by line. */
    public CompletableFuture<HttpResponse<Stream<String>>> stream(int gateway, String keyName) {
        return client.sendAsync(question(gateway, keyName, true).build(), BodyHandlers.ofLines());
    }

    private HttpRequest.Builder question(int gateway, String keyName, boolean stream) {
        return request(gateway, keyName, new JsonObject().put("model", "gpt-4o-mini").put("stream", stream)
                .put("messages", new JsonArray().add(new JsonObject().put("role", "user")
                        .put("content", "Question " + calls.incrementAndGet()))));
    }

    /** The answer to a call of one of the gateways. */
    public HttpResponse<String> chat(int gateway, String keyName, JsonObject body) {
        return sent(request(gateway, keyName, body));
    }

    private HttpRequest.Builder request(int gateway, String keyName, JsonObject body) {
        return HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + gateways.get(gateway).port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key(keyName)).header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body.encode()));
    }

    /** A question with this body, and these further headers. */
    public HttpRequest.Builder request(int gateway, String keyName, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + port(gateway) + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key(keyName)).header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body));
        return headers.length == 0 ? request : request.headers(headers);
    }

    /** Sends it without waiting. */
    public CompletableFuture<HttpResponse<String>> send(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    /** The port of one of the gateways. */
    public int port(int gateway) {
        return gateways.get(gateway).port();
    }

    /** Sends a request to the admin listener of one of the gateways. */
    public HttpResponse<String> admin(int gateway, String method, String path) {
        return admin(gateway, method, path, "");
    }

    /** Likewise, with a body. */
    public HttpResponse<String> admin(int gateway, String method, String path, String body) {
        return sent(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + gateways.get(gateway).adminPort() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> sent(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The sum of all series of a meter in one of the gateways. */
    public double metric(int gateway, String name) {
        return admin(gateway, "GET", "/metrics").body().lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            for (RunningGateway gateway : gateways) {
                Await.until("reservations and permits open", gateway::outstanding, 0);
            }
        } finally {
            close();
        }
    }

    private void close() {
        client.shutdownNow();
        gateways.forEach(gateway -> done(gateway.stop()));
        if (simulator != null) {
            done(simulator.close().otherwiseEmpty());
        }
        done(vertx.close());
        redis.close();
        folders.forEach(TestCluster::remove);
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("sluice");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T done(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
