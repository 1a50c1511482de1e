package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.testing.AdminClient;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/**
 * The console in a real Chromium. To take the pictures of the documents anew:
 * {@code mvn test -Dtest=ConsoleInABrowserTest -Dsluice.pictures.write=true}.
 */
@Timeout(300)
class ConsoleInABrowserTest {
    private static final String HOSTILE = "<img src=x onerror=\"window.ran=1\">";
    private static final String FORMULA = "=cmd|' /C calc'!A0";
    private static final String LONG = "a.name-as_long-as-a-name-may-be.0123456789-0123456789-0123456789";
    private static final boolean FOR_DOCUMENTS = Boolean.getBoolean("sluice.pictures.write");
    private static final Path PICTURES = Path.of("target/console");
    private static final List<String> SHOWN = List.of("overview-light", "tenant-light", "usage-dark", "overview-phone");

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");
    private final ManualTime time = new ManualTime();

    /** The lines of a script, by what they are about. */
    private record Said(Map<String, JsonObject> lines) {

        JsonObject of(String what) {
            return Objects.requireNonNull(lines.get(what), what);
        }
    }

    /** Runs a script to its end; returns what it says, by the value of a field. */
    private static Said run(String script, JsonObject facts, String... by) throws Exception {
        List<String> command = new ArrayList<>(Tools.node("console", script));
        command.add(facts.encode());
        Map<String, JsonObject> said = new HashMap<>();
        Script.output(command, Map.of("CHROMIUM", Tools.chromium())).lines().map(JsonObject::new).forEach(line -> said
                .put(String.join(" ", Stream.of(by).map(line::getString).toList()), line));
        return new Said(said);
    }

    @Test
    void aTenantFromItsFirstKeyToItsRevocation() throws Exception {
        JsonObject groups = new JsonObject().put("alice", new JsonArray().add("ops")).put("bob",
                new JsonArray().add("bots")).put(HOSTILE, new JsonArray().add("ops"));
        String tenants = "tenants: [{ name: bot, usd-per-day: 3, keys: [\"${BOT}\"] }, "
                + "{ name: rival, models: [\"gpt-4o\"], keys: [\"${RIVAL}\"] }]";
        gateway.start(tenants);
        try (OpenIdProvider provider = OpenIdProvider.start(groups, gateway.adminUrl() + "/admin/login/callback",
                false)) {
            gateway.administeredAnew("oidc: { issuer: \"" + provider.issuer()
                    + "\", client-id: sluice, client-secret: \"" + OpenIdProvider.SECRET + "\", url: \""
                    + gateway.adminUrl() + "\", scopes: [openid, profile, groups], roles: ["
                    + "{ group: ops, role: operator }, { group: bots, role: \"tenant:bot\" }] }")
                    .reload(tenants).toCompletionStage().toCompletableFuture().join();
            Said steps = run("operator.js", new JsonObject().put("origin", gateway.adminUrl())
                    .put("issuer", provider.issuer()).put("api", gateway.baseUrl()).put("rival", gateway.key("RIVAL"))
                    .put("token", gateway.key("ADMIN")).put("hostile", HOSTILE), "step");

            assertThat(steps.of("came back").getString("path")).isEqualTo("/console/tenants");
            assertThat(steps.of("came back").getString("who")).contains("alice", "Operator");
            assertThat(steps.of("mistakes").getJsonArray("texts")).as("of a form, all at once").containsExactly(
                    "Give it a name.", "Requests a minute: write a number, such as 100.",
                    "Tokens a minute: write a number, such as 100.");
            assertThat(steps.of("refused").getJsonArray("texts")).as("of the API, all at once").hasSize(2);
            assertThat(steps.of("refused").getJsonArray("plans")).contains("paid: 1,000 requests a minute");
            assertThat(steps.of("refused").getString("text")).contains("lower-case letters");
            assertThat(steps.of("refused").getString("kept")).isEqualTo("not a name");
            assertThat(steps.of("issued").getBoolean("form")).isTrue();
            assertThat(steps.of("issued").getBoolean("stays")).as("Escape does not lose the key").isTrue();
            assertThat(steps.of("shown once").getBoolean("gone")).isTrue();
            assertThat(steps.of("shown once").getString("stored")).isEqualTo("{}");
            assertThat(steps.of("called").getInteger("status")).isEqualTo(200);
            assertThat(steps.of("called").getString("text")).contains("billing", "gpt-4o-mini", "$0.0");
            assertThat(steps.of("revoked").getInteger("status")).isEqualTo(401);
            assertThat(steps.of("reason").getString("text")).contains("key not accepted, key ", "billing");
            assertThat(steps.of("audit").getString("text")).contains("made a tenant", "issued a key", "revoked a key",
                    "alice");
            assertThat(steps.of("keyboard").getString("first")).isEqualTo("Skip to the content");
            assertThat(steps.of("keyboard").getString("focus")).isEqualTo("content");
            assertThat(steps.of("team").getString("menu")).contains("Your service").doesNotContain("Audit", "Tenants");
            assertThat(steps.of("team").getString("text")).startsWith("bot").doesNotContain("billing", "rival",
                    "main");
            assertThat(steps.of("own only").getString("text")).contains("bot").doesNotContain("rival");
            assertThat(steps.of("self-service").getInteger("keys")).isEqualTo(2);
            assertThat(steps.of("ended").getString("page")).isEqualTo("/console");
            assertThat(steps.of("went on").getString("who")).contains("admin.token");
            assertThat(steps.of("hostile").getString("who")).contains(HOSTILE);
            assertThat(steps.of("hostile").getInteger("ran")).isZero();
            assertThat(steps.of("complaints").getJsonArray("complaints")).isEmpty();
        }
    }

    @Test
    void whatIsWrongStandsAboveEverythingElse() throws Exception {
        gateway.start("tenants: [{ name: bot, keys: [\"${BOT}\"] }]");
        JsonObject facts = new JsonObject().put("origin", gateway.adminUrl()).put("token", gateway.key("ADMIN"));
        JsonObject well = run("overview.js", facts, "step").of("overview");
        assertThat(well.getString("wrong")).isEmpty();
        gateway.killUpstream();
        assertThat(call("BOT", "gpt-4o-mini", "hello").statusCode()).isEqualTo(503);
        JsonObject ill = run("overview.js", facts, "step").of("overview");
        assertThat(ill.getString("first")).isEqualTo("troubles");
        assertThat(ill.getString("wrong")).contains("Account main cannot be reached: refused.",
                "docs/alerts.md#sluiceaccountunreachable");
        assertThat(ill.getJsonArray("complaints")).isEmpty();
    }

    @Test
    void whoCallsMostIsNamedThoughItsCallsAreRefusedAndWhatIsOverSaysSince() throws Exception {
        gateway.at(time).start("""
                tenants:
                  - { name: flood, rpm: 2, keys: ["${FLOOD}"] }
                  - { name: victim, keys: ["${VICTIM}"] }
                """);
        for (int i = 0; i < 6; i++) {
            call("FLOOD", "gpt-4o-mini", "flood " + i);
        }
        for (int i = 0; i < 3; i++) {
            call("VICTIM", "gpt-4o-mini", "hello " + i);
        }
        JsonObject facts = new JsonObject().put("origin", gateway.adminUrl()).put("token", gateway.key("ADMIN"));
        JsonObject now = run("overview.js", facts, "step").of("overview");
        assertThat(now.getString("busiest")).contains("flood 6 calls · 2 answered", "victim 3 calls · 3 answered")
                .containsSubsequence("flood", "victim");
        assertThat(now.getString("refused")).contains("flood 4 calls over its rate limit (requests per minute) 4 calls")
                .doesNotContain("until");
        time.advance(Duration.ofMinutes(5));
        JsonObject later = run("overview.js", facts, "step").of("overview");
        assertThat(later.getString("refused"))
                .containsPattern("over its rate limit \\(requests per minute\\), until \\d\\d:00 ");
        assertThat(later.getJsonArray("complaints")).isEmpty();
    }

    @Test
    void aHiddenTabAsksNothingAndAFailingGatewayIsAskedEverMoreRarely() throws Exception {
        gateway.start("tenants: [{ name: bot, keys: [\"${BOT}\"] }]");
        JsonObject polling = run("polling.js", new JsonObject().put("origin", gateway.adminUrl()).put("token",
                gateway.key("ADMIN")), "step").of("polling");
        assertThat(polling.getInteger("seen")).isEqualTo(4);
        assertThat(polling.getInteger("whileHidden")).isZero();
        List<Integer> gaps = polling.getJsonArray("gaps").stream().map(Integer.class::cast).toList();
        assertThat(gaps).hasSize(4).isSorted();
        assertThat(gaps.getLast()).as("doubled from 5 s").isGreaterThanOrEqualTo(35);
    }

    /** With data that would run, if the console ever took it for markup. */
    @Test
    void everyPageInLightAndDarkAndOnAPhone() throws Exception {
        gateway.at(time)
                .start("""
                        tenants:
                          - { name: search, plan: paid, rpm: 1000, tpm: 400000, usd-per-day: 0.02, concurrent: 40, keys: ["${SEARCH}"] }
                          - { name: support-bot, rpm: 6, usd-per-day: 20, usd-per-month: 300, keys: ["${BOT}"] }
                          - { name: summaries, plan: free, weight: 2, models: ["gpt-4o*"], keys: ["${SUMS}"] }
                          - { name: %s, rpm: 5, keys: ["${LONG}"] }
                        """
                        .formatted(FOR_DOCUMENTS ? "translator" : LONG));
        AdminClient admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        AdminClient.body(201, admin.post("/tenants/search/keys",
                new JsonObject().put("label", FOR_DOCUMENTS ? "production" : HOSTILE)));
        AdminClient.body(201, admin.post("/tenants/search/keys",
                new JsonObject().put("label", FOR_DOCUMENTS ? "nightly jobs" : FORMULA)));
        AdminClient.body(201, admin.post("/tenants", new JsonObject().put("name", "billing").put("settings",
                new JsonObject().put("usd-per-month", 50))));
        String id = calls();
        Await.until("the ledger has them", () -> admin.get("/calls?id=" + id).body().contains(id));
        Files.createDirectories(PICTURES);

        Said pages = run("pages.js", new JsonObject().put("origin", gateway.adminUrl())
                .put("token", gateway.key("ADMIN")).put("callId", id).put("at", time.time().now().toString())
                .put("pictures", PICTURES.toAbsolutePath().toString()), "page", "view");

        JsonObject exported = pages.of("exported dark");
        pages.lines().remove("exported dark");
        assertThat(pages.lines()).hasSize(42);
        pages.lines().forEach((name, page) -> {
            assertThat(page.getJsonArray("serious")).as("axe: %s", name).isEmpty();
            assertThat(page.getJsonArray("complaints")).as(name).isEmpty();
            assertThat(page.getInteger("tooWide")).as("pixels too wide: %s", name).isZero();
            assertThat(page.getInteger("ran")).as("a script ran: %s", name).isZero();
            assertThat(page.getString("title")).as(name).endsWith(" · Sluice");
        });
        assertThat(pages.of("tags light").getString("text")).contains("team=search");
        assertThat(pages.of("overview light").getString("text")).contains("over its rate limit (requests per minute)");
        if (FOR_DOCUMENTS) {
            for (String shown : SHOWN) {
                Files.copy(PICTURES.resolve(shown + ".png"), Path.of("docs/console/" + shown + ".png"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } else {
            for (String page : List.of("keys", "call", "calls")) {
                assertThat(pages.of(page + " light").getString("text")).as(page).contains(HOSTILE);
            }
            assertThat(exported.getString("text")).as("a spreadsheet must not run it")
                    .contains(",'" + FORMULA + ",", ",\"" + HOSTILE.replace("\"", "\"\"") + "\",");
        }
    }

    /** Calls that are answered, refused and hostile; returns the id of a hostile one. */
    private String calls() {
        for (int day = 0; day < 12; day++) {
            for (int i = 0; i < 4 + 7 * day % 5; i++) {
                call("SEARCH", "gpt-4o-mini", "question " + i);
                call("SUMS", "gpt-4o", "summary " + day % 4 + i);
                call("BOT", "gpt-4o", "ticket " + day + i % 3);
            }
            time.advance(Duration.ofDays(1));
        }
        for (int minute = 0; minute < 28; minute++) {
            for (int i = 0; i < 4 + minute * minute % 7; i++) {
                call("SEARCH", "gpt-4o-mini", "question " + minute + i % 3);
                call("BOT", "gpt-4o-mini", "ticket " + minute + i);
            }
            time.advance(Duration.ofMinutes(1));
        }
        call("LONG", "gpt-4o-mini", "hello");
        gateway.post("/chat/completions", "NOBODY", new JsonObject());
        HttpResponse<String> answer = call("LONG", FOR_DOCUMENTS ? "gpt-4o" : HOSTILE, "hello");
        return answer.headers().firstValue("x-sluice-request-id").orElseThrow().replaceFirst("^req_", "");
    }

    private HttpResponse<String> call(String keyName, String model, String text) {
        return gateway.send(gateway.request("/chat/completions", gateway.key(keyName))
                .header("x-sluice-tags", "team=search").header("user-agent", HOSTILE)
                .POST(BodyPublishers.ofString(new JsonObject().put("model", model)
                        .put("user", HOSTILE).put("messages", new JsonArray().add(
                                new JsonObject().put("role", "user").put("content", text)))
                        .encode())));
    }
}
