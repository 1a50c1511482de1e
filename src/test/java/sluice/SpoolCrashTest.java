package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.testing.Await;
import sluice.testing.PostgresProcess;
import sluice.testing.RedisProcess;
import sluice.testing.TestLedgers;
import sluice.time.Time;

/** A gateway that is killed under load while its database is away: the next one writes what the spool holds, once. */
@Timeout(180)
class SpoolCrashTest {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String BOT_KEY = "sk-sluice-bot-0123456789abcdef";
    /** Records are on disk each second; the rest is for a machine that has much else to do. */
    private static final Duration LAST_SECOND = Duration.ofSeconds(1 + 5);

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final PostgresProcess postgres = LEDGERS.postgres();
    private final String database = postgres.newDatabase().database();
    private final int port = RedisProcess.freePort();
    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<Instant> answered = new ConcurrentLinkedQueue<>();
    private @Nullable Process gateway;

    @AfterEach
    void end() throws InterruptedException {
        if (gateway != null) {
            gateway.destroyForcibly().waitFor();
        }
        client.shutdownNow();
        vertx.close().await();
    }

    private Path config() throws IOException {
        int upstream = Simulator.start(vertx, Simulator.Settings.defaults()
                .withAccounts(SimulatedAccount.unlimited("main", UPSTREAM_KEY)), Time.system()).await().port();
        return Files.writeString(folder.resolve("sluice.yaml"), """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { url: "%s", spool: { dir: "%s" } }
                cache: { mode: off }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: ["%s"] }]
                tenants: [{ name: bot, rpm: 1000000, keys: ["%s"] }]
                """.formatted(port, postgres.text(database), folder.resolve("spool"), upstream, UPSTREAM_KEY, BOT_KEY));
    }

    private Process launch(Path config) throws IOException {
        Process started = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                "sluice.cli.Main", "serve", "--config", config.toString()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
        gateway = started;
        return started;
    }

    private boolean ask() {
        try {
            int status = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port
                    + "/v1/chat/completions")).header("authorization", "Bearer " + BOT_KEY)
                    .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\","
                            + "\"content\":\"Question " + asked.incrementAndGet() + "\"}]}"))
                    .build(), BodyHandlers.ofString()).statusCode();
            if (status == 200) {
                answered.add(Instant.now());
            }
            return status == 200;
        } catch (IOException gone) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long sql(String query) {
        try (Connection connection = postgres.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException notYet) {
            return -1;
        }
    }

    private long spooled() {
        try (Stream<Path> files = Files.list(folder.resolve("spool"))) {
            long lines = 0;
            for (Path file : files.filter(each -> each.toString().endsWith(".calls")).toList()) {
                try (Stream<String> all = Files.lines(file)) {
                    lines += all.count();
                }
            }
            return lines;
        } catch (IOException notYet) {
            return 0;
        }
    }

    @Test
    void killedWhileTheDatabaseIsAway() throws Exception {
        Path config = config();
        Process first = launch(config);
        Await.until("readiness", this::ask);
        Await.until("a record", () -> sql("SELECT COUNT(*) FROM call") >= 1);
        postgres.kill();
        for (int caller = 0; caller < 4; caller++) {
            Thread.ofVirtual().start(() -> {
                boolean on = true;
                while (on) {
                    on = ask();
                }
            });
        }
        Await.until("records on disk", () -> spooled() > 200);
        first.destroyForcibly().waitFor();
        Instant last = answered.stream().max(Instant::compareTo).orElseThrow();
        long certain = answered.stream().filter(last.minus(LAST_SECOND)::isAfter).count();
        long onDisk = spooled();

        postgres.restart();
        launch(config);
        Await.until("what the spool held", () -> sql("SELECT COUNT(*) FROM call") >= onDisk - 1);
        Await.until("an empty spool", this::spooled, 0);
        long written = sql("SELECT COUNT(*) FROM call");
        assertThat(written).isBetween(certain, (long) asked.get());
        assertThat(sql("SELECT SUM(calls) FROM usage WHERE slice = 'day'")).isEqualTo(written);
        assertThat(sql("SELECT COUNT(DISTINCT id) FROM call")).isEqualTo(written);
    }
}
