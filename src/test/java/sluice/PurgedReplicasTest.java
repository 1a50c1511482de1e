package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.testing.Await;
import sluice.testing.TestCluster;

/** What is purged at one replica is purged at all. */
@Timeout(120)
class PurgedReplicasTest {
    private static final int REPLICAS = 3;
    private static final String PLENTY = """
            accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
            """;
    private static final String TENANTS = """
            tenants: [{ name: bot, rpm: 100000, keys: ["${BOT}"] }]
            """;

    @RegisterExtension
    private final TestCluster cluster = new TestCluster();

    private String ask(int gateway, String prompt) {
        HttpResponse<String> answer = cluster.chat(gateway, "BOT", new JsonObject().put("model", "gpt-4o-mini")
                .put("messages", new JsonArray().add(new JsonObject().put("role", "user").put("content", prompt))));
        return answer.headers().firstValue("x-sluice-cache").orElse("");
    }

    private String purge(int gateway) {
        HttpResponse<String> answer = cluster.admin(gateway, "POST", "/admin/v1/cache/purge", "{\"tenant\":\"bot\"}");
        AdminContract.holds(AdminRoute.PURGE_CACHE, answer);
        assertThat(answer.statusCode()).isEqualTo(200);
        return new JsonObject(answer.body()).getString("replicas");
    }

    private void keepEverywhere(String prompt) {
        for (int i = 0; i < REPLICAS; i++) {
            assertThat(ask(i, prompt)).isEqualTo("MISS");
            assertThat(ask(i, prompt)).isEqualTo("HIT");
        }
    }

    private void isGoneEverywhere() {
        for (int i = 0; i < REPLICAS; i++) {
            int each = i;
            Await.until("an empty cache", () -> cluster.metric(each, "sluice_cache_bytes") == 0);
        }
    }

    @Test
    void everyReplicaFollowsOnceAndKeepsWhatIsMadeLater() {
        cluster.start(REPLICAS, PLENTY, TENANTS);
        keepEverywhere("first");
        assertThat(purge(1)).isEqualTo("all");
        isGoneEverywhere();
        keepEverywhere("second");
        assertThat(purge(2)).isEqualTo("all");
        isGoneEverywhere();
    }

    @Test
    void replicasFollowOnceTheStoreIsBack() {
        cluster.start(REPLICAS, PLENTY, TENANTS);
        keepEverywhere("first");
        cluster.redis().kill();
        assertThat(purge(0)).isEqualTo("later");
        assertThat(cluster.metric(0, "sluice_cache_bytes")).isZero();
        assertThat(ask(1, "first")).isEqualTo("HIT");
        cluster.redis().restart();
        isGoneEverywhere();
    }
}
