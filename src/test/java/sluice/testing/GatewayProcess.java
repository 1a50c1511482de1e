package sluice.testing;

import io.vertx.core.Vertx;
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
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.time.Time;

/** A gateway in a process of its own before a simulator, which can be killed under load and launched again. */
public final class GatewayProcess implements AutoCloseable {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String BOT_KEY = "sk-sluice-bot-0123456789abcdef";

    private final Path folder;
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port = RedisProcess.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<Instant> answered = new ConcurrentLinkedQueue<>();
    private @Nullable Process process;

    private GatewayProcess(Path folder, String ledger, String limits) throws IOException {
        this.folder = folder;
        int upstream = Simulator.start(vertx, Simulator.Settings.defaults()
                .withAccounts(SimulatedAccount.unlimited("main", UPSTREAM_KEY)), Time.system()).await().port();
        Files.writeString(folder.resolve("sluice.yaml"), """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { %s }
                cache: { mode: off }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: ["%s"] }]
                tenants: [{ name: bot, %s, keys: ["%s"] }]
                """.formatted(port, ledger, upstream, UPSTREAM_KEY, limits, BOT_KEY));
    }

    /**
     * Launches the first.
     *
     * @param folder for its configuration and log
     * @param ledger the keys of {@code ledger}
     * @param limits of its only tenant, {@code bot}
     */
    public static GatewayProcess launched(Path folder, String ledger, String limits) throws IOException {
        GatewayProcess gateway = new GatewayProcess(folder, ledger, limits);
        try {
            gateway.launch();
        } catch (IOException | RuntimeException | Error failure) {
            gateway.close();
            throw failure;
        }
        return gateway;
    }

    /** What launches one with this configuration, in as little processor time as a short life allows. */
    public static List<String> command(Path config) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), "sluice.cli.Main", "serve", "--config", config.toString());
    }

    /** Launches the next, and waits until it answers. */
    public void launch() throws IOException {
        process = new ProcessBuilder(command(folder.resolve("sluice.yaml"))).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
        Await.started("an answer", this::answers);
    }

    /** Kills it, as {@code kill -9} does. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            Await.until("it is dead", () -> !running.isAlive());
        }
    }

    /**
     * Asks it something new.
     *
     * @throws UncheckedIOException if it does not answer
     */
    public HttpResponse<String> ask() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("authorization", "Bearer " + BOT_KEY)
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":"
                        + "\"Question " + asked.incrementAndGet() + "\"}]}"))
                .build();
        try {
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                answered.add(Instant.now());
            }
            return answer;
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean answers() {
        try {
            return ask().statusCode() == 200;
        } catch (UncheckedIOException gone) {
            return false;
        }
    }

    /** Asks on and on, several at once, until nobody answers. */
    public void load() {
        for (int caller = 0; caller < 4; caller++) {
            Thread.ofVirtual().start(() -> {
                boolean on = true;
                while (on) {
                    on = answers();
                }
            });
        }
    }

    /** How many calls were sent. */
    public int asked() {
        return asked.get();
    }

    /** How many calls had been answered by then. */
    public long answeredBefore(Instant moment) {
        return answered.stream().filter(moment::isAfter).count();
    }

    /** When the last call was answered. */
    public Instant lastAnswer() {
        return answered.stream().max(Instant::compareTo).orElseThrow();
    }

    @Override
    public void close() {
        kill();
        client.shutdownNow();
        vertx.close().await();
    }
}
