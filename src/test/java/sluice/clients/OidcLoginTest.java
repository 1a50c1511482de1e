package sluice.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.admin.AdminContract;
import sluice.admin.AdminRoute;
import sluice.admin.JudgedRoles;
import sluice.admin.Role;
import sluice.testing.Certificate;
import sluice.testing.RawClient;
import sluice.testing.TestGateway;

/** People log in by a certified provider, and may do what their groups may. */
@Timeout(180)
class OidcLoginTest {
    private static final String TENANTS = "tenants: [{ name: bot, keys: [\"${BOT}\"] }, { name: rival, keys: [\"${RIVAL}\"] }]";
    private static final String ROLES = "{ group: ops, role: operator }, { group: readers, role: viewer }, "
            + "{ group: bots, role: \"tenant:bot\" }, { group: rivals, role: \"tenant:rival\" }";
    private static final JsonObject GROUPS = new JsonObject().put("alice", new JsonArray().add("ops").add("readers"))
            .put("victor", new JsonArray().add("readers")).put("bob", new JsonArray().add("bots"))
            .put("rita", new JsonArray().add("rivals")).put("nobody", new JsonArray().add("others"));
    private static final Map<String, Role> PEOPLE = Map.of("alice", new Role.Operator(), "victor", new Role.Viewer(),
            "bob", new Role.OfTenant("bot"), "rita", new Role.OfTenant("rival"));
    private static final String SESSION = "sluice-session";

    @RegisterExtension
    private final TestGateway gateway = new TestGateway().adminToken("ADMIN");

    private final List<AutoCloseable> opened = new ArrayList<>();
    private OpenIdProvider provider;

    @BeforeEach
    void start() throws IOException {
        gateway.start(TENANTS);
        provide(false);
    }

    private void provide(boolean inUserinfo) throws IOException {
        provider = OpenIdProvider.start(GROUPS, gateway.adminUrl() + "/admin/login/callback", inUserinfo);
        opened.add(provider);
        configure(ROLES);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private void configure(String roles) {
        configure(roles, "");
    }

    /** @param more entries of the section {@code admin}, each with a comma after it */
    private void configure(String roles, String more) {
        String oidc = "oidc: { issuer: \"" + provider.issuer() + "\", client-id: sluice, client-secret: \""
                + OpenIdProvider.SECRET + "\", url: \"" + gateway.adminUrl()
                + "\", scopes: [openid, profile, groups], roles: [" + roles + "] }";
        gateway.administeredAnew(more + oidc).reload(TENANTS).toCompletionStage().toCompletableFuture().join();
    }

    private Browser browser() {
        Browser browser = new Browser();
        opened.add(browser);
        return browser;
    }

    private Browser loggedIn(String person) {
        Browser browser = browser();
        HttpResponse<String> answer = browser.logIn(gateway.adminUrl() + "/admin/login", person);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("refresh")).contains("0; url=/console");
        return browser;
    }

    private HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(gateway.adminUrl() + path)).method(method,
                BodyPublishers.ofString(body));
    }

    private JsonObject session(Browser browser) {
        HttpResponse<String> answer = browser.get(gateway.adminUrl() + "/admin/v1/session");
        AdminContract.holds(AdminRoute.SESSION, answer);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new JsonObject(answer.body());
    }

    private static String code(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error").getString("code");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoLogsInMayDoWhatTheFirstGroupMay(boolean inUserinfo) throws IOException {
        if (inUserinfo) {
            provide(true);
        }
        Browser alice = loggedIn("alice");
        JsonObject session = session(alice);
        assertThat(session.getString("name")).isEqualTo("oidc:alice");
        assertThat(session.getString("role")).isEqualTo("operator");
        assertThat(session.getString("csrf_token")).hasSize(43);

        HttpRequest.Builder issue = request("POST", "/admin/v1/tenants/bot/keys", "{}");
        assertThat(code(alice.send(issue.copy()))).isEqualTo("origin_not_allowed");
        HttpRequest.Builder fromUs = issue.copy().header("origin", gateway.adminUrl());
        assertThat(code(alice.send(fromUs.copy()))).isEqualTo("csrf_token_invalid");
        assertThat(code(alice.send(fromUs.copy().header("x-csrf-token", "x".repeat(43)))))
                .isEqualTo("csrf_token_invalid");
        HttpRequest.Builder whole = issue.copy().header("x-csrf-token", session.getString("csrf_token"));
        assertThat(code(alice.send(whole.copy().header("origin", "https://evil.example"))))
                .isEqualTo("origin_not_allowed");
        assertThat(alice.send(whole.header("origin", gateway.adminUrl())).statusCode()).isEqualTo(201);
        assertThat(alice.get(gateway.adminUrl() + "/admin/v1/audit?limit=1").body())
                .contains("\"who\":\"oidc:alice\",\"role\":\"operator\"", "key.issue");
    }

    @Test
    void whoIsInNoGroupThatMayAnythingIsTold() {
        Browser nobody = browser();
        HttpResponse<String> answer = nobody.logIn(gateway.adminUrl() + "/admin/login", "nobody");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(code(answer)).isEqualTo("no_role");
        assertThat(nobody.cookie(SESSION)).isEmpty();
        assertThat(nobody.get(gateway.adminUrl() + "/admin/v1/session").statusCode()).isEqualTo(401);
    }

    @Test
    void everyRouteWithEveryRoleByCookie() {
        PEOPLE.forEach((person, role) -> {
            Browser browser = loggedIn(person);
            String csrf = session(browser).getString("csrf_token");
            assertThat(JudgedRoles.wrong(role, "bot", gateway.key("BOT"), (route, path) -> browser.send(
                    request(route.method(), path, "").header("origin", gateway.adminUrl())
                            .header("x-csrf-token", csrf))))
                    .as(person).isEmpty();
        });
    }

    @Test
    void cookiesAreOutOfReachOfScriptsAndOtherSites() throws Exception {
        Browser browser = browser();
        HttpResponse<String> away = browser.get(gateway.adminUrl() + "/admin/login?to=/console/keys");
        assertThat(away.headers().firstValue("set-cookie").orElseThrow()).contains("HTTPOnly", "SameSite=Lax",
                "Path=/", "Max-Age=600");
        assertThat(away.headers().firstValue("location").orElseThrow()).startsWith(provider.issuer())
                .contains("code_challenge_method=S256", "nonce=", "state=");
        HttpResponse<String> back = browser.logIn(gateway.adminUrl() + "/admin/login?to=/console/keys", "bob");
        assertThat(back.headers().firstValue("refresh")).contains("0; url=/console/keys");
        assertThat(back.headers().allValues("set-cookie")).anySatisfy(cookie -> assertThat(cookie)
                .startsWith("sluice-session=").contains("HTTPOnly", "SameSite=Strict", "Max-Age=3600"));
        assertThat(back.body()).doesNotContain(browser.cookie(SESSION));
        for (String elsewhere : List.of("//evil.example", "https://evil.example", "/%5Cevil", "/console%0d%0aa:%20b",
                "/v1/x")) {
            assertThat(code(browser.get(gateway.adminUrl() + "/admin/login?to=" + elsewhere)))
                    .isEqualTo("invalid_value");
        }
    }

    @Test
    void aLoginEndsWhereItBeganAndOnce() {
        Browser alice = loggedIn("alice");
        String callback = gateway.adminUrl() + "/admin/login/callback?code=made-up&state=";
        assertThat(code(alice.get(callback + "x".repeat(43)))).as("none is under way").isEqualTo("login_not_begun");
        Browser other = browser();
        HttpResponse<String> away = other.get(gateway.adminUrl() + "/admin/login");
        String state = away.headers().firstValue("location").orElseThrow().replaceFirst(".*[?&]state=([^&]+).*", "$1");
        assertThat(code(browser().get(callback + state))).as("another browser's").isEqualTo("login_not_begun");
        assertThat(code(other.get(callback + "x".repeat(43)))).isEqualTo("login_not_begun");
        assertThat(code(other.get(callback + state + "&iss=https://evil.example"))).isEqualTo("login_refused");
        assertThat(code(other.get(callback + state))).as("it is over").isEqualTo("login_not_begun");
        other.get(gateway.adminUrl() + "/admin/login");
        HttpResponse<String> again = other.get(gateway.adminUrl() + "/admin/login");
        state = again.headers().firstValue("location").orElseThrow().replaceFirst(".*[?&]state=([^&]+).*", "$1");
        assertThat(code(other.get(callback + state))).as("a code that nobody gave").isEqualTo("login_refused");
        assertThat(code(other.get(gateway.adminUrl() + "/admin/login/callback?error=access_denied&state=" + state)))
                .isEqualTo("login_not_begun");
    }

    @Test
    void nobodyCanBeMadeToUseASessionOfAnother() {
        URI own = URI.create(gateway.adminUrl());
        Browser mallory = browser();
        mallory.cookie(own, SESSION, "x".repeat(43));
        assertThat(mallory.get(own + "/admin/v1/session").statusCode()).isEqualTo(401);
        Browser victim = loggedIn("bob");
        String planted = victim.cookie(SESSION);
        victim.logIn(own + "/admin/login", "bob");
        assertThat(victim.cookie(SESSION)).isNotEqualTo(planted);
        Browser thief = browser();
        thief.cookie(own, SESSION, planted);
        assertThat(thief.get(own + "/admin/v1/session").statusCode()).as("it ended with the login").isEqualTo(401);
    }

    @Test
    void aChangedRoleEndsTheSession() {
        Browser bob = loggedIn("bob");
        assertThat(session(bob).getString("tenant")).isEqualTo("bot");
        configure(ROLES.replace("{ group: bots, role: \"tenant:bot\" }", "{ group: bots, role: viewer }"));
        HttpResponse<String> answer = bob.get(gateway.adminUrl() + "/admin/v1/session");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(code(answer)).isEqualTo("session_ended");
        configure(ROLES);
        assertThat(bob.get(gateway.adminUrl() + "/admin/v1/session").statusCode()).as("for good").isEqualTo(401);
    }

    @Test
    void whoLogsOutIsOut() {
        Browser alice = loggedIn("alice");
        String csrf = session(alice).getString("csrf_token");
        HttpRequest.Builder out = request("POST", "/admin/logout", "").header("origin", gateway.adminUrl());
        String before = alice.cookie(SESSION);
        assertThat(code(alice.send(out.copy()))).as("another site cannot do it").isEqualTo("csrf_token_invalid");
        HttpResponse<String> answer = alice.send(out.header("x-csrf-token", csrf));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getString("provider_logout_url")).startsWith(provider.issuer());
        assertThat(alice.cookie(SESSION)).isEmpty();
        alice.cookie(URI.create(gateway.adminUrl()), SESSION, before);
        assertThat(alice.get(gateway.adminUrl() + "/admin/v1/session").statusCode()).isEqualTo(401);
    }

    @Test
    void aProviderThatIsAwayKeepsNobodyElseOut() throws Exception {
        Browser bob = loggedIn("bob");
        provider.close();
        configure(ROLES.replace("readers", "watchers"));
        assertThat(session(bob).getString("role")).isEqualTo("tenant:bot");
        provider = OpenIdProvider.start(GROUPS, gateway.adminUrl() + "/admin/login/callback", false);
        provider.close();
        configure(ROLES);
        HttpResponse<String> answer = browser().get(gateway.adminUrl() + "/admin/login");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(code(answer)).isEqualTo("login_unavailable");
        assertThat(gateway.admin("/admin/v1/session", "authorization", "Bearer " + gateway.key("ADMIN")).body())
                .contains("\"name\":\"admin.token\"", "\"csrf_token\":null");
    }

    @Test
    void overTlsCookiesBelongToThisHostAlone(@TempDir Path folder) throws Exception {
        Certificate certificate = Certificate.selfSigned(folder, "127.0.0.1");
        gateway.administeredByTls(certificate).restart(TENANTS);
        configure(ROLES, "tls: { certificate: \"" + certificate.pem() + "\", key: \"" + certificate.key() + "\" }, ");
        assertThat(gateway.admin("/admin/login").headers().firstValue("set-cookie").orElseThrow())
                .startsWith("__Host-sluice-login=").contains("Secure", "Path=/");
    }

    @Test
    void underAnotherNameNobodyIsKnown() {
        Browser bob = loggedIn("bob");
        RawClient raw = new RawClient(1, URI.create(gateway.adminUrl()).getPort());
        try {
            String answer = raw.write("GET /admin/v1/session HTTP/1.1\r\nhost: rebound.example\r\ncookie: " + SESSION
                    + "=" + bob.cookie(SESSION) + "\r\nconnection: close\r\n\r\n").answer();
            assertThat(answer).startsWith("HTTP/1.1 403").contains("host_not_allowed");
        } finally {
            raw.close();
        }
        assertThat(Optional.of(bob.get(gateway.adminUrl() + "/admin/v1/session").statusCode())).contains(200);
    }
}
