package sluice.login;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.util.Date;
import java.util.Set;
import java.util.regex.Pattern;
import sluice.time.Time;

/** Checks the signature and every claim of identity tokens, as OpenID Connect Core 1.0, section 3.1.3.7 demands. */
final class IdTokenCheck {
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384,
            JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512, JWSAlgorithm.ES256,
            JWSAlgorithm.ES384, JWSAlgorithm.ES512);

    /** Matches nonces, which error messages must not show. */
    private static final Pattern ONE_TIME = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final String issuer;
    private final String clientId;
    private final Time time;

    IdTokenCheck(String issuer, String clientId, Time time) {
        this.issuer = issuer;
        this.clientId = clientId;
        this.time = time;
    }

    /**
     * The claims of a valid token.
     *
     * @throws LoginFailed if any check fails
     */
    JWTClaimsSet claims(String token, JWKSet keys, String nonce) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(keys)));
        processor.setJWTClaimsSetVerifier(claimsAsOf(new JWTClaimsSet.Builder().issuer(issuer).claim("nonce", nonce)
                .build()));
        try {
            JWTClaimsSet claims = processor.process(token, null);
            Object party = claims.getClaim("azp");
            if (party == null ? claims.getAudience().size() > 1 : !party.equals(clientId)) {
                throw refused("it is for another client");
            }
            return claims;
        } catch (ParseException | JOSEException | BadJOSEException unproven) {
            throw refused(ONE_TIME.matcher(String.valueOf(unproven.getMessage())).replaceAll("…"));
        }
    }

    private DefaultJWTClaimsVerifier<SecurityContext> claimsAsOf(JWTClaimsSet exactly) {
        return new DefaultJWTClaimsVerifier<>(clientId, exactly, Set.of("sub", "exp", "iat")) {
            @Override
            protected Date currentTime() {
                return Date.from(time.now());
            }
        };
    }

    private static LoginFailed refused(String why) {
        return new LoginFailed(LoginFailed.Why.REFUSED, "The provider's identity token is not valid: " + why);
    }
}
