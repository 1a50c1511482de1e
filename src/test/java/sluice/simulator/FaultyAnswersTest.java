package sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FaultyAnswersTest {
    private static final String MODERATIONS = "/v1/moderations";
    private static final String INPUT = "{\"input\":\"hello\"}";

    private Caller caller;

    @BeforeEach
    void start() throws Exception {
        caller = new Caller(Simulator.Settings.defaults().withSeed(1));
    }

    @AfterEach
    void stop() throws Exception {
        caller.close();
    }

    private HttpResponse<String> call() throws Exception {
        return caller.post(MODERATIONS, INPUT);
    }

    private void faults(Faults faults) {
        caller.simulator.faults(faults);
    }

    @Test
    void errorsSpendQuotaSave429() throws Exception {
        faults(Faults.none().withErrors(1, 503));
        assertThat(call().statusCode()).isEqualTo(503);
        assertThat(caller.simulator.statistics().accepted("main")).isEqualTo(1);
        faults(Faults.none().withErrors(1, 429));
        HttpResponse<String> limited = call();
        assertThat(limited.statusCode()).isEqualTo(429);
        assertThat(limited.headers().firstValue("retry-after")).contains("1");
        assertThat(caller.simulator.statistics().accepted("main")).isEqualTo(1);
    }

    @Test
    void flexMayFindNoCapacity() throws Exception {
        faults(Faults.none().withFlexUnavailable(1));
        String asked = "{\"model\":\"o4-mini\",\"input\":\"hello\",\"service_tier\":\"%s\"}";
        HttpResponse<String> refused = caller.post("/v1/responses", asked.formatted("flex"));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("\"code\":\"resource_unavailable\"");
        assertThat(refused.headers().map()).doesNotContainKeys("retry-after", "retry-after-ms");
        assertThat(caller.simulator.statistics().accepted("main")).as("quota is not spent").isZero();
        assertThat(caller.post("/v1/responses", asked.formatted("auto")).body())
                .contains("\"service_tier\":\"default\"");
        faults(Faults.none());
        assertThat(caller.post("/v1/responses", asked.formatted("flex")).body())
                .contains("\"service_tier\":\"flex\"");
    }

    @Test
    void badGatewayIsAPage() throws Exception {
        faults(Faults.none().withErrors(1, 502));
        HttpResponse<String> response = call();
        assertThat(response.headers().firstValue("content-type")).contains("text/html");
        assertThat(response.body()).contains("cloudflare");
    }

    @Test
    void rateIsTheShareOfCalls() throws Exception {
        faults(Faults.none().withErrors(0.5, 500));
        for (int i = 0; i < 100; i++) {
            call();
        }
        assertThat(caller.simulator.statistics().status(500)).isBetween(30L, 70L);
    }

    @Test
    void accountWithoutMoneyAndRevokedKeyAreRefused() throws Exception {
        faults(Faults.none().withInsufficientQuota("main"));
        assertThat(call().body()).contains("\"code\":\"insufficient_quota\"");
        faults(Faults.none().withRevokedKeys(Caller.KEY));
        assertThat(call().statusCode()).isEqualTo(401);
        assertThat(caller.simulator.statistics().accepted("main")).isZero();
    }

    @Test
    void otherProcessesCanSteer() throws Exception {
        assertThat(caller.put("/simulator/faults", "{\"errorRate\":1,\"errorStatus\":500}").statusCode())
                .isEqualTo(200);
        assertThat(call().statusCode()).isEqualTo(500);
        assertThat(caller.put("/simulator/faults", "{\"errorRate\":3}").statusCode()).isEqualTo(400);
        assertThat(caller.put("/simulator/faults", "nonsense").statusCode()).isEqualTo(400);
        assertThat(caller.get("/simulator/faults").body()).contains("\"errorRate\":1.0");
    }

    @Test
    void slowAnswersStillCome() throws Exception {
        faults(Faults.none().withSlow(Duration.ofMillis(1)));
        assertThat(caller.post(MODERATIONS, INPUT, "x-simulator-latency-ms", "1").statusCode()).isEqualTo(200);
        caller.until(() -> caller.simulator.statistics().inFlight() == 0);
    }

    @Test
    void hangingCallIsInFlightUntilItsClientGivesUp() throws Exception {
        faults(Faults.none().withHang(true));
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Callable<HttpResponse<String>> calling = this::call;
            Future<HttpResponse<String>> hanging = other.submit(calling);
            caller.until(() -> caller.simulator.statistics().accepted("main") == 1);
            assertThat(caller.simulator.statistics().inFlight()).isEqualTo(1);
            hanging.cancel(true);
        }
        caller.until(() -> caller.simulator.statistics().cancelled() == 1);
        assertThat(caller.simulator.statistics().statuses()).isEmpty();
    }

    @Test
    void takenPortFailsTheStart() {
        Simulator.Settings taken = Simulator.Settings.defaults().withAddress("127.0.0.1", caller.simulator.port());
        assertThat(Simulator.start(caller.vertx(), taken, caller.time.time()).toCompletionStage())
                .failsWithin(Duration.ofSeconds(20));
    }
}
