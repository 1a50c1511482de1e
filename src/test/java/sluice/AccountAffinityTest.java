package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.simulator.SimulatedAccount;
import sluice.testing.TestGateway;

/** Calls with one {@code prompt_cache_key} meet one account, whose own cache knows their prompt. */
@Timeout(60)
class AccountAffinityTest {
    private static final int CALLS = 12;
    private static final String TENANTS = """
            tenants: [{ name: bot, rpm: 100000, keys: ["${BOT}"] }]
            """;

    @RegisterExtension
    private final TestGateway gateway = new TestGateway();
    private int asked;

    private void start(String more) {
        upstream(more);
        gateway.start(TENANTS);
    }

    private void upstream(String more) {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.unlimited("one", gateway.key("UPSTREAM_KEY_1")),
                SimulatedAccount.unlimited("two", gateway.key("UPSTREAM_KEY_2")),
                SimulatedAccount.unlimited("three", gateway.key("UPSTREAM_KEY_3")))).upstream("""
                        accounts:
                          - { name: one, rpm: 200, burst: 200, strict: false, keys: ["${UPSTREAM_KEY_1}"] }
                          - { name: two, rpm: 200, burst: 200, strict: false, keys: ["${UPSTREAM_KEY_2}"] }
                          - { name: three, rpm: 200, burst: 200, strict: false, keys: ["${UPSTREAM_KEY_3}"] }
                        %s
                        """.formatted(more));
    }

    /** The accounts that so many new calls went to, in their order. */
    private List<String> accounts(String path, IntFunction<String> cacheKey) {
        for (int i = 0; i < CALLS; i++) {
            JsonObject body = new JsonObject().put("model", "gpt-4o-mini");
            String question = "Question " + ++asked;
            if (path.equals("/responses")) {
                body.put("input", question).put("store", false);
            } else {
                body.put("messages",
                        new JsonArray().add(new JsonObject().put("role", "user").put("content", question)));
            }
            if (!cacheKey.apply(i).isEmpty()) {
                body.put("prompt_cache_key", cacheKey.apply(i));
            }
            assertThat(gateway.post(path, "BOT", body).statusCode()).isEqualTo(200);
        }
        List<JsonObject> calls = gateway.log().calls(asked);
        return calls.subList(asked - CALLS, asked).stream().map(call -> call.getString("account")).toList();
    }

    @Test
    void callsWithOneKeyMeetOneAccountOnEveryRoute() {
        start("");
        List<String> first = accounts("/chat/completions", i -> "assistant");
        assertThat(Set.copyOf(first)).hasSize(1);
        assertThat(accounts("/responses", i -> "assistant")).isEqualTo(first);
        assertThat(Set.copyOf(accounts("/chat/completions", i -> ""))).as("without a key").hasSizeGreaterThan(1);
    }

    @Test
    void keysAreDrawnApartUntilItIsSwitchedOff() {
        start("");
        List<String> homes = accounts("/chat/completions", i -> "key " + i);
        assertThat(Set.copyOf(homes)).hasSizeGreaterThan(1);
        assertThat(accounts("/chat/completions", i -> "key " + i)).isEqualTo(homes);
        upstream("affinity: false");
        gateway.reload(TENANTS).await();
        assertThat(accounts("/chat/completions", i -> "key " + i)).isNotEqualTo(homes);
    }
}
