package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static sluice.testing.AdminClient.body;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.testing.AdminClient;
import sluice.testing.EchoUpstream;
import sluice.testing.PostgresProcess;
import sluice.testing.RedisProcess;
import sluice.testing.TestConfig;
import sluice.time.Time;

/** While a store is away, every route still answers by its contract, and a call that cannot be served says why. */
@Timeout(240)
class AdminOutagesTest {
    private static final List<String> TOLD = List.of("ledger_unavailable", "not_shared", "overloaded");

    @TempDir
    private Path folder = Path.of("");

    private final Vertx vertx = Vertx.vertx();
    private final PostgresProcess postgres = PostgresProcess.start();
    private final RedisProcess redis = RedisProcess.start();
    private RunningGateway gateway;
    private AdminClient admin = new AdminClient("", "");
    private String key = "";

    /** Which store is away, and how. */
    enum Outage {
        REDIS_DEAD, POSTGRES_DEAD, POSTGRES_HANGS, BOTH_DEAD, BOTH_HANG
    }

    @BeforeEach
    void start() throws Exception {
        gateway = RunningGateway.start(TestConfig.parse("""
                listen: { host: 127.0.0.1, port: 0 }
                admin: { host: 127.0.0.1, port: 0 }
                ledger: { url: "%s", spool: { dir: "%s" } }
                redis: { url: "%s", timeout: 200ms }
                upstream:
                  base-url: http://127.0.0.1:%d/v1
                  accounts: [{ name: main, rpm: 1000000, strict: false, keys: [sk-upstream-0123456789] }]
                """.formatted(postgres.text(postgres.newDatabase().database()), folder.resolve("spool"), redis.url(),
                EchoUpstream.start(vertx).port()), name -> null), Time.system()).await();
        admin = new AdminClient("http://127.0.0.1:" + gateway.adminPort(), "");
        body(201, admin.post("/tenants", new JsonObject().put("name", "team")));
        key = body(201, admin.post("/tenants/team/keys", new JsonObject())).getString("id");
    }

    @AfterEach
    void stop() {
        postgres.resume();
        redis.resume();
        gateway.stop().await();
        postgres.close();
        redis.close();
        vertx.close().await();
    }

    private void happen(Outage outage) {
        switch (outage) {
            case REDIS_DEAD -> redis.kill();
            case POSTGRES_DEAD -> postgres.kill();
            case POSTGRES_HANGS -> postgres.pause();
            case BOTH_DEAD -> {
                redis.kill();
                postgres.kill();
            }
            case BOTH_HANG -> {
                redis.pause();
                postgres.pause();
            }
        }
    }

    private static String bodyOf(AdminRoute route) {
        return switch (route) {
            case CREATE_TENANT -> "{\"name\":\"another\"}";
            case CHANGE_TENANT -> "{\"settings\":{\"rpm\":5}}";
            case CHANGE_KEY -> "{\"label\":\"changed\"}";
            case EXPLAIN -> "{\"tenant\":\"team\",\"body\":{\"model\":\"gpt-4o\",\"messages\":[]}}";
            case REVOKE_SUBJECT -> "{\"issuer\":\"https://issuer.example.com\",\"subject\":\"one\"}";
            default -> "";
        };
    }

    @ParameterizedTest
    @EnumSource
    void everyRouteIsAnswered(Outage outage) throws InterruptedException {
        happen(outage);
        Map<AdminRoute, HttpResponse<String>> answers = new ConcurrentHashMap<>();
        Map<AdminRoute, Long> millis = new ConcurrentHashMap<>();
        List<Thread> callers = new ArrayList<>();
        for (AdminRoute route : AdminRoute.values()) {
            callers.add(Thread.ofVirtual().start(() -> {
                long began = System.nanoTime();
                answers.put(route, admin.send(route.method(), route.path().substring("/admin/v1".length())
                        .replace("{name}", "team").replace("{id}", key), bodyOf(route)));
                millis.put(route, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
            }));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(answers).hasSize(AdminRoute.values().length);
        Map<String, Integer> codes = new TreeMap<>();
        answers.forEach((route, answer) -> {
            AdminContract.holds(route, answer);
            assertThat(answer.statusCode()).as(route + " " + answer.body()).isNotEqualTo(500);
            String code = answer.statusCode() < 400
                    ? "answered"
                    : new JsonObject(answer.body()).getJsonObject("error").getString("code");
            if (answer.statusCode() > 500) {
                assertThat(code).as(route.name()).isIn(TOLD);
            }
            codes.merge(code, 1, Integer::sum);
        });
        for (AdminRoute route : List.of(AdminRoute.TENANTS, AdminRoute.KEYS, AdminRoute.LIMITS, AdminRoute.QUEUE,
                AdminRoute.CONFIG, AdminRoute.SESSION)) {
            assertThat(answers.get(route).statusCode()).as(route.name()).isEqualTo(200);
        }
        System.out.println(outage + ": " + codes + ", longest "
                + millis.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow() + " ms, lists "
                + Math.max(millis.get(AdminRoute.TENANTS), millis.get(AdminRoute.QUEUE)) + " ms");
    }
}
