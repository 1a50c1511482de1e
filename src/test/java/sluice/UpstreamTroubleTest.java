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
import org.junit.jupiter.params.provider.ValueSource;
import sluice.simulator.Faults;
import sluice.simulator.SimulatedAccount;
import sluice.testing.Await;
import sluice.testing.TestGateway;

/** Upstream failures are hidden where possible, and otherwise reported in the gateway's own words. */
@Timeout(60)
class UpstreamTroubleTest {
    private static final String ONE_TENANT = """
            tenants: [{ name: bot, rpm: 20, keys: ["${BOT}"] }]
            """;
    private static final String TWO_ACCOUNTS = """
            accounts:
              - { name: one, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY_1}"] }
              - { name: two, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY_2}"] }
            """;
    private static final String TWO_KEYS = """
            accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY_1}", "${UPSTREAM_KEY_2}"] }]
            """;

    @RegisterExtension
    final TestGateway gateway = new TestGateway();

    private int calls;

    /** Each time another text, so that nothing comes from the cache. */
    private JsonObject chat() {
        return new JsonObject().put("model", "gpt-4o-mini").put("messages", new JsonArray()
                .add(new JsonObject().put("role", "user").put("content", "Question " + ++calls)));
    }

    private HttpResponse<String> ask() {
        return gateway.post("/chat/completions", "BOT", chat());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static JsonObject error(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error");
    }

    private JsonObject lastCall() {
        return gateway.log().calls(calls).getLast();
    }

    private void twoAccounts() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.unlimited("one", gateway.key("UPSTREAM_KEY_1")),
                SimulatedAccount.unlimited("two", gateway.key("UPSTREAM_KEY_2"))));
        gateway.upstream(TWO_ACCOUNTS).start(ONE_TENANT);
    }

    private void twoKeys() {
        gateway.simulating(settings -> settings.withAccounts(SimulatedAccount.unlimited("main",
                gateway.key("UPSTREAM_KEY_1"), gateway.key("UPSTREAM_KEY_2"))));
        gateway.upstream(TWO_KEYS).start(ONE_TENANT);
    }

    @Test
    void upstreamRateLimitIsWaitedOutAndChargedToTheTenantOnce() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.parse("main=" + gateway.upstreamKey() + ":rpm=30,start-empty=true")));
        gateway.start(ONE_TENANT);
        HttpResponse<String> answer = ask();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(gateway.upstream().rateLimited()).isPositive();
        assertThat(header(answer, "x-ratelimit-remaining-requests")).isEqualTo("19");
        assertThat(Integer.parseInt(header(answer, "x-sluice-wait-ms"))).isPositive();
        assertThat(lastCall().getInteger("attempts")).isGreaterThan(1);
        assertThat(gateway.metrics()).contains("sluice_upstream_retries_total{account=\"main\",reason=\"429\"}",
                "sluice_upstream_requests_total{account=\"main\",code=\"429\"}");
    }

    @Test
    void upstreamRateLimitBeyondTheCallersPatienceIsOurOwn429() {
        gateway.simulating(settings -> settings.withAccounts(SimulatedAccount.parse("main=" + gateway.upstreamKey()
                + ":rpm=1,organization=org-secret,start-empty=true")));
        gateway.start(ONE_TENANT);
        HttpResponse<String> answer = ask();

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(error(answer).getString("code")).isEqualTo("upstream_quota_exhausted");
        assertThat(header(answer, "x-sluice-error-source")).isEqualTo("upstream");
        assertThat(Integer.parseInt(header(answer, "retry-after"))).isBetween(50, 60);
        assertThat(header(answer, "x-ratelimit-remaining-requests")).as("it was sent").isEqualTo("19");
        assertThat(answer.body() + answer.headers().map()).doesNotContain("org-secret", "account");
    }

    @Test
    void accountWithoutCreditIsLeftToAnother() {
        twoAccounts();
        gateway.faults(Faults.none().withInsufficientQuota("one"));
        assertThat(List.of(ask().statusCode(), ask().statusCode(), ask().statusCode())).containsOnly(200);

        assertThat(gateway.log().calls(3)).extracting(call -> call.getString("account")).containsOnly("two");
        assertThat(gateway.upstream().requests("one")).isEqualTo(1);
        assertThat(gateway.metrics()).contains(
                "sluice_upstream_retries_total{account=\"one\",reason=\"out_of_credit\"} 1.0");
        assertThat(gateway.log().lines())
                .anyMatch(line -> line.startsWith("account one is out of service") && line.contains("credit"));
        assertThat(new JsonObject(gateway.admin("/admin/v1/queue").body()).getJsonArray("accounts").getJsonObject(0)
                .getString("paused_for")).isEqualTo("out_of_credit");
    }

    @Test
    void allAccountsWithoutCreditAreOurOwn503() {
        twoAccounts();
        gateway.faults(Faults.none().withInsufficientQuota("one", "two"));
        for (HttpResponse<String> answer : List.of(ask(), ask())) {
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(error(answer).getString("code")).isEqualTo("upstream_unavailable");
            assertNothingOfTheAccount(answer);
        }
        assertThat(gateway.upstream().requests()).as("nobody hammers").isEqualTo(2);
    }

    @Test
    void revokedKeyIsReplacedByTheAccountsOther() {
        twoKeys();
        gateway.faults(Faults.none().withRevokedKeys(gateway.key("UPSTREAM_KEY_1")));
        for (int i = 0; i < 4; i++) {
            assertThat(ask().statusCode()).isEqualTo(200);
        }
        assertThat(gateway.upstream().status(401)).as("a call and a probe").isEqualTo(2);
        assertThat(gateway.upstream().requests()).isEqualTo(6);
        assertThat(gateway.metrics()).contains("sluice_account_keys{account=\"main\"} 1.0",
                "sluice_upstream_retries_total{account=\"main\",reason=\"key_rejected\"} 1.0");
    }

    @Test
    void accountWhoseKeysAreAllRevokedIsToldWithoutNamingIt() {
        twoKeys();
        gateway.faults(Faults.none().withRevokedKeys(gateway.key("UPSTREAM_KEY_1"), gateway.key("UPSTREAM_KEY_2")));
        HttpResponse<String> first = ask();
        assertThat(first.statusCode()).isIn(502, 503);
        assertNothingOfTheAccount(first);
        Await.until("keys out", () -> gateway.metrics().contains("sluice_account_keys{account=\"main\"} 0.0"));
        HttpResponse<String> second = ask();
        assertThat(second.statusCode()).isEqualTo(503);
        assertThat(error(second).getString("code")).isEqualTo("upstream_unavailable");
        assertThat(Integer.parseInt(header(second, "retry-after"))).isPositive();
        assertNothingOfTheAccount(second);
        assertThat(gateway.upstream().requests()).as("one try and one probe of each key").isEqualTo(4);
        assertThat(gateway.metrics()).contains("sluice_account_keys{account=\"main\"} 0.0");
        assertThat(gateway.log().lines()).anyMatch(line -> line.contains("rejects all of its keys"));
    }

    private static void assertNothingOfTheAccount(HttpResponse<String> answer) {
        assertThat(header(answer, "x-sluice-error-source")).isEqualTo("upstream");
        assertThat(header(answer, "x-ratelimit-remaining-requests")).as("the first was sent").isEqualTo("19");
        assertThat(answer.body()).doesNotContain("one", "two", "main", "org-", "sk-", "insufficient_quota",
                "platform.openai.com");
    }

    @Test
    void passingFailuresAreTriedAgain() {
        gateway.simulating(settings -> settings.withSeed(7).withFaults(Faults.none().withErrors(0.3, 503)));
        gateway.upstream("""
                retries: { attempts: 8, budget: 100% }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start(ONE_TENANT);
        for (int i = 0; i < 15; i++) {
            assertThat(ask().statusCode()).isEqualTo(200);
        }
        long failed = gateway.upstream().status(503);
        assertThat(failed).isPositive();
        assertThat(gateway.upstream().requests()).isEqualTo(15 + failed);
        assertThat(gateway.metrics())
                .contains("sluice_upstream_retries_total{account=\"main\",reason=\"503\"} " + failed + ".0");
    }

    @Test
    void failureThatStaysIsToldAfterTheLastAttempt() {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withErrors(1, 503)));
        gateway.start(ONE_TENANT);
        HttpResponse<String> answer = ask();
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(gateway.upstream().requests()).isEqualTo(3);
        assertThat(header(answer, "x-ratelimit-remaining-requests")).isEqualTo("19");
        assertThat(lastCall().getInteger("attempts")).isEqualTo(3);
    }

    @Test
    void withoutBudgetNothingIsTriedAgain() {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withErrors(1, 503)));
        gateway.upstream("""
                retries: { budget: 0% }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start(ONE_TENANT);
        HttpResponse<String> answer = ask();
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(gateway.upstream().requests()).isEqualTo(1);
        assertThat(error(answer).getString("message")).as("the upstream's own words").contains("overloaded");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 504, 524, 529})
    void failureOfACallThatMayHaveRunIsNotTriedAgain(int status) {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withErrors(1, status)));
        gateway.start(ONE_TENANT);
        assertThat(ask().statusCode()).isEqualTo(status);
        assertThat(gateway.upstream().requests()).isEqualTo(1);
    }

    @Test
    void callThatHangsIsNotSentAgain() {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withHang(true)));
        gateway.upstream("""
                timeouts: { first-byte: 100ms }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start(ONE_TENANT);
        HttpResponse<String> answer = ask();
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(error(answer).getString("code")).isEqualTo("upstream_timeout");
        assertThat(gateway.upstream().requests()).isEqualTo(1);
        assertThat(lastCall().getInteger("attempts")).isEqualTo(1);
    }

    @Test
    void streamThatIsCutIsNotSentAgain() {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withCleanCuts(1, 2)));
        gateway.start(ONE_TENANT);
        try {
            gateway.post("/chat/completions", "BOT", chat().put("stream", true));
        } catch (java.io.UncheckedIOException aborted) {
            // The answer never ends cleanly.
        }
        assertThat(lastCall().getString("outcome")).isEqualTo("upstream");
        assertThat(gateway.upstream().requests()).isEqualTo(1);
    }

    @Test
    void callThatNamesWhatIsStoredIsNotSentAgain() {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withErrors(1, 503)));
        gateway.start(ONE_TENANT);
        for (String field : List.of("previous_response_id", "conversation")) {
            gateway.post("/responses", "BOT",
                    new JsonObject().put("model", "gpt-4o-mini").put("input", "Hi").put(field, "resp_1"));
        }
        gateway.post("/responses", "BOT",
                new JsonObject().put("model", "gpt-4o-mini").put("input", "Hi").put("background", true));
        assertThat(gateway.upstream().requests()).isEqualTo(3);
    }

    @Test
    void breakerLeavesAnAccountThatFailsToAnother() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.unlimited("one", gateway.key("UPSTREAM_KEY_1")),
                SimulatedAccount.unlimited("two", gateway.key("UPSTREAM_KEY_2")))
                .withFaults(Faults.none().withErrors(1, 500)));
        gateway.upstream("breaker: { of-at-least: 2, open-for: 1h }\n" + TWO_ACCOUNTS).start(ONE_TENANT);
        for (int i = 0; i < 4; i++) {
            assertThat(ask().statusCode()).isEqualTo(500);
        }
        gateway.faults(Faults.none());
        HttpResponse<String> answer = ask();
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(error(answer).getString("code")).isEqualTo("upstream_unavailable");
        assertThat(gateway.upstream().requests("one")).isEqualTo(2);
        assertThat(gateway.upstream().requests("two")).isEqualTo(2);
    }

    /** While everything fails, callers hear so at once, with a time to retry; a single call discovers the recovery. */
    @Test
    void outageIsToldAtOnceAndItsEndIsFoundByOneCall() {
        gateway.simulating(settings -> settings.withFaults(Faults.none().withErrors(1, 500)));
        gateway.upstream("""
                breaker: { of-at-least: 4, open-for: 50ms }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start("""
                tenants:
                  - { name: bot, rpm: 10000, keys: ["${BOT}"] }
                  - { name: quiet, rpm: 10000, keys: ["${OTHER}"] }
                """);
        for (int i = 0; i < 2; i++) {
            assertThat(ask().statusCode()).isEqualTo(500);
            assertThat(gateway.post("/chat/completions", "OTHER", chat()).statusCode()).isEqualTo(500);
        }
        assertThat(ask().statusCode()).as("waits for the first that tries, and is it").isEqualTo(500);
        long sent = gateway.upstream().requests();
        int refused = 0;
        for (int i = 0; i < 200; i++) {
            HttpResponse<String> answer = ask();
            if (answer.statusCode() == 503) {
                refused++;
                assertThat(error(answer).getString("code")).isEqualTo("upstream_unavailable");
                assertThat(Integer.parseInt(header(answer, "retry-after-ms"))).isPositive();
            }
        }
        assertThat(refused).isEqualTo(200 - (int) (gateway.upstream().requests() - sent)).isGreaterThan(150);
        gateway.faults(Faults.none());
        Await.until("the end of it", () -> gateway.post("/chat/completions", "OTHER", chat()).statusCode(), 200);
        assertThat(ask().statusCode()).isEqualTo(200);
    }

    @Test
    void moderationsNeedNoTokensWhateverTheLimits() {
        gateway.upstream("""
                accounts: [{ name: main, rpm: 100000, tpm: 1000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start("""
                tenants: [{ name: bot, tpm: 1000, keys: ["${BOT}"] }]
                """);
        HttpResponse<String> answer = gateway.send(gateway.request("/moderations", gateway.key("BOT"))
                .POST(BodyPublishers.ofString("{\"input\":\"some text\"}")));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "x-ratelimit-remaining-tokens")).isEqualTo("1000");
    }
}
