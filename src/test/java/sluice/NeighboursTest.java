package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.simulator.SimulatedAccount;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** What the upstream says to the calls of one tenant is no matter of its neighbours, unless it names the account. */
@Timeout(60)
class NeighboursTest {
    private static final String TWO_KEYS = """
            accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY_1}", "${UPSTREAM_KEY_2}"] }]
            """;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private int calls;

    /** A way in which the calls of one tenant may fare badly. */
    enum Trouble {
        RATE_LIMITED(429, "rate_limit_exceeded", "9.5", ""), RATE_LIMITED_UNTIL_AN_EPOCH(429, "rate_limit_exceeded",
                "1760000000", ""), RATE_LIMITED_UNTIL_A_DATE(429, "rate_limit_exceeded",
                        "Fri, 01 Jan 2100 00:00:00 GMT", ""), SLOWED_DOWN(429, "slow_down", "9.5", ""), TIER_IS_BUSY(
                                429, "resource_unavailable", "", ""), TOO_LARGE(429, "rate_limit_exceeded", "",
                                        "Request too large for m in organization org-x on tokens per min "
                                                + "(TPM): Limit 30000, Requested 342389."), MISSING_SCOPES(401,
                                                        "missing_scope", "",
                                                        "You have insufficient permissions. Missing scopes: model.request"), NOT_IN_THIS_COUNTRY(
                                                                403, "unsupported_country_region_territory", "",
                                                                ""), FAILING(500, "server_error", "", ""), OVERLOADED(
                                                                        503, "server_is_overloaded", "",
                                                                        ""), WRONG_KEY(401, "invalid_api_key", "", "");

        final int status;
        final String code;
        final String retryAfter;
        final String message;

        Trouble(int status, String code, String retryAfter, String message) {
            this.status = status;
            this.code = code;
            this.retryAfter = retryAfter;
            this.message = message;
        }
    }

    private JsonObject chat(String model) {
        return new JsonObject().put("model", model).put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++calls)));
    }

    private HttpResponse<String> quiet() {
        return gateway.post("/chat/completions", "QUIET", chat("gpt-4o-mini"));
    }

    private HttpResponse<String> noisy(Trouble trouble, JsonObject body) {
        var request = gateway.request("/chat/completions", gateway.key("NOISY"))
                .header("x-simulator-status", Integer.toString(trouble.status))
                .header("x-simulator-code", trouble.code);
        if (!trouble.retryAfter.isEmpty()) {
            request.header("x-simulator-retry-after", trouble.retryAfter);
        }
        if (!trouble.message.isEmpty()) {
            request.header("x-simulator-message", trouble.message);
        }
        return gateway.send(request.POST(BodyPublishers.ofString(body.encode())));
    }

    /** Nobody waits for a pause to end. */
    private void start() {
        start("100ms");
    }

    private void start(String maxWait) {
        gateway.simulating(settings -> settings.withAccounts(SimulatedAccount.unlimited("main",
                gateway.key("UPSTREAM_KEY_1"), gateway.key("UPSTREAM_KEY_2"))));
        start(maxWait, TWO_KEYS);
    }

    private void start(String maxWait, String accounts) {
        gateway.upstream("breaker: { of-at-least: 4 }\n" + accounts).start("""
                queue: { max-wait: %s }
                tenants:
                  - { name: noisy, rpm: 1000, keys: ["${NOISY}"] }
                  - { name: quiet, rpm: 1000, keys: ["${QUIET}"] }
                """.formatted(maxWait));
    }

    private static JsonObject error(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error");
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private JsonObject account() {
        return new JsonObject(gateway.admin("/admin/v1/queue").body()).getJsonArray("accounts").getJsonObject(0);
    }

    /** The one asks for a model of its own where a pause of the model is right; else for the neighbour's. */
    @ParameterizedTest
    @EnumSource(Trouble.class)
    void oneTenantsTroubleIsNoMatterOfItsNeighbour(Trouble trouble) {
        start();
        assertNeighbourIsServedBeside(trouble);
        assertThat(account().getInteger("keys_in_service")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void likewiseWithTwoAccounts(Trouble trouble) {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.unlimited("one", gateway.key("UPSTREAM_KEY_1")),
                SimulatedAccount.unlimited("two", gateway.key("UPSTREAM_KEY_2"))));
        start("100ms", """
                accounts:
                  - { name: one, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY_1}"] }
                  - { name: two, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY_2}"] }
                """);
        assertNeighbourIsServedBeside(trouble);
    }

    private void assertNeighbourIsServedBeside(Trouble trouble) {
        boolean pausesItsModel = trouble.name().startsWith("RATE_LIMITED") || trouble == Trouble.SLOWED_DOWN;
        for (int i = 0; i < 12; i++) {
            assertThat(noisy(trouble, chat(pausesItsModel ? "gpt-4.1" : "gpt-4o-mini")).statusCode()).isNotEqualTo(200);
            HttpResponse<String> answer = quiet();
            assertThat(answer.statusCode()).as("call %s: %s", i, answer.body()).isEqualTo(200);
        }
        assertThat(account().getString("paused_for")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"billing_not_active", "access_terminated", "account_deactivated", "insufficient_quota"})
    void whatNamesTheAccountPausesItAsAWhole(String code) {
        start();
        HttpResponse<String> answer = gateway.send(gateway.request("/chat/completions", gateway.key("NOISY"))
                .header("x-simulator-status", "403").header("x-simulator-code", code)
                .POST(BodyPublishers.ofString(chat("gpt-4o-mini").encode())));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(error(answer).getString("code")).isEqualTo("upstream_unavailable");
        assertThat(quiet().statusCode()).isEqualTo(503);
        assertThat(account().getString("paused_for")).isEqualTo("out_of_credit");
    }

    @Test
    void rateLimitOfATierLeavesTheUsualOne() {
        start();
        noisy(Trouble.RATE_LIMITED, chat("gpt-4o-mini").put("service_tier", "priority"));
        assertThat(quiet().statusCode()).isEqualTo(200);
        assertThat(gateway.post("/chat/completions", "NOISY", chat("gpt-4o-mini")).statusCode()).isEqualTo(200);
        HttpResponse<String> paused = gateway.post("/chat/completions", "QUIET",
                chat("gpt-4o-mini").put("service_tier", "priority"));
        assertThat(paused.statusCode()).isEqualTo(429);
        assertThat(error(paused).getString("code")).isEqualTo("upstream_quota_exhausted");
        assertThat(Integer.parseInt(header(paused, "retry-after"))).isBetween(8, 10);
        assertThat(account().getJsonArray("paused_models")).singleElement()
                .satisfies(model -> assertThat(((JsonObject) model).getString("service_tier")).isEqualTo("priority"));
        assertThat(gateway.metrics()).contains("sluice_account_paused_models{account=\"main\"} 1.0");
    }

    @Test
    void requestThatCanNeverFitIsSentOnceAndToldWhatWould() {
        start();
        HttpResponse<String> answer = noisy(Trouble.TOO_LARGE, chat("gpt-4o-mini"));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(error(answer).getString("code")).isEqualTo("request_exceeds_limit");
        assertThat(error(answer).getString("message")).contains("30000", "342389").doesNotContain("org-");
        assertThat(gateway.upstream().requests()).isEqualTo(1);
    }

    @Test
    void busyTierIsTriedAgainWithinBoundsAndThenTold() {
        start();
        HttpResponse<String> answer = noisy(Trouble.TIER_IS_BUSY, chat("gpt-4o-mini").put("service_tier", "flex"));
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(error(answer).getString("message")).contains("service tier");
        assertThat(header(answer, "x-sluice-error-source")).isEqualTo("upstream");
        assertThat(gateway.upstream().requests()).isBetween(1L, 3L);
        assertThat(account().getJsonArray("paused_models")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void whatTheAccountMayNotDoIsToldAs403WithoutItsNames(int status) {
        start();
        HttpResponse<String> answer = gateway.send(gateway.request("/chat/completions", gateway.key("NOISY"))
                .header("x-simulator-status", Integer.toString(status)).header("x-simulator-code", "missing_scope")
                .header("x-simulator-message", "Key sk-proj-abcDEF*** of org-123abc in proj_9xyz lacks scopes: x.y")
                .POST(BodyPublishers.ofString(chat("gpt-4o-mini").encode())));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(error(answer).getString("code")).isEqualTo("missing_scope");
        assertThat(error(answer).getString("message")).isEqualTo("Key *** of *** in *** lacks scopes: x.y");
        assertThat(header(answer, "x-sluice-error-source")).isEqualTo("upstream");
        assertThat(gateway.upstream().requests()).isEqualTo(1);
    }

    @Test
    void keyThatOnlyOneCallIsRefusedForStaysInService() {
        start();
        for (int i = 0; i < 5; i++) {
            assertThat(noisy(Trouble.WRONG_KEY, chat("gpt-4o-mini")).statusCode()).isEqualTo(502);
        }
        Await.until("probes", () -> gateway.upstream().lastRequests().stream()
                .filter(request -> request.uri().endsWith("/models")).count(), 2L);
        assertThat(account().getInteger("keys_in_service")).isEqualTo(2);
    }

    /** Whose names are long hold nothing, and whose names are many share nothing. */
    @Test
    void madeUpModelsSpoilNothing() {
        start();
        for (int i = 0; i < 205; i++) {
            gateway.send(gateway.request("/chat/completions", gateway.key("NOISY")).header("x-simulator-status", "404")
                    .header("x-simulator-code", "model_not_found")
                    .POST(BodyPublishers.ofString(chat("made-up-" + i).encode())));
        }
        assertThat(noisy(Trouble.RATE_LIMITED, chat("made-up-300")).statusCode()).isEqualTo(429);
        noisy(Trouble.RATE_LIMITED, chat("x".repeat(300)));
        long sent = gateway.upstream().requests();
        assertThat(gateway.post("/chat/completions", "QUIET", chat("gpt-4.1-nano")).statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().requests()).isEqualTo(sent + 1);
        assertThat(account().getJsonArray("paused_models")).hasSize(1);
        assertThat(gateway.metrics()).doesNotContain("made-up", "xxx");
    }

    @Test
    void neighboursFailuresUseUpNobodyElsesRetries() {
        start("10s");
        for (int i = 0; i < 20; i++) {
            noisy(Trouble.OVERLOADED, chat("gpt-4.1"));
        }
        var request = gateway.request("/chat/completions", gateway.key("QUIET")).header("x-simulator-status", "503")
                .header("x-simulator-code", "server_is_overloaded");
        long sent = gateway.upstream().requests();
        gateway.send(request.POST(BodyPublishers.ofString(chat("gpt-4o-mini").encode())));
        assertThat(gateway.upstream().requests() - sent).isEqualTo(3);
    }

    @Test
    void upstreamThatCannotBeReachedSaysWhyOnce() {
        start();
        assertThat(quiet().statusCode()).isEqualTo(200);
        gateway.killUpstream();
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = quiet();
            assertThat(answer.statusCode()).isIn(502, 503);
        }
        HttpResponse<String> answer = quiet();
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(Integer.parseInt(header(answer, "retry-after"))).isPositive();
        assertThat(account().getString("unreachable")).isEqualTo("refused");
        assertThat(gateway.metrics()).contains("sluice_account_unreachable{account=\"main\",reason=\"refused\"} 1.0",
                "sluice_account_unreachable{account=\"main\",reason=\"dns\"} 0.0");
        assertThat(gateway.log().lines().stream().filter(line -> line.startsWith("account main cannot be reached")))
                .hasSize(1);
        assertThat(List.of(answer.body())).noneMatch(body -> body.contains("main"));
    }
}
