package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.math.BigDecimal;
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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.testing.Await;
import sluice.testing.EchoUpstream;
import sluice.testing.GatewayProcess;
import sluice.testing.RedisProcess;
import sluice.testing.TestLedgers;

/**
 * A budget and a ledger that three replicas share, while 200 callers call and the replicas are killed one after another.
 * {@code -Dsluice.kills} says how often.
 */
@Timeout(600)
class KilledReplicasTest {
    private static final Logger LOG = LoggerFactory.getLogger(KilledReplicasTest.class);
    private static final int KILLS = Integer.getInteger("sluice.kills", 4);
    private static final int REPLICAS = 3;
    private static final int CALLERS = 200;
    private static final long ANSWER_MILLIS = 250;
    /** The calls that a budget of one dollar pays for: a power of ten, so that the price has few decimals. They outlast the kills. */
    private static final int CALLS_IN_BUDGET = KILLS < 10 ? 10_000 : 100_000;

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger ran = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Replica> replicas = new ArrayList<>();
    private volatile boolean on = true;

    /** One replica, whoever runs it at the moment. */
    private final class Replica {
        private final int port = RedisProcess.freePort();
        private final int adminPort = RedisProcess.freePort();
        private final Path file;
        private Process process;

        Replica(int number, String shared) throws IOException {
            file = Files.writeString(folder.resolve("replica-" + number + ".yaml"), """
                    listen: { host: 127.0.0.1, port: %d }
                    admin: { host: 127.0.0.1, port: %d }
                    """.formatted(port, adminPort)
                    + shared.replace("SPOOL", folder.resolve("spool" + number).toString()));
            process = launch();
        }

        private Process launch() throws IOException {
            return new ProcessBuilder(GatewayProcess.command(file)).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile())).start();
        }

        void killAndLaunch() throws IOException {
            process.destroyForcibly();
            Process dead = process;
            Await.until("it is dead", () -> !dead.isAlive());
            process = launch();
            awaitReady();
        }

        /** Fails with what it has logged if it ends instead. */
        void awaitReady() {
            Await.started("it is ready", () -> {
                assertThat(process.isAlive()).as(() -> contentOf(folder.resolve("log").toFile())).isTrue();
                return status(adminPort, "/readyz") == 200;
            });
        }
    }

    @AfterEach
    void close() {
        on = false;
        replicas.forEach(replica -> replica.process.destroyForcibly());
        client.shutdownNow();
        vertx.close().await();
    }

    private int status(int port, String path) {
        try {
            return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    BodyHandlers.discarding()).statusCode();
        } catch (IOException | InterruptedException gone) {
            return -1;
        }
    }

    @Test
    void budgetAndLedgerHold() throws Exception {
        EchoUpstream upstream = EchoUpstream.start(vertx, (request, body) -> {
            ran.incrementAndGet();
            vertx.setTimer(ANSWER_MILLIS, due -> request.response().putHeader("content-type", "application/json")
                    .end("{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}"));
        });
        TestLedgers.Fresh ledger = LEDGERS.fresh(TestLedgers.Kind.POSTGRES);
        String database = ledger.text().substring(ledger.text().lastIndexOf('/') + 1);
        try (RedisProcess redis = RedisProcess.start()) {
            String shared = """
                    redis: { url: "%s", timeout: 1s }
                    ledger: { url: "%s", spool: { dir: "SPOOL" } }
                    cache: { mode: off }
                    prices: { m: { request: %s, input: 0, output: 0 } }
                    upstream:
                      base-url: http://127.0.0.1:%d/v1
                      accounts: [{ name: main, rpm: 10000000, strict: false, keys: [sk-upstream-0123456789abcdef] }]
                    tenants: [{ name: bot, rpm: 10000000, usd-per-month: 1, keys: [sk-sluice-bot-0123456789abcdef] }]
                    """.formatted(redis.url(), ledger.text(), price(), upstream.port());
            for (int i = 0; i < REPLICAS; i++) {
                replicas.add(new Replica(i, shared));
            }
            replicas.forEach(Replica::awaitReady);
            List<Thread> callers = IntStream.range(0, CALLERS)
                    .mapToObj(caller -> Thread.ofVirtual().start(() -> call(new Random(caller)))).toList();
            for (int kill = 0; kill < KILLS; kill++) {
                replicas.get(kill % REPLICAS).killAndLaunch();
            }
            int atKills = ran.get();
            Await.until("the budget is spent", () -> refused.get() > 5 * CALLERS);
            on = false;
            for (Thread caller : callers) {
                caller.join();
            }
            int rows = settled(database);

            // A killed replica loses its calls in flight, and what it had not reported yet.
            int lostAtMost = KILLS * (2 * CALLERS / REPLICAS);
            double overshoot = (double) (ran.get() - CALLS_IN_BUDGET) / CALLS_IN_BUDGET;
            LOG.info("{} kills; of {} calls {} before the last kill; ran {}, on record {}, overshoot {} %", KILLS,
                    CALLS_IN_BUDGET, atKills, ran.get(), rows, 100 * overshoot);
            assertThat(ran.get()).isBetween((int) (0.98 * CALLS_IN_BUDGET),
                    (int) (1.02 * CALLS_IN_BUDGET) + lostAtMost);
            assertThat(rows).isLessThanOrEqualTo(ran.get());
            assertThat(ran.get() - rows).as("lost by the ledger").isLessThanOrEqualTo(KILLS * 5 * CALLERS);
            assertThat(LEDGERS.postgres().number(database, "SELECT SUM(calls) FROM usage WHERE slice = 'month'"))
                    .isEqualTo(LEDGERS.postgres().number(database, "SELECT COUNT(*) FROM call"));
        }
    }

    /** The cost of one call, in dollars. */
    private static String price() {
        return BigDecimal.ONE.divide(BigDecimal.valueOf(CALLS_IN_BUDGET)).toPlainString();
    }

    /** How many calls the ledger has, once it has all that it will get. */
    private int settled(String database) {
        long[] seen = {-1};
        Await.until("the ledger is up to date", () -> {
            double behind = replicas.stream().mapToDouble(this::behind).max().orElse(0);
            seen[0] = LEDGERS.postgres().number(database, "SELECT COUNT(*) FROM call WHERE status = 200");
            return behind == 0;
        });
        return (int) seen[0];
    }

    private double behind(Replica replica) {
        try {
            HttpResponse<String> metrics = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + replica.adminPort + "/metrics")).build(),
                    BodyHandlers.ofString());
            return metrics.body().lines().filter(line -> line.startsWith("sluice_ledger_behind_seconds "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ')))).sum();
        } catch (IOException | InterruptedException gone) {
            return 1;
        }
    }

    private void call(Random random) {
        while (on) {
            Replica replica = replicas.get(random.nextInt(REPLICAS));
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + replica.port
                    + "/v1/chat/completions")).header("authorization", "Bearer sk-sluice-bot-0123456789abcdef")
                    .POST(BodyPublishers.ofString("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[]}")).build();
            try {
                int status = client.send(request, BodyHandlers.ofString()).statusCode();
                if (status == 429) {
                    refused.incrementAndGet();
                    // Refusals cost the caller no time, and would keep replicas from starting.
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ANSWER_MILLIS));
                }
            } catch (IOException killed) {
                // It goes on with another.
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
