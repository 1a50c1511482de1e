package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.simulator.SimulatedAccount;
import sluice.testing.Await;
import sluice.testing.Resp;
import sluice.testing.TestCluster;

/** Any replica reports on all of them, and names those that are silent. */
@Timeout(120)
class ReplicaViewsTest {
    private static final int REPLICAS = 3;
    /** One call a minute passes; the others wait. */
    private static final String SCARCE = """
            accounts: [{ name: main, rpm: 1, strict: false, keys: ["${UPSTREAM_KEY}"] }]
            """;
    private static final String TENANTS = """
            tenants:
              - { name: bot, rpm: 600, max-wait: 10m, keys: ["${BOT}"] }
              - { name: rival, rpm: 600, max-wait: 10m, keys: ["${RIVAL}"] }
            queue: { max-wait: 10m }
            """;

    @RegisterExtension
    private final TestCluster cluster = new TestCluster();

    private JsonObject ask(int gateway, AdminRoute route) {
        HttpResponse<String> answer = cluster.admin(gateway, "GET", route.path());
        AdminContract.holds(route, answer);
        return new JsonObject(answer.body());
    }

    private static List<JsonObject> objects(JsonArray array) {
        return array.stream().map(JsonObject.class::cast).toList();
    }

    @Test
    void everyReplicaTellsOfAll() {
        cluster.start(REPLICAS, SCARCE, TENANTS);
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 2 * REPLICAS; i++) {
            calls.add(cluster.ask(i % REPLICAS, i < REPLICAS ? "BOT" : "RIVAL"));
        }
        Await.until("all but one wait", () -> ask(0, AdminRoute.QUEUE).getInteger("waiting") >= 2 * REPLICAS - 1);
        for (int i = 0; i < REPLICAS; i++) {
            JsonObject queue = ask(i, AdminRoute.QUEUE);
            assertThat(queue.getBoolean("complete")).isTrue();
            assertThat(objects(queue.getJsonArray("replicas"))).hasSize(REPLICAS)
                    .allMatch(each -> each.getBoolean("answered") && each.getInteger("waiting") > 0);
            assertThat(objects(queue.getJsonArray("tenants"))).extracting(each -> each.getString("tenant"))
                    .containsExactlyInAnyOrder("bot", "rival");
            assertThat(queue.getJsonArray("accounts")).hasSize(1);
            JsonObject accounts = ask(i, AdminRoute.ACCOUNTS);
            assertThat(objects(accounts.getJsonArray("replicas"))).hasSize(REPLICAS)
                    .allMatch(each -> each.getJsonArray("accounts").size() == 1);
            JsonObject overview = ask(i, AdminRoute.OVERVIEW);
            assertThat(overview.getInteger("waiting")).isEqualTo(queue.getInteger("waiting"));
            assertThat(overview.getJsonArray("replicas")).hasSize(REPLICAS);
            assertThat(overview.getBoolean("complete")).isTrue();
            JsonObject limits = ask(i, AdminRoute.LIMITS);
            JsonObject bot = limits.getJsonArray("data").getJsonObject(0);
            assertThat(bot.getJsonArray("by_replica")).hasSize(REPLICAS);
            assertThat(bot.getInteger("in_flight")).isBetween(REPLICAS - 1, REPLICAS);
        }
        calls.forEach(call -> call.cancel(true));
        Await.until("nobody waits", () -> ask(1, AdminRoute.QUEUE).getInteger("waiting") == 0);
    }

    @Test
    void theSameTroubleOfSeveralReplicasIsOne() {
        cluster.simulating(settings -> settings
                .withAccounts(SimulatedAccount.unlimited("main", cluster.key("UPSTREAM_KEY_OF_ANOTHER"))))
                .start(REPLICAS, SCARCE.replace("rpm: 1,", "rpm: 1000,"), TENANTS);
        Await.until("each has noticed", () -> {
            for (int i = 0; i < REPLICAS; i++) {
                assertThat(cluster.ask(i, "BOT").join().statusCode()).isIn(502, 503);
            }
            List<JsonObject> told = objects(ask(0, AdminRoute.OVERVIEW).getJsonArray("troubles"));
            return !told.isEmpty() && told.getFirst().getJsonArray("replicas").size() == REPLICAS;
        });
        List<JsonObject> troubles = objects(ask(1, AdminRoute.OVERVIEW).getJsonArray("troubles"));
        assertThat(troubles).extracting(each -> each.getString("what")).containsExactly("account_without_key");
        assertThat(troubles.getFirst().getJsonArray("replicas")).hasSize(REPLICAS).doesNotHaveDuplicates();
    }

    @Test
    void whoIsSilentIsMarkedAndWhoCannotBeAskedIsLeftOut() {
        cluster.start(REPLICAS, SCARCE, TENANTS);
        try (Resp redis = new Resp(cluster.redis().port())) {
            String now = String.valueOf(((List<?>) redis.ask(List.of("TIME"))).getFirst());
            redis.ask(List.of("ZADD", "sluice:{state}:replicas", now + "999999", "ghost"));
        }
        JsonObject queue = ask(0, AdminRoute.QUEUE);
        assertThat(queue.getBoolean("complete")).isFalse();
        Set<String> silent = objects(queue.getJsonArray("replicas")).stream()
                .filter(each -> !each.getBoolean("answered")).map(each -> each.getString("replica"))
                .collect(Collectors.toSet());
        assertThat(silent).containsExactly("ghost");
        assertThat(queue.getJsonArray("replicas")).hasSize(REPLICAS + 1);
        Await.until("the dead are forgotten", () -> ask(0, AdminRoute.QUEUE).getBoolean("complete"));

        cluster.redis().kill();
        Await.until("it is noticed", () -> cluster.metric(2, "sluice_store_reachable") == 0);
        JsonObject away = ask(2, AdminRoute.OVERVIEW).getJsonArray("troubles").getJsonObject(0);
        assertThat(away.getString("what")).isEqualTo("store_down");
        assertThat(away.getString("text")).startsWith(
                "redis cannot be reached; each replica enforces its share of every limit (redis.on-store-loss: share)");
        for (AdminRoute route : List.of(AdminRoute.OVERVIEW, AdminRoute.QUEUE, AdminRoute.ACCOUNTS,
                AdminRoute.LIMITS)) {
            JsonObject alone = ask(2, route);
            assertThat(alone.getBoolean("complete")).as(route.name()).isFalse();
            assertThat(alone.getJsonArray("replicas")).as(route.name()).hasSize(1);
        }
    }
}
