package sluice.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.identity.Rejected.Why;

/**
 * A token whose form has been checked and whose signature has not. The rules are those of RFC 8725: asymmetric
 * algorithms only, keys only from the issuer that is configured, and every claim that limits the token is checked.
 */
final class TokenCheck {
    /** Allowed clock skew. */
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final int LONGEST_SUBJECT = 256;
    /** Keys tried for a token that does not name its own. */
    private static final int MOST_TRIED = 5;
    private static final int SHORTEST_RSA_BITS = 2048;
    private static final Set<JWSAlgorithm> RSA = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512,
            JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512);
    private static final Set<JWSAlgorithm> EC = Set.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
    private static final Set<JOSEObjectType> TYPES = Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"));

    private final SignedJWT token;
    private final JWTClaimsSet claims;

    private TokenCheck(SignedJWT token, JWTClaimsSet claims) {
        this.token = token;
        this.claims = claims;
    }

    /** Parses a token; nothing is verified yet. */
    static TokenCheck of(String text) throws Rejected {
        SignedJWT token;
        JWTClaimsSet claims;
        try {
            token = SignedJWT.parse(text);
            claims = token.getJWTClaimsSet();
        } catch (ParseException e) {
            throw new Rejected(Why.MALFORMED, "It is not a signed token.");
        }
        JWSHeader header = token.getHeader();
        if (!RSA.contains(header.getAlgorithm()) && !EC.contains(header.getAlgorithm())) {
            throw new Rejected(Why.ALGORITHM, "It must be signed by RS, PS or ES with 256, 384 or 512.");
        }
        boolean bringsKeys = header.getJWK() != null || header.getJWKURL() != null || header.getX509CertURL() != null
                || header.getX509CertChain() != null;
        if (bringsKeys || header.getCriticalParams() != null
                || (header.getType() != null && !TYPES.contains(header.getType()))) {
            throw new Rejected(Why.MALFORMED, "Its header may contain alg, kid and typ: JWT, and no key.");
        }
        return new TokenCheck(token, claims);
    }

    /** The issuer that it names. */
    String issuer() {
        return Objects.requireNonNullElse(claims.getIssuer(), "");
    }

    /**
     * The keys it may be signed with; empty if the issuer has none such, or not yet.
     *
     * @param known all keys of its issuer
     */
    List<JWK> candidates(JWKSet known) {
        String named = token.getHeader().getKeyID();
        List<JWK> candidates = new ArrayList<>();
        for (JWK key : known.getKeys()) {
            boolean fits = named == null || named.equals(key.getKeyID());
            if (fits && isFor(key) && candidates.size() < MOST_TRIED) {
                candidates.add(key);
            }
        }
        return candidates;
    }

    private boolean isFor(JWK key) {
        JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
        boolean type = RSA.contains(algorithm)
                ? key instanceof RSAKey && key.size() >= SHORTEST_RSA_BITS
                : key instanceof ECKey;
        return type && (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE))
                && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm));
    }

    /** Whom it names, if its claims are acceptable; its signature has yet to be verified. */
    Identity claimed(Issuer issuer, Instant now) throws Rejected {
        Instant end = instant(claims.getExpirationTime());
        if (end == null || !now.isBefore(end.plus(SKEW))) {
            throw new Rejected(Why.EXPIRED, end == null ? "It has no 'exp'." : "It has expired.");
        }
        Instant begin = instant(claims.getNotBeforeTime());
        if (begin != null && now.isBefore(begin.minus(SKEW))) {
            throw new Rejected(Why.NOT_YET_VALID, "It is not valid yet.");
        }
        if (claims.getAudience().stream().noneMatch(issuer.audiences()::contains)) {
            throw new Rejected(Why.AUDIENCE, "It is for another audience.");
        }
        String subject = Objects.requireNonNullElse(claims.getSubject(), "");
        if (subject.isEmpty() || subject.length() > LONGEST_SUBJECT) {
            throw new Rejected(Why.MALFORMED, "Its 'sub' must have 1 to " + LONGEST_SUBJECT + " characters.");
        }
        String tenant = issuer.rules().stream().filter(rule -> rule.matches(claims.getClaims())).findFirst()
                .map(Issuer.Rule::tenant).orElseThrow(() -> new Rejected(Why.TENANT,
                        "It is valid, but belongs to no tenant: ask the gateway's operators for a rule under 'identity'."));
        return new Identity(issuer.url(), subject, tenant, Subjects.id(issuer.url(), subject), end.plus(SKEW));
    }

    /** Verifies its signature, which is slow. */
    void refuseForged(List<JWK> candidates) throws Rejected {
        if (candidates.stream().noneMatch(this::isSignedBy)) {
            throw new Rejected(Why.SIGNATURE, "Its signature does not match its issuer's key.");
        }
    }

    private boolean isSignedBy(JWK key) {
        try {
            JWSVerifier verifier = key instanceof RSAKey rsa
                    ? new RSASSAVerifier(rsa.toRSAPublicKey())
                    : new ECDSAVerifier(key.toECKey().toECPublicKey());
            return token.verify(verifier);
        } catch (JOSEException unfit) {
            return false;
        }
    }

    private static @Nullable Instant instant(@Nullable Date date) {
        return date == null ? null : date.toInstant();
    }
}
