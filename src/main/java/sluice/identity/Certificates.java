package sluice.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import sluice.net.CertificateNames;

/** Identifies who presents a client certificate, by its names. Immutable except for its cache. */
final class Certificates {
    private static final int MOST_REMEMBERED = 10_000;

    private final List<CertificateRule> rules;
    private final Cache<CertificateNames, Optional<Identity>> remembered = Caffeine.newBuilder()
            .maximumSize(MOST_REMEMBERED).build();

    Certificates(List<CertificateRule> rules) {
        this.rules = rules;
    }

    /** Who it is; empty if no rule matches. */
    Optional<Identity> of(CertificateNames names) {
        return rules.isEmpty() ? Optional.empty() : remembered.get(names, this::named);
    }

    private Optional<Identity> named(CertificateNames names) {
        for (CertificateRule rule : rules) {
            Optional<String> subject = rule.san().in(names);
            if (subject.isPresent()) {
                return subject.map(san -> new Identity(Subjects.CERTIFICATE, san, rule.tenant(),
                        Subjects.id(Subjects.CERTIFICATE, san), Instant.MAX));
            }
        }
        return Optional.empty();
    }
}
