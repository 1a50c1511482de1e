package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.tenancy.KeyDigest;
import sluice.testing.Await;
import sluice.testing.TestCluster;

/** Three gateways that are one. */
@Timeout(90)
class ClusterTest {
    private static final String PLENTY = """
            accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
            """;
    private static final String BOT = "tenants: [{ name: bot, rpm: 12, keys: [\"${BOT}\"] }]\n";

    private static final int CUT = 0;

    @RegisterExtension
    final TestCluster cluster = new TestCluster();

    private List<Integer> askInTurn(int calls) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            answers.add(cluster.ask(i % 3, "BOT"));
        }
        // A call in flight when its key is revoked is cut, and has no status.
        return answers.stream()
                .map(answer -> answer.handle((whole, cut) -> cut == null ? whole.statusCode() : CUT).join())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[rpm]"})
    void limitOfATenantHoldsOverAllReplicas(String exact) {
        cluster.start(3, PLENTY, BOT + "redis: { url: REDIS, timeout: 1s, exact: " + exact + " }\n");
        List<Integer> answers = askInTurn(30);
        assertThat(answers).filteredOn(status -> status == 200).hasSize(12);
        assertThat(answers).filteredOn(status -> status == 429).hasSize(18);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[rpm]"})
    void changedLimitKeepsWhatAllReplicasHaveUsed(String exact) {
        String redis = "redis: { url: REDIS, timeout: 1s, exact: " + exact + " }\n";
        cluster.start(3, PLENTY, BOT + redis);
        assertThat(askInTurn(6)).containsOnly(200);

        cluster.reload(PLENTY, BOT.replace("rpm: 12", "rpm: 3") + redis);
        assertThat(askInTurn(9)).filteredOn(status -> status == 200).hasSizeBetween(1, 4);

        cluster.reload(PLENTY, BOT.replace("rpm: 12", "rpm: 20") + redis);
        assertThat(askInTurn(9)).as("a larger limit begins where the smaller one stood")
                .filteredOn(status -> status == 200).hasSizeLessThan(9);
    }

    @Test
    void changedLimitsOfASharedAccountAndOfCallsInFlightTakeEffect() {
        cluster.start(3, PLENTY, BOT.replace("rpm: 12", "concurrent: 2"));
        assertThat(askInTurn(1)).containsOnly(200);

        cluster.reload(PLENTY.replace("rpm: 100000", "rpm: 60000, tpm: 1000000"), BOT.replace("rpm: 12", "rpm: 1000"));

        assertThat(askInTurn(12)).containsOnly(200);
        assertThat(cluster.admin(1, "GET", "/admin/v1/queue").body()).contains("\"tpm\"");
    }

    @Test
    void budgetOfATenantHoldsOverAllReplicas() {
        cluster.start(3, PLENTY, BOT.replace("rpm: 12", "usd-per-day: 0.001") + "redis: { url: REDIS, timeout: 1s }\n");
        List<Integer> answers = askInTurn(200);
        assertThat(answers).contains(200, 429).containsOnly(200, 429);
        double spent = IntStream.range(0, 3).mapToDouble(i -> cluster.metric(i, "sluice_cost_usd_total")).sum();
        assertThat(spent).isPositive().isLessThanOrEqualTo(0.001);
    }

    private String keyId() {
        return KeyDigest.of(cluster.key("BOT")).id();
    }

    @Test
    void revokedKeyIsRefusedEverywhereUntilItIsRestored() {
        cluster.start(3, PLENTY, "tenants: [{ name: bot, rpm: 60000, keys: [\"${BOT}\"] }]\n");
        assertThat(askInTurn(3)).containsOnly(200);
        assertThat(cluster.admin(0, "POST", "/admin/v1/keys/" + keyId() + "/revoke").statusCode()).isEqualTo(200);
        Await.until("all refuse", () -> askInTurn(3).stream().allMatch(status -> status == 401));
        cluster.redis().restart();
        Await.until("told to the new store", () -> cluster.metric(2, "sluice_store_reachable") == 1);
        assertThat(askInTurn(3)).containsOnly(401);
        Await.until("restored", () -> cluster.admin(1, "POST", "/admin/v1/keys/" + keyId() + "/restore")
                .statusCode() == 200);
        Await.until("all serve", () -> askInTurn(3).stream().allMatch(status -> status == 200));
        assertThat(cluster.admin(0, "POST", "/admin/v1/keys/short/revoke").statusCode()).isEqualTo(400);
    }

    @Test
    void keyThatIsRevokedWhileTheStoreIsAwayIsRefusedHereAtOnceAndElsewhereWhenItIsBack() {
        cluster.start(3, PLENTY, "tenants: [{ name: bot, rpm: 60000, keys: [\"${BOT}\"] }]\n");
        assertThat(askInTurn(3)).containsOnly(200);
        cluster.redis().pause();
        Await.until("breaker open", () -> cluster.metric(0, "sluice_store_reachable") == 0);

        cluster.admin(0, "POST", "/admin/v1/keys/" + keyId() + "/revoke");
        assertThat(cluster.ask(0, "BOT").join().statusCode()).isEqualTo(401);

        cluster.redis().resume();
        Await.until("all refuse", () -> askInTurn(3).stream().allMatch(status -> status == 401));
    }

    @Test
    void streamsOfARevokedKeyEnd() {
        cluster.simulating(settings -> settings.withStreams(1000, Duration.ofMillis(50)))
                .start(3, PLENTY, "tenants: [{ name: bot, rpm: 60000, keys: [\"${BOT}\"] }]\n");
        List<CompletableFuture<List<String>>> streams = new ArrayList<>();
        for (int gateway = 0; gateway < 3; gateway++) {
            streams.add(cluster.stream(gateway, "BOT").thenApply(answer -> {
                List<String> lines = new ArrayList<>();
                try {
                    answer.body().forEach(lines::add);
                } catch (UncheckedIOException cut) {
                    lines.add("cut");
                }
                return lines;
            }));
        }
        Await.until("streams", () -> cluster.metric(0, "sluice_streams_active")
                + cluster.metric(1, "sluice_streams_active") + cluster.metric(2, "sluice_streams_active") == 3);
        cluster.admin(2, "POST", "/admin/v1/keys/" + keyId() + "/revoke");
        for (CompletableFuture<List<String>> stream : streams) {
            assertThat(stream.join()).last().isEqualTo("cut");
            assertThat(stream.join()).anyMatch(line -> line.contains("invalid_api_key"));
        }
    }

    @Test
    void callsInFlightAreCountedOverAllReplicas() {
        cluster.simulating(settings -> settings.withLatency(Duration.ofMillis(500))).start(3, PLENTY,
                "tenants: [{ name: bot, rpm: 60000, concurrent: 4, keys: [\"${BOT}\"] }]\n");
        List<Integer> answers = askInTurn(12);
        assertThat(answers).filteredOn(status -> status == 200).hasSize(4);
        assertThat(answers).filteredOn(status -> status == 429).hasSize(8);
        assertThat(askInTurn(4)).as("places are free again").containsOnly(200);
    }

    @Test
    void accountIsServedByAllTogetherAndFewWait() {
        cluster.start(3, """
                accounts: [{ name: main, rpm: 600, burst: 12, keys: ["${UPSTREAM_KEY}"] }]
                """, "tenants: [{ name: bot, rpm: 60000, max-wait: 30s, keys: [\"${BOT}\"] }]\n");
        long began = System.nanoTime();
        assertThat(askInTurn(40)).containsOnly(200);
        assertThat(System.nanoTime() - began).as("no more than what refills").isGreaterThan(2_000_000_000L);
        assertThat(cluster.upstream().requests()).isEqualTo(40);
    }

    @Test
    void callThatMayNotWaitStillGetsWhatIsThere() {
        cluster.start(3, PLENTY + "\n", "queue: { max-wait: 0s }\nredis: { url: REDIS, timeout: 2s }\n" + BOT);
        assertThat(askInTurn(3)).containsOnly(200);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingHangsOrCrashesWithoutTheStore(boolean killed) {
        cluster.start(3, PLENTY, "tenants: [{ name: bot, rpm: 60000, keys: [\"${BOT}\"] }]\n");
        assertThat(askInTurn(9)).containsOnly(200);
        if (killed) {
            cluster.redis().kill();
        } else {
            cluster.redis().pause();
        }
        for (int gateway = 0; gateway < 3; gateway++) {
            int each = gateway;
            Await.until("breaker open", () -> cluster.metric(each, "sluice_store_reachable") == 0);
        }
        assertThat(askInTurn(90)).as("shares begin empty").isSubsetOf(200, 429);
        Await.until("each serves from its share", () -> askInTurn(9).stream().allMatch(status -> status == 200));
        if (killed) {
            cluster.redis().restart();
        } else {
            cluster.redis().resume();
        }
        for (int gateway = 0; gateway < 3; gateway++) {
            int each = gateway;
            Await.until("store reached again", () -> cluster.metric(each, "sluice_store_reachable") == 1);
        }
        Await.until("all serve again", () -> askInTurn(9).stream().allMatch(status -> status == 200));
    }
}
