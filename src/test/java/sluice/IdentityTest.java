package sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sluice.identity.Subjects;
import sluice.testing.Await;
import sluice.testing.ManualTime;
import sluice.testing.TestGateway;

/** Services that send a token which their issuer has signed for them, in place of a key. */
@Timeout(60)
class IdentityTest {
    private static final String SUBJECT = "system:serviceaccount:search:indexer";
    private static RSAKey first;
    private static RSAKey second;
    private static ECKey third;
    private static RSAKey stranger;

    private final ManualTime clock = new ManualTime();
    @RegisterExtension
    private final TestGateway gateway = new TestGateway().at(clock);
    private final Vertx vertx = Vertx.vertx();
    private final List<JWK> shown = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean away;
    private HttpServer server;
    private String issuer;

    @BeforeAll
    static void makeKeys() throws JOSEException {
        first = new RSAKeyGenerator(2048).keyID("first").generate();
        second = new RSAKeyGenerator(2048).keyID("second").generate();
        third = new ECKeyGenerator(Curve.P_256).keyID("third").generate();
        stranger = new RSAKeyGenerator(2048).keyID("first").generate();
    }

    @BeforeEach
    void start() {
        shown.add(first);
        shown.add(third);
        server = vertx.createHttpServer().requestHandler(request -> {
            if (away) {
                request.response().setStatusCode(503).end();
            } else if (request.path().equals("/.well-known/openid-configuration")) {
                request.response()
                        .end(new JsonObject().put("issuer", issuer).put("jwks_uri", issuer + "/keys").encode());
            } else {
                asked.incrementAndGet();
                request.response().end(new JWKSet(shown).toString());
            }
        }).listen(0, "127.0.0.1").await();
        issuer = "http://127.0.0.1:" + server.actualPort();
        gateway.start(yaml(issuer));
        Await.until("the keys are read", asked::get, 1);
    }

    private static String yaml(String issuer) {
        return """
                tenants:
                  - { name: search, keys: ["${SEARCH}"] }
                  - { name: rest, keys: ["${REST}"] }
                identity:
                  issuers:
                    - issuer: %s
                      audience: [sluice, other]
                      tenants:
                        - { match: { sub: "system:serviceaccount:search:*" }, tenant: search }
                        - { match: { groups: "all-*", kind: service }, tenant: rest }
                        - { match: { sub: "system:serviceaccount:*-jobs:worker" }, tenant: rest }
                """.formatted(issuer);
    }

    @AfterEach
    void stop() {
        server.close().await();
        vertx.close().await();
    }

    private JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().issuer(issuer).audience("sluice").subject(SUBJECT)
                .expirationTime(Date.from(clock.time().now().plusSeconds(3600)));
    }

    private String token(Consumer<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims = claims();
        change.accept(claims);
        return signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first").build(), claims.build(), first);
    }

    private static String signed(JWSHeader header, JWTClaimsSet claims, JWK key) {
        try {
            JWSSigner signer = key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner(key.toECKey());
            SignedJWT token = new SignedJWT(header, claims);
            token.sign(signer);
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpResponse<String> call(String token) {
        return gateway.send(request(token));
    }

    private HttpRequest.Builder request(String token) {
        return gateway.request("/chat/completions", token).POST(BodyPublishers.ofString(
                "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"));
    }

    private static String message(HttpResponse<String> answer) {
        return new JsonObject(answer.body()).getJsonObject("error").getString("message");
    }

    private void refused(String token, String why) {
        HttpResponse<String> answer = call(token);
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(message(answer)).contains(why).doesNotContain(token);
    }

    @Test
    void tokenNamesItsTenantBySubject() {
        assertThat(call(token(claims -> {})).statusCode()).isEqualTo(200);
        JsonObject line = gateway.log().calls(1).getFirst();
        assertThat(line.getString("tenant")).isEqualTo("search");
        assertThat(line.getString("subject")).isEqualTo(SUBJECT);
        assertThat(line.getString("key_id")).isEqualTo(Subjects.id(issuer, SUBJECT));
        assertThat(call(gateway.key("SEARCH")).statusCode()).as("keys are taken as ever").isEqualTo(200);
    }

    @Test
    void tokenNamesItsTenantByOtherClaims() {
        assertThat(call(token(claims -> claims.subject("someone").claim("groups", List.of("x", "all-hands"))
                .claim("kind", "service"))).statusCode()).isEqualTo(200);
        assertThat(gateway.log().calls(1).getFirst().getString("tenant")).isEqualTo("rest");
        refused(token(claims -> claims.subject("someone").claim("groups", List.of("all-hands"))),
                "belongs to no tenant");
        refused(token(claims -> claims.subject("system:serviceaccount:other:search:")), "belongs to no tenant");
    }

    @Test
    void everyKeyThatTheIssuerShowsIsGoodAndNoOther() {
        assertThat(
                call(signed(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("third").build(), claims().build(), third))
                        .statusCode())
                .isEqualTo(200);
        assertThat(call(signed(new JWSHeader(JWSAlgorithm.PS512), claims().build(), first)).statusCode())
                .as("without a key id").isEqualTo(200);
        refused(signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first").build(), claims().build(), stranger),
                "signature");
        refused(signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("third").build(), claims().build(), first),
                "a key its issuer does not publish");
        refused(signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first").jwk(stranger.toPublicJWK()).build(),
                claims().build(), stranger), "no key");
        refused(signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first").type(new JOSEObjectType("dpop+jwt"))
                .build(), claims().build(), first), "typ");
        refused(new PlainJWT(claims().build()).serialize() + "e30", "not a signed token");
        refused(new PlainJWT(claims().build()).serialize(), "not a signed token");
    }

    /** The public key is no secret, so nobody may use it as one. */
    @Test
    void symmetricSignatureIsNone() throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first").build(),
                claims().build());
        token.sign(new MACSigner(first.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));
        refused(token.serialize(), "RS, PS or ES");
    }

    @Test
    void claimsBoundAToken() {
        refused(token(claims -> claims.expirationTime(Date.from(clock.time().now().minusSeconds(31)))), "expired");
        assertThat(call(token(claims -> claims.expirationTime(Date.from(clock.time().now().minusSeconds(20)))))
                .statusCode()).as("clocks differ").isEqualTo(200);
        refused(token(claims -> claims.expirationTime(null)), "'exp'");
        refused(token(claims -> claims.notBeforeTime(Date.from(clock.time().now().plusSeconds(60)))), "not valid yet");
        refused(token(claims -> claims.audience("elsewhere")), "another audience");
        refused(token(claims -> claims.audience((String) null)), "another audience");
        refused(token(claims -> claims.issuer("https://elsewhere.example.com")), "issuer");
        refused(token(claims -> claims.subject(null)), "'sub'");
        refused(token(claims -> claims.subject("s".repeat(257))), "'sub'");
        refused("eyJ" + "a".repeat(20_000) + ".b.c", "longer than");
        refused("eyJhbGciOiJSUzI1NiJ9.e30.x", "issuer");
    }

    @Test
    void rememberedTokenEndsWhenItExpires() {
        String token = token(claims -> claims.expirationTime(Date.from(clock.time().now().plusSeconds(60))));
        assertThat(call(token).statusCode()).isEqualTo(200);
        assertThat(call(token).statusCode()).isEqualTo(200);
        clock.advance(Duration.ofSeconds(91));
        refused(token, "expired");
    }

    @Test
    void newKeyIsLearnedAndUnknownOnesAskForItOnceInHalfAMinute() {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("second").build();
        clock.advance(Duration.ofSeconds(31));
        for (int i = 0; i < 10; i++) {
            int number = i;
            refused(signed(header, claims().claim("n", number).build(), second), "does not publish");
        }
        assertThat(asked).hasValue(2);
        shown.add(second);
        clock.advance(Duration.ofSeconds(31));
        assertThat(call(signed(header, claims().build(), second)).statusCode()).isEqualTo(200);
        assertThat(asked).hasValue(3);
    }

    @Test
    void knownKeysServeWhileTheIssuerIsAwayForADay() {
        assertThat(call(token(claims -> {})).statusCode()).isEqualTo(200);
        away = true;
        clock.advance(Duration.ofHours(20));
        assertThat(call(token(claims -> claims.claim("n", 1))).statusCode()).isEqualTo(200);
        clock.advance(Duration.ofHours(5));
        HttpResponse<String> unavailable = call(token(claims -> claims.claim("n", 2)));
        assertThat(unavailable.statusCode()).isEqualTo(503);
        assertThat(unavailable.body()).contains("identity_unavailable");
        assertThat(unavailable.headers().firstValue("retry-after")).contains("5");
        assertThat(gateway.troubles("")).singleElement().satisfies(trouble -> {
            assertThat(trouble.getString("what")).isEqualTo("issuer_keys_unread");
            assertThat(gateway.log().lines()).contains(trouble.getString("text"));
        });
        away = false;
        clock.advance(Duration.ofSeconds(6));
        assertThat(call(token(claims -> claims.claim("n", 3))).statusCode()).isEqualTo(200);
        assertThat(gateway.troubles("")).isEmpty();
    }

    @Test
    void subjectIsRevokedLikeAKey() {
        String token = token(claims -> {});
        assertThat(call(token).statusCode()).isEqualTo(200);
        String id = Subjects.id(issuer, SUBJECT);
        assertThat(admin("/admin/v1/subjects/revoke", new JsonObject().put("issuer", issuer).put("subject", SUBJECT)))
                .isEqualTo(new JsonObject().put("key", id).put("revoked", true));
        assertThat(call(token).statusCode()).isEqualTo(401);
        assertThat(call(token(claims -> claims.claim("n", 1))).statusCode()).isEqualTo(401);
        assertThat(call(token(claims -> claims.subject("system:serviceaccount:search:other"))).statusCode())
                .isEqualTo(200);
        admin("/admin/v1/keys/" + id + "/restore", new JsonObject());
        assertThat(call(token).statusCode()).isEqualTo(200);
    }

    private JsonObject admin(String path, JsonObject body) {
        return new JsonObject(gateway.send(HttpRequest.newBuilder(URI.create(gateway.adminUrl() + path))
                .header("content-type", "application/json").POST(BodyPublishers.ofString(body.encode()))).body());
    }

    private String forged(int number) {
        return signed(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first").build(),
                claims().claim("n", number).build(), stranger);
    }

    /** Callers behind the same NAT or sidecar as a forger may have to try again, but never hear that their token is wrong. */
    @Test
    void floodOfForgedTokensIsNotLookedAtAndRememberedOnesAreServed() {
        String remembered = token(claims -> {});
        assertThat(call(remembered).statusCode()).isEqualTo(200);
        for (int i = 0; i < 20; i++) {
            refused(forged(i), "signature");
        }
        HttpResponse<String> fresh = call(token(claims -> claims.claim("n", "fresh")));
        assertThat(fresh.statusCode()).isEqualTo(503);
        assertThat(fresh.body()).contains("overloaded");
        assertThat(fresh.headers().firstValue("retry-after")).contains("1");
        assertThat(fresh.headers().firstValue("x-should-retry")).isEmpty();
        assertThat(call(remembered).statusCode()).isEqualTo(200);
        clock.advance(Duration.ofSeconds(1));
        assertThat(call(token(claims -> claims.claim("n", "fresh"))).statusCode()).isEqualTo(200);
        assertThat(gateway.metrics()).contains("sluice_identity_rejected_total{reason=\"signature\"} 20.0",
                "sluice_identity_rejected_total{reason=\"too_many\"} 1.0");
    }

    @Test
    void rememberedTokenIsCheckedAgainEvenBesideAFlood() {
        String remembered = token(claims -> {});
        assertThat(call(remembered).statusCode()).isEqualTo(200);
        clock.advance(Duration.ofMinutes(5));
        for (int i = 0; i < 20; i++) {
            refused(forged(i), "signature");
        }
        assertThat(call(remembered).statusCode()).isEqualTo(200);
        assertThat(gateway.metrics()).contains("sluice_identity_accepted_total{issuer=\"" + issuer + "\"} 2.0");
    }

    /** A service that goes on with an expired token is a nuisance, not a forger. */
    @Test
    void tokensThatAreWrongByMistakeLockNobodyOut() {
        for (int i = 0; i < 100; i++) {
            int number = i;
            refused(token(claims -> claims.claim("n", number).audience("elsewhere")), "another audience");
        }
        assertThat(call(token(claims -> {})).statusCode()).isEqualTo(200);
    }

    @Test
    void tokenBesideAKeyOfTheSameTenant() {
        HttpRequest.Builder both = request(token(claims -> {})).header("x-sluice-key", gateway.key("SEARCH"));
        assertThat(gateway.send(both).statusCode()).isEqualTo(200);
        JsonObject line = gateway.log().calls(1).getFirst();
        assertThat(line.getString("subject")).isEqualTo(SUBJECT);
        assertThat(line.getString("key_id")).isNotEqualTo(Subjects.id(issuer, SUBJECT));
        HttpResponse<String> other = gateway
                .send(request(token(claims -> {})).header("x-sluice-key", gateway.key("REST")));
        assertThat(other.statusCode()).isEqualTo(401);
        assertThat(message(other)).contains("different tenants");
        HttpResponse<String> unknown = gateway.send(request(token(claims -> {})).header("x-sluice-key", "nothing"));
        assertThat(unknown.statusCode()).isEqualTo(401);
    }

    @Test
    void tenantMayWantAKeyBesideTheToken() {
        gateway.reload(yaml(issuer).replace("name: search,", "name: search, identity: required,")).toCompletionStage()
                .toCompletableFuture().join();
        HttpRequest.Builder both = request(token(claims -> {})).header("x-sluice-key", gateway.key("SEARCH"));
        assertThat(gateway.send(both).statusCode()).isEqualTo(200);
        HttpResponse<String> tokenAlone = call(token(claims -> {}));
        assertThat(tokenAlone.statusCode()).isEqualTo(401);
        assertThat(message(tokenAlone)).contains("x-sluice-key");
        HttpResponse<String> keyAlone = call(gateway.key("SEARCH"));
        assertThat(keyAlone.statusCode()).isEqualTo(401);
        assertThat(message(keyAlone)).contains("prove its identity");
        assertThat(call(gateway.key("REST")).statusCode()).as("of another tenant").isEqualTo(200);
    }

    @Test
    void subjectStandsInTheLedger() {
        assertThat(call(token(claims -> {})).statusCode()).isEqualTo(200);
        assertThat(call(gateway.key("SEARCH")).statusCode()).isEqualTo(200);
        Await.until("both are written", () -> kept().size() == 2);
        assertThat(kept()).extracting(each -> ((JsonObject) each).getString("subject"),
                each -> ((JsonObject) each).getString("key_id"))
                .contains(tuple(SUBJECT, Subjects.id(issuer, SUBJECT)))
                .extracting(each -> each.toList().getFirst()).containsExactlyInAnyOrder(SUBJECT, "");
    }

    private JsonArray kept() {
        return new JsonObject(gateway.admin("/admin/v1/calls?from=1970-01-01T00:00:00Z").body()).getJsonArray("data");
    }

    @Test
    void wildcardWithinAPartOfAClaim() {
        assertThat(call(token(claims -> claims.subject("system:serviceaccount:ml-jobs:worker"))).statusCode())
                .isEqualTo(200);
        refused(token(claims -> claims.subject("system:serviceaccount:ml:x-jobs:worker")), "belongs to no tenant");
    }
}
