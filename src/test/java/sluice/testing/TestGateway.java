package sluice.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import sluice.RunningGateway;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.simulator.Faults;
import sluice.simulator.ReceivedRequest;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.simulator.Statistics;
import sluice.time.Time;

/**
 * A whole gateway before a simulator, both on free ports, for one test. What must hold of every gateway is asserted after
 * each test: nothing is still reserved or in flight, and no key has appeared where it does not belong.
 */
public final class TestGateway implements AfterEachCallback {
    private static final long PATIENCE_SECONDS = 20;
    private static final String UPSTREAM_KEY = "UPSTREAM_KEY";

    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final List<String> shown = new CopyOnWriteArrayList<>();
    private final CapturedLog log = CapturedLog.open();
    private HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Vertx vertx = Vertx.vertx();
    private final Path folder = newFolder();
    private Time time = Time.system();
    private String upstream = """
              accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
            """;
    private String adminToken = "";
    private String admin = "";
    private String adminScheme = "http";
    private String scheme = "http";
    private String listen = "";
    private String ledger = "sqlite:" + folder.resolve("ledger.db");
    private String spool = folder.resolve("spool").toString();
    private String spoolEntries = "";
    private int upstreamPort;
    private String yaml = "";
    private Simulator.Settings settings = Simulator.Settings.defaults()
            .withAccounts(SimulatedAccount.unlimited("main", key(UPSTREAM_KEY)));
    private @Nullable Simulator simulator;
    private @Nullable RunningGateway gateway;

    /** The gateway goes by this clock. */
    public TestGateway at(ManualTime clock) {
        time = clock.time();
        return this;
    }

    /** The simulator behaves otherwise. */
    public TestGateway simulating(UnaryOperator<Simulator.Settings> change) {
        settings = change.apply(settings);
        return this;
    }

    /**
     * The upstream is configured otherwise.
     *
     * @param lines of the section {@code upstream}, without its base URL; {@code ${UPSTREAM_KEY…}} is a key of an account
     */
    public TestGateway upstream(String lines) {
        upstream = lines.indent(2);
        return this;
    }

    /** The admin API wants a token: the key of this name. */
    public TestGateway adminToken(String keyName) {
        adminToken = "${" + keyName + "}";
        return this;
    }

    /** The admin listener is otherwise: further entries of the section {@code admin}, in braces' style. */
    public TestGateway administered(String entries) {
        admin += ", " + entries;
        return this;
    }

    /** Likewise, in place of what was so far; in effect when it is started or reloaded. */
    public TestGateway administeredAnew(String entries) {
        admin = ", " + entries;
        return this;
    }

    /** The admin listener speaks TLS, with this certificate. */
    public TestGateway administeredByTls(Certificate certificate) {
        adminScheme = "https";
        try {
            client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(certificate.trusting())
                    .build();
        } catch (GeneralSecurityException | IOException unusable) {
            throw new AssertionError(unusable);
        }
        return administered("tls: { certificate: \"" + certificate.pem() + "\", key: \"" + certificate.key() + "\" }");
    }

    /** It speaks TLS, with this certificate. */
    public TestGateway speakingTls(Certificate certificate) {
        return speakingTls(certificate, "");
    }

    /** It speaks TLS, with this certificate; further entries of the section {@code tls}, in braces' style. */
    public TestGateway speakingTls(Certificate certificate, String entries) {
        scheme = "https";
        listen += ", tls: { certificate: \"" + certificate.pem() + "\", key: \"" + certificate.key() + "\""
                + (entries.isEmpty() ? "" : ", " + entries) + " }";
        return this;
    }

    /** What must outlive it is kept elsewhere. */
    public TestGateway ledger(String url) {
        ledger = url;
        return this;
    }

    /**
     * Records of calls go elsewhere while the ledger is away.
     *
     * @param entries further ones of the section {@code spool}, in braces' style
     */
    public TestGateway spool(String dir, String entries) {
        spool = dir;
        spoolEntries = entries.isEmpty() ? "" : ", " + entries;
        return this;
    }

    /** The folder of its files. */
    public Path folder() {
        return folder;
    }

    /** It listens otherwise: further entries of the section {@code listen}, in braces' style. */
    public TestGateway listening(String entries) {
        listen += ", " + entries;
        return this;
    }

    /** The upstream is what listens on this port, in place of the simulator. */
    public TestGateway before(int port) {
        upstreamPort = port;
        return this;
    }

    /**
     * Starts both. What must outlive the gateway is kept in a folder of its own.
     *
     * @param more tenants, and what else is to differ; {@code ${NAME}} is a key made for the tenant, which {@link #key}
     *             tells
     */
    public TestGateway start(String more) {
        simulator = done(Simulator.start(vertx, settings, Time.system()));
        yaml = more;
        startGateway();
        return this;
    }

    /** Cleared once nothing refers to the gateway that runs now: after it has ended. */
    public WeakReference<?> reference() {
        return gateway().reference();
    }

    /** The gateway ends in good order and starts again, with the same configuration. */
    public void restart() {
        done(gateway().stop());
        startGateway();
    }

    /** Likewise, with another one. */
    public void restart(String more) {
        yaml = more;
        restart();
    }

    /** Puts another configuration in effect: these tenants, and the upstream as it was last configured. */
    public Future<Void> reload(String more) {
        return gateway().reload(config(more));
    }

    private void startGateway() {
        gateway = done(RunningGateway.start(config(yaml), time));
    }

    private GatewayConfig config(String more) {
        String whole = """
                listen: { host: 127.0.0.1, port: 0%s }
                admin: { host: 127.0.0.1, port: 0, token: "%s"%s }
                ledger: { url: "%s", spool: { dir: "%s"%s } }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                """.formatted(listen, adminToken, admin, ledger, spool, spoolEntries,
                upstreamPort > 0 ? upstreamPort : simulator().port())
                + upstream + more;
        try {
            return TestConfig.parse(whole, name -> name.startsWith("OTEL_") ? null : key(name));
        } catch (InvalidConfig mistake) {
            throw new AssertionError(mistake);
        }
    }

    /** The key that the configuration knows by this name. */
    public String key(String name) {
        return keys.computeIfAbsent(name, fresh -> RunningGateway.newKey());
    }

    /** The key of the upstream account, which no client may ever see. */
    public String upstreamKey() {
        return key(UPSTREAM_KEY);
    }

    /** What SDKs take for the address of OpenAI. */
    public String baseUrl() {
        return scheme + "://127.0.0.1:" + gateway().port() + "/v1";
    }

    public String adminUrl() {
        return adminScheme + "://127.0.0.1:" + gateway().adminPort();
    }

    /** Where the simulator is steered. */
    public String simulatorUrl() {
        return "http://127.0.0.1:" + simulator().port();
    }

    /** What the upstream has seen. */
    public Statistics upstream() {
        return simulator().statistics();
    }

    /** Changes what goes wrong upstream, for calls from now on. */
    public void faults(Faults faults) {
        simulator().faults(faults);
    }

    /** The upstream dies, and every connection to it. */
    public void killUpstream() {
        done(simulator().close());
    }

    public CapturedLog log() {
        return log;
    }

    /** Posts JSON with the key of this name, and waits for the answer. */
    public HttpResponse<String> post(String path, String keyName, JsonObject body) {
        return send(request(path, key(keyName)).POST(BodyPublishers.ofString(body.encode())));
    }

    /** Posts likewise, and waits for nothing; the call ends when the future is cancelled. */
    public CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofString());
    }

    /** Sends without waiting; the body is read as it comes. */
    public CompletableFuture<HttpResponse<InputStream>> stream(HttpRequest.Builder request) {
        return client.sendAsync(request.build(), BodyHandlers.ofInputStream());
    }

    /** Asks the admin listener. */
    public HttpResponse<String> admin(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(adminUrl() + path));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    /** What is wrong now, as the overview shows it to whoever has the admin token of this name; empty for none. */
    public List<JsonObject> troubles(String tokenName) {
        HttpResponse<String> answer = tokenName.isEmpty()
                ? admin(AdminRoute.OVERVIEW.path())
                : admin(AdminRoute.OVERVIEW.path(), "authorization", "Bearer " + key(tokenName));
        AdminContract.holds(AdminRoute.OVERVIEW, answer);
        return new JsonObject(answer.body()).getJsonArray("troubles").stream().map(JsonObject.class::cast).toList();
    }

    /** Waits for an answer, and remembers it as seen by a client. */
    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            shown(response.headers().map() + "\n" + response.body());
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request to be completed, with the key as bearer token. */
    public HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(URI.create(baseUrl() + path)).header("authorization", "Bearer " + key)
                .header("content-type", "application/json");
    }

    /** Remembers what a client was shown; no key may be in it. */
    public void shown(String text) {
        shown.add(text);
    }

    /** What Prometheus reads. */
    public String metrics() {
        return admin("/metrics").body();
    }

    /** The sum of a meter over all its labels; 0 where it has not been counted. */
    public double metric(String name) {
        return metrics().lines().filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            if (gateway != null) {
                Await.until("reservations and permits open", gateway::outstanding, 0);
                Await.until("calls under way upstream", upstream()::inFlight, 0);
                metrics();
                assertKeysStayWhereTheyBelong();
            }
        } finally {
            close();
        }
    }

    private void assertKeysStayWhereTheyBelong() {
        assertThat(log.lines()).as("log").noneMatch(line -> line.contains(PostgresProcess.PASSWORD));
        for (String key : keys.values()) {
            assertThat(log.lines()).as("log").noneMatch(line -> line.contains(key));
            assertThat(shown).as("answers and metrics").noneMatch(text -> text.contains(key));
        }
        assertThat(upstream().authorizations()).isSubsetOf(keys.entrySet().stream()
                .filter(key -> isUpstream(key.getKey())).map(key -> "Bearer " + key.getValue()).toList());
        for (ReceivedRequest request : upstream().lastRequests()) {
            String all = request.uri() + '\n' + request.headers() + '\n' + request.body();
            assertThat(keys.keySet().stream().filter(name -> all.contains(key(name)))).as("keys that the upstream sees")
                    .singleElement().satisfies(name -> assertThat(isUpstream(name)).as(name).isTrue());
        }
    }

    private static boolean isUpstream(String keyName) {
        return keyName.startsWith(UPSTREAM_KEY);
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("sluice");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void removeFolder() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void close() {
        client.shutdownNow();
        if (gateway != null) {
            done(gateway.stop());
        }
        if (simulator != null) {
            done(simulator.close().otherwiseEmpty());
        }
        done(vertx.close());
        log.close();
        removeFolder();
    }

    private Simulator simulator() {
        return Objects.requireNonNull(simulator, "start first");
    }

    private RunningGateway gateway() {
        return Objects.requireNonNull(gateway, "start first");
    }

    private static <T> T done(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
