package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.simulator.Faults;
import sluice.simulator.SimulatedAccount;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;
import sluice.upstream.ApiKey;

/** What is wrong now stands on the overview from its beginning to its end, in the words of the log. */
@Timeout(60)
class TroublesTest {
    private static final String TENANTS = """
            tenants:
              - { name: bot, keys: ["${BOT}"] }
              - { name: rival, keys: ["${RIVAL}"] }
            """;

    private final ManualTime time = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN").at(time);

    private int calls;

    private HttpResponse<String> ask(String keyName) {
        return gateway.post("/chat/completions", keyName, new JsonObject().put("model", "gpt-4o-mini").put("messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", "Question " + ++calls))));
    }

    private static List<String> kinds(List<JsonObject> troubles) {
        return troubles.stream().map(each -> each.getString("what")).toList();
    }

    private void twoKeys() {
        gateway.simulating(settings -> settings.withAccounts(SimulatedAccount.unlimited("main",
                gateway.key("UPSTREAM_KEY_1"), gateway.key("UPSTREAM_KEY_2")))).upstream("""
                        accounts:
                          - name: main
                            rpm: 100000
                            strict: false
                            keys: ["${UPSTREAM_KEY_1}", "${UPSTREAM_KEY_2}"]
                        """).start(TENANTS);
    }

    @Test
    void whereNothingIsWrongNothingIsShown() {
        gateway.start(TENANTS);
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        assertThat(gateway.troubles("ADMIN")).isEmpty();
    }

    @Test
    void accountWithoutCreditIsShownUntilItServesAgain() {
        gateway.start(TENANTS);
        gateway.faults(Faults.none().withInsufficientQuota("main"));
        assertThat(ask("BOT").statusCode()).isEqualTo(503);
        time.advance(Duration.ofSeconds(10));
        JsonObject trouble = gateway.troubles("ADMIN").getFirst();
        assertThat(trouble).isEqualTo(new JsonObject().put("what", "account_out_of_credit")
                .put("since", ManualTime.START.toString())
                .put("text", "account main is out of service: the upstream reports it is out of credit, at its spending"
                        + " limit, or closed")
                .put("doc", "docs/alerts.md#sluiceaccountoutofcredit")
                .put("replicas", new JsonArray().add("alone")));
        assertThat(gateway.log().lines()).anyMatch(line -> line.startsWith(trouble.getString("text")));
        assertThat(gateway.metrics())
                .contains("sluice_account_out_of_service{account=\"main\",reason=\"out_of_credit\"} 1.0");

        gateway.faults(Faults.none());
        time.advance(Duration.ofMinutes(1));
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        assertThat(gateway.troubles("ADMIN")).isEmpty();
        assertThat(gateway.metrics())
                .contains("sluice_account_out_of_service{account=\"main\",reason=\"out_of_credit\"} 0.0");
    }

    @Test
    void rejectedKeyIsNamedByItsId() {
        twoKeys();
        gateway.faults(Faults.none().withRevokedKeys(gateway.key("UPSTREAM_KEY_1")));
        for (int i = 0; i < 4; i++) {
            assertThat(ask("BOT").statusCode()).isEqualTo(200);
        }
        String told = "account main: the upstream rejects key " + new ApiKey(gateway.key("UPSTREAM_KEY_1")).id();
        Await.until("it is shown", () -> gateway.troubles("ADMIN").size() == 1);
        assertThat(gateway.troubles("ADMIN").getFirst().getString("text")).isEqualTo(told);
        assertThat(gateway.log().lines()).containsOnlyOnce(told);

        time.advance(Duration.ofMinutes(5));
        assertThat(gateway.troubles("ADMIN")).as("it is tried again").isEmpty();
        Await.until("it is rejected again", () -> {
            ask("BOT");
            return gateway.troubles("ADMIN").size() == 1;
        });
        assertThat(gateway.troubles("ADMIN").getFirst().getString("since")).isEqualTo(ManualTime.START.toString());
        assertThat(gateway.log().lines()).as("no news").containsOnlyOnce(told);
    }

    @Test
    void accountWithoutAnyKeyIsOneTrouble() {
        twoKeys();
        gateway.faults(Faults.none().withRevokedKeys(gateway.key("UPSTREAM_KEY_1"), gateway.key("UPSTREAM_KEY_2")));
        assertThat(ask("BOT").statusCode()).isIn(502, 503);
        Await.until("both are out", () -> kinds(gateway.troubles("ADMIN")).equals(List.of("account_without_key")));
        assertThat(gateway.troubles("ADMIN").getFirst().getString("text"))
                .isEqualTo("account main is out of service: the upstream rejects all of its keys");

        gateway.faults(Faults.none());
        time.advance(Duration.ofMinutes(1));
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        assertThat(kinds(gateway.troubles("ADMIN"))).as("the other has yet to be tried")
                .containsExactly("account_key_rejected");
        assertThat(gateway.metrics()).contains("sluice_account_keys{account=\"main\"} 1.0");
        assertThat(gateway.log().lines()).anyMatch(line -> line.contains("the upstream accepts key"));
    }

    @Test
    void accountThatCannotBeReachedIsShownAboveAKeyThatEnds() {
        gateway.start(TENANTS);
        AdminClient admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        AdminClient.body(201, admin.post("/tenants/bot/keys",
                new JsonObject().put("not_after", ManualTime.START.plus(Duration.ofDays(2)).toString())));
        gateway.killUpstream();
        assertThat(ask("BOT").statusCode()).isEqualTo(503);
        List<JsonObject> troubles = gateway.troubles("ADMIN");
        assertThat(kinds(troubles)).containsExactly("account_unreachable", "key_near_expiry");
        assertThat(troubles.getFirst().getString("text")).isEqualTo("account main cannot be reached: refused");
    }

    @Test
    void modelThatFailsForSeveralTenantsIsShownUntilItAnswers() {
        gateway.upstream("""
                breaker: { of-at-least: 4, open-for: 10s }
                accounts: [{ name: main, rpm: 100000, strict: false, keys: ["${UPSTREAM_KEY}"] }]
                """).start(TENANTS);
        gateway.faults(Faults.none().withErrors(1, 500));
        for (int i = 0; i < 2; i++) {
            assertThat(ask("BOT").statusCode()).isEqualTo(500);
            assertThat(ask("RIVAL").statusCode()).isEqualTo(500);
        }
        JsonObject trouble = gateway.troubles("ADMIN").getFirst();
        assertThat(trouble.getString("what")).isEqualTo("model_failing");
        assertThat(trouble.getString("text"))
                .isEqualTo("account main: gpt-4o-mini is paused: too many calls fail");
        gateway.faults(Faults.none());
        time.advance(Duration.ofSeconds(11));
        assertThat(ask("BOT").statusCode()).isEqualTo(200);
        assertThat(gateway.troubles("ADMIN")).isEmpty();
    }

    @Test
    void quotaBelowTheConfiguredOneIsShownThoughNoCallFails() {
        gateway.simulating(settings -> settings.withAccounts(
                SimulatedAccount.parse("main=" + gateway.key("UPSTREAM_KEY") + ":rpm=3"))).start(TENANTS);
        for (int i = 0; i < 3; i++) {
            assertThat(ask("BOT").statusCode()).isEqualTo(200);
        }
        JsonObject trouble = gateway.troubles("ADMIN").getFirst();
        assertThat(trouble.getString("what")).isEqualTo("upstream_quota_short");
        assertThat(trouble.getString("text")).startsWith("account main: gpt-4o-mini has used up the 3 requests a minute"
                + " that the upstream grants; the configuration allows ");
        assertThat(gateway.log().lines()).containsOnlyOnce(trouble.getString("text") + "; its calls wait");
        assertThat(gateway.metrics()).contains("sluice_account_quotas_short{account=\"main\"} 1.0");
    }

    @Test
    void aTeamSeesItsOwnKeysThatEndSoonAndNothingElse() {
        gateway.administered("tokens: [{ name: team, role: \"tenant:rival\", sha256: \"%s\" }]".formatted(
                KeyDigest.of(gateway.key("TEAM")).hex())).start(TENANTS);
        AdminClient admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        String own = issued(admin, "rival", 3);
        issued(admin, "bot", 2);
        issued(admin, "rival", 8);
        String gone = issued(admin, "rival", 4);
        AdminClient.body(200, admin.post("/keys/" + gone + "/revoke", new JsonObject()));
        gateway.faults(Faults.none().withInsufficientQuota("main"));
        assertThat(ask("BOT").statusCode()).isEqualTo(503);

        assertThat(kinds(gateway.troubles("ADMIN"))).containsExactly("account_out_of_credit", "key_near_expiry",
                "key_near_expiry");
        List<JsonObject> seen = gateway.troubles("TEAM");
        assertThat(seen).extracting(each -> each.getString("text")).containsExactly("key " + own
                + " of rival expires at " + ManualTime.START.plus(Duration.ofDays(3)) + "; issue a new one");
        time.advance(Duration.ofDays(3));
        assertThat(gateway.troubles("TEAM")).extracting(each -> each.getString("text")).as("it has ended")
                .noneMatch(text -> text.contains(own)).hasSize(1);
    }

    private static String issued(AdminClient admin, String tenant, int days) {
        return AdminClient.body(201, admin.post("/tenants/" + tenant + "/keys", new JsonObject().put("not_after",
                ManualTime.START.plus(Duration.ofDays(days)).toString()))).getString("id");
    }
}
