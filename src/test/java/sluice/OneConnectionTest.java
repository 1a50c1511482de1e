package sluice;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import sluice.identity.Subjects;
import sluice.tenancy.KeyDigest;
import sluice.testing.AdminClient;
import sluice.testing.ManualTime;
import sluice.testing.RawClient;
import sluice.testing.TestGateway;

/** A connection remembers who called last; whether that is still good is decided for each call. */
@Timeout(60)
class OneConnectionTest {
    private static final String ISSUER = "https://issuer.example.com";
    private static final String SEARCH = "ns:search";
    private static final String REST = "ns:rest";
    private static RSAKey first;
    private static RSAKey second;

    private final ManualTime clock = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(clock).adminToken("ADMIN");
    @TempDir
    private Path folder = Path.of("");
    private RawClient client;
    private int calls;

    @BeforeAll
    static void makeKeys() throws JOSEException {
        first = new RSAKeyGenerator(2048).keyID("first").generate();
        second = new RSAKeyGenerator(2048).keyID("second").generate();
    }

    @BeforeEach
    void start() throws IOException {
        publish(first);
        gateway.start(tenants("search", "rest"));
        client = new RawClient(1, URI.create(gateway.baseUrl()).getPort());
    }

    @AfterEach
    void close() {
        client.close();
    }

    private void publish(RSAKey key) throws IOException {
        Files.writeString(folder.resolve("keys.json"), new JWKSet(key).toString());
    }

    /** The key of each is known to the configuration by its name, and expires in two minutes. */
    private String tenants(String... names) {
        Instant end = clock.time().now().plus(2, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.SECONDS);
        StringBuilder tenants = new StringBuilder("tenants:\n");
        StringBuilder rules = new StringBuilder();
        for (String name : names) {
            tenants.append("  - { name: %s, keys: [\"${%1$s}\", { sha256: %s, not-after: %s }] }\n".formatted(name,
                    KeyDigest.of(gateway.key(name + " ending")).hex(), end));
            rules.append("        - { match: { sub: \"ns:%s\" }, tenant: %1$s }\n".formatted(name));
        }
        return tenants + """
                identity:
                  issuers:
                    - issuer: %s
                      audience: sluice
                      jwks: "file:%s"
                      tenants:
                """.formatted(ISSUER, folder.resolve("keys.json")) + rules;
    }

    private String token(String subject, RSAKey key, Duration good) {
        try {
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                    new JWTClaimsSet.Builder().issuer(ISSUER).audience("sluice").subject(subject)
                            .expirationTime(Date.from(clock.time().now().plus(good))).build());
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private String token(String subject) {
        return token(subject, first, Duration.ofHours(1));
    }

    private String call(String header) {
        String body = "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"" + calls++ + "\"}]}";
        return client.write("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n" + header
                + "\r\ncontent-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n" + body)
                .answer();
    }

    private void served(String tenant, String header) {
        assertThat(call(header)).startsWith("HTTP/1.1 200 ");
        JsonObject line = gateway.log().calls(calls).getLast();
        assertThat(line.getString("tenant")).isEqualTo(tenant);
    }

    private void refused(String why, String header) {
        assertThat(call(header)).startsWith("HTTP/1.1 401 ").contains(why);
    }

    private static String bearer(String credential) {
        return "authorization: Bearer " + credential;
    }

    @Test
    void anotherCredentialIsAnotherCaller() {
        String search = token(SEARCH);
        String rest = token(REST);
        for (int round = 0; round < 2; round++) {
            served("search", bearer(search));
            served("search", bearer(search));
            served("rest", bearer(rest));
            served("rest", bearer(gateway.key("rest")));
            served("search", bearer(gateway.key("search")));
            served("search", "api-key: " + gateway.key("search"));
            served("rest", "api-key: " + gateway.key("rest"));
            refused("Incorrect API key", bearer(gateway.key("rest") + "x"));
            refused("", bearer(search.substring(0, search.length() - 8) + "AAAAAAAA"));
            refused("", "accept: */*");
        }
    }

    @Test
    void keyBesideTheSameTokenIsCheckedToo() {
        String token = bearer(token(SEARCH));
        served("search", token);
        served("search", token + "\r\nx-sluice-key: " + gateway.key("search"));
        refused("different tenants", token + "\r\nx-sluice-key: " + gateway.key("rest"));
        served("search", token);
    }

    @Test
    void expiryEndsIt() {
        String token = bearer(token(SEARCH, first, Duration.ofSeconds(60)));
        served("search", token);
        served("search", token);
        clock.advance(Duration.ofSeconds(91));
        refused("expired", token);
        String key = bearer(gateway.key("rest ending"));
        served("rest", key);
        served("rest", key);
        clock.advance(Duration.ofSeconds(60));
        refused("Incorrect API key", key);
    }

    @Test
    void revocationEndsItAndRestoringBringsItBack() {
        AdminClient admin = new AdminClient(gateway.adminUrl(), gateway.key("ADMIN"));
        String token = bearer(token(SEARCH));
        String key = bearer(gateway.key("rest"));
        served("search", token);
        served("rest", key);
        served("search", token);
        AdminClient.body(200, admin.post("/subjects/revoke", new JsonObject().put("issuer", ISSUER).put("subject",
                SEARCH)));
        refused("", token);
        served("rest", key);
        AdminClient.body(200, admin.post("/keys/" + KeyDigest.of(gateway.key("rest")).id() + "/revoke",
                new JsonObject()));
        refused("", key);
        for (String id : List.of(Subjects.id(ISSUER, SEARCH), KeyDigest.of(gateway.key("rest")).id())) {
            AdminClient.body(200, admin.post("/keys/" + id + "/restore", new JsonObject()));
        }
        served("rest", key);
        served("search", token);
    }

    @Test
    void keyThatItsIssuerHasReplacedEndsIt() throws IOException {
        String token = bearer(token(SEARCH));
        served("search", token);
        publish(second);
        clock.advance(Duration.ofMinutes(6));
        String other = bearer(token(REST, second, Duration.ofHours(1)));
        served("rest", other);
        refused("does not publish", token);
        served("rest", other);
    }

    @Test
    void tenantThatIsRemovedIsServedNoMore() {
        String token = bearer(token(REST));
        String key = bearer(gateway.key("rest"));
        served("rest", token);
        gateway.reload(tenants("search")).await();
        refused("belongs to no tenant", token);
        gateway.reload(tenants("search", "rest")).await();
        served("rest", token);
        served("rest", key);
        gateway.reload(tenants("search")).await();
        refused("Incorrect API key", key);
        served("search", bearer(token(SEARCH)));
    }

    /** A call on which the gateway spends nothing but a look at its head does not forget the last one, nor mix them up. */
    @Test
    void tokenIsKnownBetweenCallsThatFail() {
        String token = bearer(token(SEARCH));
        served("search", token);
        refused("longer than", bearer("eyJ" + "a".repeat(16_500) + ".b.c"));
        served("search", token);
        refused("not a signed token", bearer("eyJ.a.b"));
        served("search", token);
    }
}
