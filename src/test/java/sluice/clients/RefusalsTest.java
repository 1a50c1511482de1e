package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** For a refusal, every SDK raises the error that its users know, and retries only as the answer asks. */
@Timeout(120)
class RefusalsTest {
    private static final JsonObject CHAT = new JsonObject().put("model", "gpt-4o-mini").put("messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "Use it up")));

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private final ManualTime clock = new ManualTime();

    @ParameterizedTest
    @EnumSource
    void wrongKeysForeignModelsAndUnknownRoutesAreToldApart(Sdk sdk) {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, keys: ["${BOT}"], models: ["gpt-4o*"] }]
                """);
        assertRefused(sdk, Call.of("ask", gateway, "STRANGER"), 401, "invalid_api_key");
        assertRefused(sdk, Call.of("ask", gateway, "BOT").with("model", "o4-mini"), 403, "model_not_allowed");
        assertRefused(sdk, Call.of("ask", gateway, "BOT").with("base", gateway.baseUrl() + "/nowhere"), 404,
                "unknown_url");
        assertThat(gateway.log().calls(3)).as("no SDK tries again").hasSize(3);
        assertThat(gateway.upstream().requests()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void limitIsARateLimitErrorAfterTheRetriesThatTheHeadersAskFor(Sdk sdk) {
        gateway.at(clock).start("""
                tenants: [{ name: bot, rpm: 50, keys: ["${BOT}"] }]
                """);
        useUp(50);
        JsonObject seen = assertRefused(sdk, Call.of("ask", gateway, "BOT"), 429, "rate_limit_exceeded");

        int attempts = gateway.log().calls(50 + sdk.attempts).size() - 50;
        double seconds = seen.getDouble("seconds");
        System.out.printf("%s: %d requests in %.2f s, told to wait for 1.2 s (2 s in whole ones)%n", sdk, attempts,
                seconds);
        // Without the headers at most 1.5 s in all, by the seconds of retry-after 4 s.
        assertThat(seconds).isBetween(1.2 * (sdk.attempts - 1), 1.2 * (sdk.attempts - 1) + 1.4);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PYTHON_0")
    void retryAfterTheWaitIsAnswered(Sdk sdk) {
        gateway.at(clock).start("""
                tenants: [{ name: bot, rpm: 60, keys: ["${BOT}"] }]
                """);
        useUp(60);
        Session session = sdk.start(Call.of("ask", gateway, "BOT"));
        assertThat(gateway.log().calls(61).getLast().getInteger("status")).isEqualTo(429);
        clock.advance(Duration.ofMillis(1001));
        assertThat(session.next().getString("cache")).isEqualTo("MISS");
        session.end();
        assertThat(gateway.log().calls(62).getLast().getInteger("status")).isEqualTo(200);
        assertThat(gateway.upstream().lastRequests().getLast().headers().get("x-stainless-retry-count")).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource
    void spentBudgetIsAQuotaErrorAndNotTriedAgain(Sdk sdk) {
        gateway.start("""
                tenants: [{ name: bot, plan: paid, usd-per-day: 0.000001, keys: ["${BOT}"] }]
                """);
        assertRefused(sdk, Call.of("ask", gateway, "BOT"), 429, "insufficient_quota");
        assertThat(gateway.log().calls(1)).as("no SDK tries again").hasSize(1);
        assertThat(gateway.upstream().requests()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void limitThatNoWaitingHelpsIsNotTriedAgain(Sdk sdk) {
        gateway.start("""
                tenants: [{ name: bot, rpd: 1, keys: ["${BOT}"] }]
                """);
        useUp(1);
        assertRefused(sdk, Call.of("ask", gateway, "BOT"), 429, "rate_limit_exceeded");
        assertThat(gateway.log().calls(2)).as("the one that is answered, and exactly one that is refused").hasSize(2);
    }

    private JsonObject assertRefused(Sdk sdk, Call call, int status, String code) {
        Session session = sdk.start(call);
        JsonObject seen = session.next();
        session.end();
        gateway.shown(seen.encode());
        assertThat(seen.getString("error")).isEqualTo(sdk.errorOf(status));
        assertThat(seen.getInteger("status")).isEqualTo(status);
        if (sdk != Sdk.PYTHON_0) {
            assertThat(seen.getString("code")).isEqualTo(code);
            assertThat(seen.getString("requestId")).startsWith("req_");
        }
        return seen;
    }

    private void useUp(int requests) {
        for (int i = 0; i < requests; i++) {
            assertThat(gateway.post("/chat/completions", "BOT", CHAT).statusCode()).isEqualTo(200);
        }
    }
}
