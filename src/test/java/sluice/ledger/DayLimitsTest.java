package sluice.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.quota.QuotaBucket;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;
import sluice.testing.TestLedgers;

/** Daily limits outlive the process. */
@Timeout(60)
class DayLimitsTest {
    private static final String OWNER = "tenant/bot";
    private static final DayLedger.Key KEY = new DayLedger.Key(OWNER, "rpd");

    @RegisterExtension
    static final TestLedgers LEDGERS = new TestLedgers();

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @TempDir
    private Path folder = Path.of("");

    private final ManualTime clock = new ManualTime();
    private final AtomicInteger errors = new AtomicInteger();
    private int calls;

    private HttpResponse<String> ask(String key) {
        return gateway.post("/chat/completions", key, new JsonObject().put("model", "gpt-4o-mini")
                .put("max_tokens", 100).put("messages", new JsonArray()
                        .add(new JsonObject().put("role", "user").put("content", "Question " + ++calls))));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @ParameterizedTest
    @EnumSource
    void requestsOfADayAreRememberedOverARestart(TestLedgers.Kind kind) {
        gateway.at(clock).ledger(LEDGERS.fresh(kind).text()).start("""
                tenants: [{ name: bot, rpd: 2, keys: ["${BOT}"] }]
                """);
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        gateway.restart();
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        gateway.restart();
        HttpResponse<String> refused = ask("BOT");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(header(refused, "x-should-retry")).isEqualTo("false");
        assertThat(header(refused, "x-ratelimit-remaining-requests")).isEqualTo("0");
        clock.advance(Duration.ofHours(12));
        gateway.restart();
        assertThat(ask("BOT").statusCode()).as("half of the limit has come back").isEqualTo(200);
        assertThat(ask("BOT").statusCode()).isEqualTo(429);
    }

    @ParameterizedTest
    @EnumSource
    void tokensAndModelsAndAccountsAreRememberedToo(TestLedgers.Kind kind) {
        gateway.at(clock).ledger(LEDGERS.fresh(kind).text()).upstream("""
                accounts:
                  - { name: main, rpm: 1000, rpd: 3, strict: false, keys: ["${UPSTREAM_KEY}"] }
                """).start("""
                queue: { max-wait: 0s }
                tenants:
                  - { name: bot, tpd: 200, keys: ["${BOT}"] }
                  - { name: family, keys: ["${FAMILY}"], model-limits: { "gpt-4o*": { rpd: 1 } } }
                """);
        int spent = new JsonObject(ask("BOT").body()).getJsonObject("usage").getInteger("total_tokens");
        assertThat(ask("FAMILY").statusCode()).isEqualTo(200);
        gateway.restart();
        HttpResponse<String> second = ask("BOT");
        assertThat(header(second, "x-ratelimit-remaining-tokens"))
                .isEqualTo(Integer.toString(200 - spent - 100 - "Question 3".length() / 4 - 1));
        assertThat(ask("FAMILY").statusCode()).isEqualTo(429);
        HttpResponse<String> refused = ask("BOT");
        assertThat(refused.statusCode()).as("the account's day is used up").isEqualTo(429);
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("code"))
                .isEqualTo("upstream_quota_exhausted");
    }

    private Ledger ledger(LedgerUrl url) {
        return new Ledger(url, errors::incrementAndGet);
    }

    private DayLimits open(Ledger ledger) {
        try {
            return DayLimits.open(ledger, true, clock.time());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long remaining(LedgerUrl url, long limit) {
        try (Ledger ledger = ledger(url)) {
            return open(ledger).remaining(OWNER, "rpd", limit);
        }
    }

    @ParameterizedTest
    @EnumSource
    void crashForgetsAtMostWhatCameSinceTheLastWriting(TestLedgers.Kind kind) {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        AtomicLong level = new AtomicLong(7);
        Vertx vertx = Vertx.vertx();
        Ledger ledger = ledger(url);
        DayLimits limits = open(ledger);
        assertThat(limits.remaining(OWNER, "rpd", 10)).as("nothing is known").isNegative();
        limits.watch(OWNER, () -> Map.of("rpd", new QuotaBucket.Level(10, level.get(), 0)));
        limits.start(vertx);
        Await.until("the level is written", () -> written(url), 7);
        level.set(5);
        Await.until("the level is written again", () -> written(url), 5);
        level.set(4);
        assertThat(remaining(url, 10)).as("what another process finds").isEqualTo(5);

        limits.stop(vertx).await();
        assertThat(remaining(url, 10)).as("an end in good order forgets nothing").isEqualTo(4);
        assertThat(errors).hasValue(0);
        ledger.close();
        vertx.close().await();
    }

    private long written(LedgerUrl url) {
        try {
            return row(url).map(DayLedger.Level::remaining).orElse(-1L);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void withoutDailyLimitsNoFileIsTouched() throws IOException {
        Path file = folder.resolve("none.db");
        Vertx vertx = Vertx.vertx();
        DayLimits limits = DayLimits.open(ledger(new LedgerUrl.Sqlite(file)), false, clock.time());
        limits.start(vertx);
        limits.stop(vertx).await();
        assertThat(file).doesNotExist();
        assertThat(limits.remaining(OWNER, "rpd", 10)).isNegative();
        vertx.close().await();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasUsedBeyondTheLimitIsOwedAfterARestart(TestLedgers.Kind kind) {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        try (Ledger ledger = ledger(url)) {
            DayLimits limits = open(ledger);
            limits.watch(OWNER, () -> Map.of("rpd", new QuotaBucket.Level(10, 0, 30, 0)));
            limits.write(true);
        }
        clock.advance(Duration.ofHours(12));
        try (Ledger ledger = ledger(url)) {
            DayLimits limits = open(ledger);
            assertThat(limits.remaining(OWNER, "rpd", 10)).isZero();
            assertThat(limits.owed(OWNER, "rpd", 10)).isEqualTo(25);
        }
    }

    /** A limit that comes back by itself is as its row says; only what calls do is news. */
    @ParameterizedTest
    @EnumSource
    void idleWritesNothingAndTheEndIsExact(TestLedgers.Kind kind) throws IOException {
        LedgerUrl url = LEDGERS.fresh(kind).url();
        long limit = 86_400;
        AtomicLong left = new AtomicLong(limit);
        Vertx vertx = Vertx.vertx();
        Ledger ledger = ledger(url);
        DayLimits limits = open(ledger);
        limits.watch(OWNER, () -> Map.of("rpd", new QuotaBucket.Level(limit, left.get(), 0)));
        limits.write(false);
        assertThat(row(url)).as("a full limit needs no row").isEmpty();

        left.set(limit - 10_000);
        limits.write(false);
        DayLedger.Level used = row(url).orElseThrow();
        assertThat(used.remaining()).isEqualTo(limit - 10_000);

        for (int hour = 1; hour <= 4; hour++) {
            clock.advance(Duration.ofHours(1));
            left.set(Math.min(limit, limit - 10_000 + hour * 3_600L));
            limits.write(false);
            assertThat(row(url)).as("comes back").contains(used);
        }

        left.addAndGet(-1);
        limits.write(false);
        assertThat(row(url).orElseThrow().remaining()).isEqualTo(limit - 1);

        limits.stop(vertx).await();
        assertThat(remaining(url, limit)).isEqualTo(limit - 1);
        ledger.close();
        vertx.close().await();
    }

    private Optional<DayLedger.Level> row(LedgerUrl url) throws IOException {
        try (Ledger ledger = ledger(url)) {
            return Optional.ofNullable(new DayLedger(ledger).read().get(KEY));
        }
    }
}
