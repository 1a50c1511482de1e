package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.ledger.DayLedger;
import sluice.ledger.Ledger;
import sluice.ledger.LedgerUrl;
import sluice.simulator.SimulatedAccount;
import sluice.simulator.Simulator;
import sluice.testing.Await;
import sluice.testing.RedisProcess;
import sluice.testing.TestLedgers;
import sluice.time.Time;

/** A gateway that is killed under load, its database with it: what it had not written in its last second is lost. */
@Timeout(180)
class LedgerCrashTest {
    private static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef";
    private static final String BOT_KEY = "sk-sluice-bot-0123456789abcdef";
    private static final DayLedger.Key BOT = new DayLedger.Key("tenant/bot", "rpd");
    private static final int LIMIT = 20_000;
    /** Levels are written every second; the rest is for a machine that has much else to do. */
    private static final Duration LAST_SECOND = Duration.ofSeconds(1 + 5);

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port = RedisProcess.freePort();
    private final AtomicInteger calls = new AtomicInteger();
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

    private Path config(String ledger) throws IOException {
        int upstream = Simulator.start(vertx, Simulator.Settings.defaults()
                .withAccounts(SimulatedAccount.unlimited("main", UPSTREAM_KEY)), Time.system()).await().port();
        return Files.writeString(folder.resolve("sluice.yaml"), """
                listen: { host: 127.0.0.1, port: %d }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { url: "%s" }
                cache: { mode: off }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: ["%s"] }]
                tenants: [{ name: bot, rpm: 1000000, rpd: %d, keys: ["%s"] }]
                """.formatted(port, ledger, upstream, UPSTREAM_KEY, LIMIT, BOT_KEY));
    }

    private Process launch(Path config) throws IOException {
        Process started = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                "sluice.cli.Main", "serve", "--config", config.toString()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile()).start();
        gateway = started;
        return started;
    }

    private HttpResponse<String> ask() throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("authorization", "Bearer " + BOT_KEY)
                .POST(BodyPublishers.ofString("{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":"
                        + "\"Question " + calls.incrementAndGet() + "\"}]}"))
                .build(), BodyHandlers.ofString());
    }

    /** Asks until nobody answers any more. */
    private void askOnAndOn() {
        try {
            while (ask().statusCode() == 200) {
                answered.add(Instant.now());
            }
        } catch (IOException | InterruptedException killed) {
            // The gateway is gone.
        }
    }

    private long remaining() {
        try {
            return Long.parseLong(ask().headers().firstValue("x-ratelimit-remaining-requests").orElse("-1"));
        } catch (IOException notYet) {
            return -1;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DayLedger.@Nullable Level row(LedgerUrl url) {
        try (Ledger ledger = new Ledger(url, () -> {
            // It may be locked at this moment.
        })) {
            Map<DayLedger.Key, DayLedger.Level> levels = new DayLedger(ledger).read();
            return levels.get(BOT);
        } catch (IOException busy) {
            return null;
        }
    }

    @ParameterizedTest
    @EnumSource
    void killedUnderLoad(TestLedgers.Kind kind) throws Exception {
        TestLedgers.Fresh ledger = LEDGERS.fresh(kind);
        Path config = config(ledger.text());
        Process first = launch(config);
        Await.until("readiness", () -> remaining() >= 0);
        for (int caller = 0; caller < 4; caller++) {
            Thread.ofVirtual().start(this::askOnAndOn);
        }
        Await.until("some levels", () -> {
            DayLedger.Level level = row(ledger.url());
            return level != null && level.remaining() < LIMIT - 200;
        });

        first.destroyForcibly();
        if (kind == TestLedgers.Kind.POSTGRES) {
            LEDGERS.postgres().kill();
            LEDGERS.postgres().restart();
        }
        first.waitFor();
        DayLedger.Level level = row(ledger.url());
        assertThat(level).isNotNull();
        Instant last = answered.stream().max(Instant::compareTo).orElseThrow();
        long before = answered.stream().filter(level.at()::isAfter).count();
        long cameBack = 1 + LIMIT * Duration.ofMinutes(3).toSeconds() / Duration.ofDays(1).toSeconds();
        assertThat(Duration.between(level.at(), last)).isLessThan(LAST_SECOND);
        assertThat(level.remaining()).isLessThanOrEqualTo(LIMIT - before + cameBack);

        launch(config);
        Await.until("readiness", () -> remaining() >= 0);
        assertThat(remaining()).isLessThanOrEqualTo(level.remaining() + cameBack);
    }
}
