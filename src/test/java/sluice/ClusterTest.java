package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.testing.Await;
import sluice.testing.TestCluster;

/** Three gateways that are one. */
@Timeout(90)
class ClusterTest {
    private static final String PLENTY = """
            accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
            """;
    private static final String BOT = "tenants: [{ name: bot, rpm: 12, keys: [\"${BOT}\"] }]\n";

    @RegisterExtension
    final TestCluster cluster = new TestCluster();

    private List<Integer> askInTurn(int calls) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            answers.add(cluster.ask(i % 3, "BOT"));
        }
        return answers.stream().map(answer -> answer.join().statusCode()).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[rpm]"})
    void limitOfATenantHoldsOverAllReplicas(String exact) {
        cluster.start(3, PLENTY, BOT + "redis: { url: REDIS, timeout: 1s, exact: " + exact + " }\n");
        List<Integer> answers = askInTurn(30);
        assertThat(answers).filteredOn(status -> status == 200).hasSize(12);
        assertThat(answers).filteredOn(status -> status == 429).hasSize(18);
    }

    @Test
    void accountIsServedByAllTogetherAndFewWait() {
        cluster.start(3, """
                accounts: [{ name: main, rpm: 600, burst: 12, keys: ["${UPSTREAM_KEY}"] }]
                """, "tenants: [{ name: bot, rpm: 60000, max-wait: 5s, keys: [\"${BOT}\"] }]\n");
        long began = System.nanoTime();
        assertThat(askInTurn(40)).containsOnly(200);
        assertThat(System.nanoTime() - began).as("no more than what refills").isGreaterThan(2_000_000_000L);
        assertThat(cluster.upstream().requests()).isEqualTo(40);
    }

    @Test
    void callThatMayNotWaitStillGetsWhatIsThere() {
        cluster.start(3, PLENTY + "\n", "queue: { max-wait: 0s }\n" + BOT);
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
        askInTurn(30);
        assertThat(askInTurn(90)).containsOnly(200);
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
