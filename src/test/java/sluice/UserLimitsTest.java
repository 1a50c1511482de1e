package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Limits of the end users of one tenant, whom its calls name. */
@Timeout(60)
class UserLimitsTest {
    private final ManualTime clock = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(clock);
    private int questions;

    private void start(String limits) {
        gateway.start("""
                plans: { public: { rpm: 1000, per-user: { %s } } }
                tenants: [{ name: bot, plan: public, keys: ["${BOT}"] }]
                """.formatted(limits));
    }

    private HttpResponse<String> ask(String field, String user) {
        return gateway.post("/chat/completions", "BOT", question().put(field, user));
    }

    private JsonObject question() {
        return new JsonObject().put("model", "gpt-4o-mini").put("max_tokens", 50).put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++questions)));
    }

    @Test
    void eachUserHasItsOwnLimit() {
        start("rpm: 2");
        assertThat(ask("user", "alice").statusCode()).isEqualTo(200);
        assertThat(ask("safety_identifier", "alice").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = ask("user", "alice");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("x-sluice-limit")).hasValue("user/rpm");
        assertThat(refused.headers().firstValue("x-ratelimit-limit-requests")).hasValue("2");
        assertThat(refused.body()).contains("Rate limit reached for this end user of your service on requests per min",
                "try again in 30").doesNotContain("alice");
        assertThat(ask("user", "bob").statusCode()).isEqualTo(200);
        assertThat(gateway.post("/chat/completions", "BOT", question()).statusCode()).as("who is not named is not held")
                .isEqualTo(200);
        assertThat(gateway.upstream().status(200)).isEqualTo(4);
        clock.advance(Duration.ofSeconds(31));
        assertThat(ask("user", "alice").statusCode()).isEqualTo(200);
        assertThat(gateway.metrics()).contains("limit=\"rpm user\"").doesNotContain("alice");
    }

    @Test
    void tokensOfAUserAreSettled() {
        start("tpm: 120");
        assertThat(ask("user", "alice").statusCode()).isEqualTo(200);
        assertThat(ask("user", "alice").statusCode()).as("the first used less than it could").isEqualTo(200);
        JsonObject long200 = question().put("max_tokens", 200).put("user", "bob");
        HttpResponse<String> refused = gateway.post("/chat/completions", "BOT", long200);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("request_exceeds_limit");
    }

    @Test
    void userWhoIsRefusedCostsTheTenantNothing() {
        start("rpm: 1");
        assertThat(ask("user", "alice").statusCode()).isEqualTo(200);
        String left = ask("user", "bob").headers().firstValue("x-ratelimit-remaining-requests").orElse("");
        assertThat(ask("user", "alice").statusCode()).isEqualTo(429);
        assertThat(ask("user", "carol").headers().firstValue("x-ratelimit-remaining-requests"))
                .hasValue(Long.toString(Long.parseLong(left) - 1));
    }
}
