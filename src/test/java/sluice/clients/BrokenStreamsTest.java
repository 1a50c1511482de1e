package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.simulator.Faults;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** No SDK takes a stream that broke for one that ended, and no stream goes on that nobody reads. */
@Timeout(120)
class BrokenStreamsTest {
    private static final String BOT = """
            tenants: [{ name: bot, plan: paid, keys: ["${BOT}"] }]
            """;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    @ParameterizedTest
    @CsvSource({"PYTHON_0, chat", "PYTHON, chat", "PYTHON, responses", "NODE, chat", "NODE, responses", "JAVA, chat",
            "JAVA, responses"})
    void streamThatTheUpstreamCutsIsAnError(Sdk sdk, String api) {
        gateway.start(BOT);
        Call call = Call.of("stream", gateway, "BOT").with("api", api);
        gateway.faults(Faults.none().withCuts(1, 5));
        assertBreaks(sdk, call);
        gateway.faults(Faults.none().withCleanCuts(1, 5));
        assertBreaks(sdk, call);
        assertThat(gateway.log().calls(2)).allSatisfy(BrokenStreamsTest::isTheUpstreams);
        assertThat(gateway.upstream().requests()).as("neither retried nor answered from the cache").isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void upstreamThatDiesWithinAStreamIsAnError(Sdk sdk) {
        gateway.simulating(settings -> settings.withStreams(10_000, Duration.ofMillis(10))).start(BOT);
        Session session = sdk.start(Call.of("stream", gateway, "BOT"));
        assertThat(session.next().getString("event")).isEqualTo("first");
        gateway.killUpstream();
        JsonObject seen = session.next();
        session.end();
        assertIsError(sdk, "chat", seen);
        isTheUpstreams(gateway.log().calls(1).getFirst());
    }

    @ParameterizedTest
    @EnumSource
    void clientThatLeavesEndsTheStreamUpstream(Sdk sdk) {
        gateway.simulating(settings -> settings.withStreams(10_000, Duration.ofMillis(10))).start(BOT);
        Session session = sdk.start(Call.of("leave", gateway, "BOT"));
        double left = session.next().getDouble("at");
        Await.until("streams cancelled", gateway.upstream()::cancelled, 1);
        double millis = System.currentTimeMillis() - left;
        session.end();
        System.out.printf("%s: the upstream is told %.0f ms after its client has left%n", sdk, millis);
        assertThat(millis).isLessThan(5_000);
        assertThat(gateway.log().calls(1).getFirst().getString("outcome")).isEqualTo("client-gone");
    }

    @Test
    void callThatDiesBeforeItsHeadStaysSpentSinceItMayHaveRun() {
        gateway.at(new ManualTime()).start("""
                tenants: [{ name: bot, rpm: 5, concurrent: 1, keys: ["${BOT}"] }]
                """);
        gateway.faults(Faults.none().withHang(true));
        JsonObject question = new JsonObject().put("model", "gpt-4o-mini").put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Say hello")));
        CompletableFuture<HttpResponse<String>> waiting = CompletableFuture
                .supplyAsync(() -> gateway.post("/chat/completions", "BOT", question));
        Await.until("calls under way upstream", gateway.upstream()::inFlight, 1);
        gateway.killUpstream();

        HttpResponse<String> answer = waiting.join();
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.headers().firstValue("x-sluice-error-source")).contains("upstream");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests")).contains("4");
        assertThat(answer.headers().firstValue("x-ratelimit-reset-requests")).contains("12s");
    }

    private void assertBreaks(Sdk sdk, Call call) {
        Session session = sdk.start(call);
        assertThat(session.next().getString("event")).isEqualTo("first");
        JsonObject seen = session.next();
        session.end();
        assertThat(seen.getInteger("chunks")).isPositive();
        assertIsError(sdk, call.get("api"), seen);
    }

    private void assertIsError(Sdk sdk, String api, JsonObject seen) {
        gateway.shown(seen.encode());
        System.out.printf("%s, %s: %s after %d events: %s%n", sdk, api, seen.getString("error"),
                seen.getInteger("chunks"), seen.getString("message"));
        if (api.equals("responses")) {
            // Its error is an event like others: some SDKs pass it on, and raise what the broken connection gives.
            assertThat(seen.getBoolean("ours")).isTrue();
        } else {
            assertThat(seen.getString("error")).isEqualTo(sdk == Sdk.JAVA ? "SseException" : "APIError");
        }
    }

    private static void isTheUpstreams(JsonObject call) {
        assertThat(call.getInteger("status")).isEqualTo(200);
        assertThat(call.getString("outcome")).isEqualTo("upstream");
    }
}
