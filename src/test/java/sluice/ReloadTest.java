package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.yaml.InvalidConfig;
import sluice.simulator.SimulatedAccount;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** What a configuration that is read again changes, and what it leaves as it was. */
@Timeout(60)
class ReloadTest {
    private static final String BOT = "tenants: [{ name: bot, rpm: 10, keys: [\"${BOT}\"] }]\n";

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private int calls;

    private HttpRequest.Builder chat(String key, String model, boolean stream, String... headers) {
        JsonObject body = new JsonObject().put("model", model).put("stream", stream).put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++calls)));
        HttpRequest.Builder request = gateway.request("/chat/completions", gateway.key(key))
                .POST(BodyPublishers.ofString(body.encode()));
        return headers.length == 0 ? request : request.headers(headers);
    }

    private HttpResponse<String> ask(String key) {
        return gateway.send(chat(key, "gpt-4o-mini", false));
    }

    private void reload(String more) {
        Future<Void> reloaded = gateway.reload(more);
        Await.until("reload", () -> reloaded.isComplete());
        assertThat(reloaded.succeeded()).isTrue();
    }

    private static String remaining(HttpResponse<?> answer) {
        return answer.headers().firstValue("x-ratelimit-remaining-requests").orElse("none");
    }

    private static String account(String limits) {
        return "accounts: [{ name: main, " + limits + ", strict: false, keys: [\"${UPSTREAM_KEY}\"] }]\n";
    }

    private int waiting() {
        return new JsonObject(gateway.admin("/admin/v1/queue").body()).getInteger("waiting");
    }

    private CompletableFuture<HttpResponse<String>> slowStream(String key) {
        CompletableFuture<HttpResponse<String>> stream = gateway.sendAsync(chat(key, "gpt-4o-mini", true,
                "x-simulator-chunks", "20", "x-simulator-chunk-interval-ms", "50"));
        Await.until("streams under way", () -> gateway.metrics().contains("sluice_streams_active 1.0"));
        return stream;
    }

    @Test
    void addedTenantIsServedAndUnchangedLimitsKeepTheirLevel() {
        gateway.start(BOT);
        assertThat(remaining(ask("BOT"))).isEqualTo("9");
        assertThat(ask("SEARCH").statusCode()).isEqualTo(401);

        reload(BOT.replace("]\n", ", { name: search, rpm: 5, keys: [\"${SEARCH}\"] }]\n"));

        assertThat(remaining(ask("SEARCH"))).isEqualTo("4");
        assertThat(remaining(ask("BOT"))).isEqualTo("8");
    }

    @Test
    void changedLimitKeepsWhatWasUsed() {
        gateway.start(BOT);
        for (int i = 0; i < 4; i++) {
            ask("BOT");
        }
        reload(BOT.replace("rpm: 10", "rpm: 3"));
        assertThat(remaining(ask("BOT"))).isEqualTo("2");
        reload(BOT.replace("rpm: 10", "rpm: 1000"));
        HttpResponse<String> answer = ask("BOT");
        assertThat(answer.headers().firstValue("x-ratelimit-limit-requests")).hasValue("1000");
        assertThat(Integer.parseInt(remaining(answer))).isLessThan(100);
        assertThat(gateway.metrics()).contains("sluice_limit_remaining_ratio{limit=\"rpm\",tenant=\"bot\"} 0.0");
    }

    @Test
    void tenantThatIsTakenOutAndPutBackHasUsedWhatItUsed() {
        gateway.start(BOT);
        ask("BOT");
        reload("tenants: []\n");
        assertThat(ask("BOT").statusCode()).isEqualTo(401);
        assertThat(gateway.metrics()).doesNotContain("sluice_in_flight{tenant=\"bot\"}");
        reload(BOT);
        assertThat(remaining(ask("BOT"))).isEqualTo("8");
    }

    @Test
    void keyThatIsTakenOutIsRefusedAndItsStreamGoesOn() {
        gateway.start(BOT);
        CompletableFuture<HttpResponse<String>> stream = slowStream("BOT");

        reload(BOT.replace("${BOT}", "${BOT_2}"));

        assertThat(ask("BOT").statusCode()).isEqualTo(401);
        assertThat(ask("BOT_2").statusCode()).isEqualTo(200);
        assertThat(stream.join().body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void callsInFlightStayCountedWhenTheirLimitChanges() {
        gateway.start(BOT.replace("rpm: 10", "concurrent: 5"));
        CompletableFuture<HttpResponse<String>> stream = slowStream("BOT");

        reload(BOT.replace("rpm: 10", "concurrent: 1"));

        assertThat(ask("BOT").statusCode()).isEqualTo(429);
        assertThat(stream.join().statusCode()).isEqualTo(200);
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
    }

    @Test
    void whetherHitsCountChanges() {
        gateway.start(BOT.replace("rpm", "rpd"));
        HttpRequest.Builder same = chat("BOT", "gpt-4o-mini", false);
        assertThat(remaining(gateway.send(same))).isEqualTo("9");
        assertThat(remaining(gateway.send(same))).isEqualTo("8");

        reload(BOT.replace("rpm", "rpd") + "cache: { hits-count: false }\n");

        assertThat(remaining(gateway.send(same))).isEqualTo("7");
        assertThat(remaining(gateway.send(same))).isEqualTo("7");
    }

    @Test
    void pricesChange() {
        gateway.start(BOT);
        ask("BOT");
        reload(BOT + "prices: { gpt-4o-mini: { input: 0, output: 0, request: 7 } }\n");
        ask("BOT");

        assertThat(gateway.log().calls(2)).extracting(call -> call.getDouble("cost_usd"))
                .satisfiesExactly(listed -> assertThat(listed).isBetween(0.0, 1.0),
                        changed -> assertThat(changed).isEqualTo(7.0));
    }

    @Test
    void modelsEndpointsAndCacheOfATenantChange() {
        gateway.start(BOT);
        HttpRequest.Builder same = chat("BOT", "gpt-4o-mini", false);
        gateway.send(same);
        assertThat(gateway.send(same).headers().firstValue("x-sluice-cache")).hasValue("HIT");

        reload(BOT.replace("rpm: 10", "models: [o3], endpoints: [files], cache: off"));
        assertThat(gateway.send(same).statusCode()).isEqualTo(403);

        reload(BOT.replace("rpm: 10", "models: [gpt-4o-mini], cache: off"));
        assertThat(gateway.send(same).headers().firstValue("x-sluice-cache")).hasValue("BYPASS");
        assertThat(gateway.send(chat("BOT", "o3", false)).statusCode()).isEqualTo(403);
    }

    @Test
    void callThatWaitsGetsThroughWhenItsAccountIsGrantedMore() {
        gateway.upstream(account("rpm: 1, burst: 1")).start(BOT.replace("rpm: 10", "max-wait: 10m"));
        ask("BOT");
        CompletableFuture<HttpResponse<String>> waits = gateway.sendAsync(chat("BOT", "gpt-4o-mini", false));
        Await.until("calls that wait", () -> waiting(), 1);

        gateway.upstream(account("rpm: 6000, burst: 100"));
        reload(BOT.replace("rpm: 10", "max-wait: 10m"));

        assertThat(waits.join().statusCode()).isEqualTo(200);
    }

    @Test
    void accountsComeAndGoWhileTheirCallsAreUnderWay() {
        String other = "accounts: [{ name: other, rpm: 6000, strict: false, keys: [\"${UPSTREAM_KEY_2}\"] }]\n";
        gateway.simulating(settings -> settings.withAccounts(SimulatedAccount.unlimited("main", gateway.upstreamKey()),
                SimulatedAccount.unlimited("other", gateway.key("UPSTREAM_KEY_2")))).start(BOT);
        CompletableFuture<HttpResponse<String>> stream = slowStream("BOT");

        gateway.upstream(other);
        reload(BOT);

        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        assertThat(stream.join().body()).endsWith("data: [DONE]\n\n");
        assertThat(gateway.log().calls(2)).extracting(call -> call.getString("account"))
                .containsExactly("other", "main");
        assertThat(gateway.metrics()).contains("sluice_account_keys{account=\"other\"}")
                .doesNotContain("sluice_account_keys{account=\"main\"}");
    }

    @Test
    void rejectedKeyIsReplacedAtOnce() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.unlimited("main", gateway.key("UPSTREAM_KEY_2")))).start(BOT);
        assertThat(ask("BOT").statusCode()).isEqualTo(502);
        Await.until("key out", () -> gateway.metrics().contains("sluice_account_keys{account=\"main\"} 0.0"));
        assertThat(ask("BOT").statusCode()).isEqualTo(503);

        gateway.upstream(account("rpm: 6000").replace("UPSTREAM_KEY", "UPSTREAM_KEY_2"));
        reload(BOT);

        assertThat(ask("BOT").statusCode()).isEqualTo(200);
    }

    @Test
    void whatNeedsARestartIsRefusedWithAllThatStandsBesideIt() {
        gateway.start(BOT);
        Future<Void> refused = gateway.reload("tenants: []\nredis: { url: redis://127.0.0.1:1 }\n");
        Await.until("reload", () -> refused.isComplete());
        assertThat(refused.cause()).isInstanceOf(InvalidConfig.class)
                .hasMessageContaining("redis.url: redis://127.0.0.1:1 (needs a restart; in effect: nothing)");
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
    }

    /** What stays is in each scrape, once. */
    @Test
    void scrapesAreAnsweredWhileTenantsComeAndGo() {
        String other = BOT.replace("]\n", ", { name: search, rpm: 5, tpm: 6, keys: [\"${SEARCH}\"] }]\n");
        gateway.start(BOT);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Long> scrapes = CompletableFuture.supplyAsync(() -> {
            long scraped = 0;
            for (; !over.get(); scraped++) {
                HttpResponse<String> scrape = gateway.admin("/metrics");
                assertThat(scrape.statusCode()).isEqualTo(200);
                assertThat(scrape.body().lines()
                        .filter(line -> line.startsWith("sluice_limit_remaining_ratio{limit=\"rpm\",tenant=\"bot\"}")))
                        .hasSize(1);
            }
            return scraped;
        });
        try {
            for (int i = 0; i < 100; i++) {
                reload(i % 2 == 0 ? other : BOT.replace("rpm: 10", "rpm: " + (10 + i)));
            }
        } finally {
            over.set(true);
        }
        assertThat(scrapes.join()).isPositive();
    }

    @Test
    void dailyLimitThatIsAddedIsRemembered() {
        gateway.start(BOT);
        reload(BOT.replace("rpm: 10", "rpd: 10"));
        assertThat(remaining(ask("BOT"))).isEqualTo("9");
        gateway.restart(BOT.replace("rpm: 10", "rpd: 10"));
        assertThat(remaining(ask("BOT"))).isEqualTo("8");
    }
}
