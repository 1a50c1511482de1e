package sluice.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.testing.ManualTime;

/** Identity tokens that must not be believed. */
class IdTokenCheckTest {
    private static final String ISSUER = "https://login.example.com";
    private static final Instant NOW = ManualTime.START;
    private static final RSAKey OWN = key("one");
    private static final RSAKey OTHER = key("one");
    private static final JWKSet SHOWN = new JWKSet(OWN).toPublicJWKSet();

    private final IdTokenCheck check = new IdTokenCheck(ISSUER, "sluice", new ManualTime().time());

    private static RSAKey key(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static JWTClaimsSet.Builder good() {
        return new JWTClaimsSet.Builder().issuer(ISSUER).audience("sluice").subject("alice").claim("nonce", "n")
                .issueTime(Date.from(NOW)).expirationTime(Date.from(NOW.plusSeconds(60)));
    }

    private static String signed(JWSAlgorithm algorithm, JWSSigner signer, JWTClaimsSet claims) {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(algorithm).keyID("one").build(), claims);
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return token.serialize();
    }

    private static String signed(RSAKey key, JWTClaimsSet claims) {
        try {
            return signed(JWSAlgorithm.RS256, new RSASSASigner(key), claims);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aGoodOneIsBelieved() {
        assertThat(check.claims(signed(OWN, good().build()), SHOWN, "n").getSubject()).isEqualTo("alice");
        assertThat(check.claims(signed(OWN, good().audience(List.of("other", "sluice")).claim("azp", "sluice")
                .build()), SHOWN, "n").getSubject()).isEqualTo("alice");
    }

    static Stream<Arguments> badClaims() {
        Date past = Date.from(NOW.minus(Duration.ofMinutes(5)));
        return Stream.of(claims("another issuer", claims -> claims.issuer("https://evil.example")),
                claims("no issuer", claims -> claims.issuer(null)),
                claims("another audience", claims -> claims.audience("other")),
                claims("no audience", claims -> claims.audience((String) null)),
                claims("several audiences, and no authorized party",
                        claims -> claims.audience(List.of("sluice", "other"))),
                claims("another authorized party", claims -> claims.claim("azp", "other")),
                claims("another login's nonce", claims -> claims.claim("nonce", "m")),
                claims("no nonce", claims -> claims.claim("nonce", null)),
                claims("expired", claims -> claims.expirationTime(past)),
                claims("no end", claims -> claims.expirationTime(null)),
                claims("not valid yet",
                        claims -> claims.notBeforeTime(Date.from(NOW.plus(Duration.ofMinutes(5))))),
                claims("nobody", claims -> claims.subject(null)));
    }

    private static Arguments claims(String what, UnaryOperator<JWTClaimsSet.Builder> change) {
        return Arguments.of(what, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badClaims")
    void badClaimsAreNot(String what, UnaryOperator<JWTClaimsSet.Builder> change) {
        String token = signed(OWN, change.apply(good()).build());
        assertThatThrownBy(() -> check.claims(token, SHOWN, "n")).as(what).isInstanceOf(LoginFailed.class);
    }

    @Test
    void badSignaturesAreNot() throws JOSEException {
        JWTClaimsSet claims = good().build();
        for (String token : List.of(signed(OTHER, claims), new PlainJWT(claims).serialize(),
                signed(JWSAlgorithm.HS256, new MACSigner(OWN.toRSAPublicKey().getEncoded()), claims),
                signed(OWN, claims) + "x", "", "a.b.c")) {
            assertThatThrownBy(() -> check.claims(token, SHOWN, "n")).isInstanceOf(LoginFailed.class);
        }
    }

    @Test
    void aLoginUnderWayIsReadBackAndNothingElse() {
        Flow flow = Flow.to("/console/keys");
        assertThat(Flow.of(flow.text())).contains(flow);
        assertThat(flow.toString()).doesNotContain(flow.state(), flow.verifier(), flow.nonce());
        for (String odd : List.of("", "x", "e30", "!!", flow.text().substring(4))) {
            assertThat(Flow.of(odd)).isEmpty();
        }
    }
}
