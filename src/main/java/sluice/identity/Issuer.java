package sluice.identity;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An OpenID Connect issuer whose tokens are accepted, as configured.
 *
 * @param url       what its tokens say under {@code iss}
 * @param audiences of which a token must name one under {@code aud}
 * @param keys      where its public keys are
 * @param caFile    certificates trusted for it instead of the platform's
 * @param tokenFile a token of the gateway's own, sent to those who ask for one before they show their keys, such as Kubernetes
 * @param rules     which tenant a token names; the first that matches decides
 */
public record Issuer(String url, Set<String> audiences, Keys keys, Optional<Path> caFile, Optional<Path> tokenFile,
        List<Rule> rules) {

    /** Where an issuer's public keys are (RFC 7517). */
    public sealed interface Keys {

        /** Where its discovery document says (OpenID Connect Discovery 1.0, section 4). */
        record Discovered() implements Keys {}

        /** At an address. */
        record Address(URI url) implements Keys {}

        /** In a file. */
        record InFile(Path file) implements Keys {}
    }

    /**
     * Names a tenant.
     *
     * @param match patterns by claim, all of which must match
     */
    public record Rule(Map<String, ClaimPattern> match, String tenant) {
        public Rule {
            match = Map.copyOf(match);
        }

        boolean matches(Map<String, Object> claims) {
            return match.entrySet().stream().allMatch(each -> each.getValue().matches(claims.get(each.getKey())));
        }
    }

    public Issuer {
        audiences = Set.copyOf(audiences);
        rules = List.copyOf(rules);
    }
}
