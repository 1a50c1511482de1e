package sluice.net;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Whom a certificate names, by its subject alternative names (RFC 5280, section 4.2.1.6). Its common name is ignored.
 *
 * @param uris  such as {@code spiffe://cluster.local/ns/search/sa/indexer}
 * @param hosts DNS names
 */
public record CertificateNames(List<String> uris, List<String> hosts) {
    private static final Integer DNS = 2;
    private static final Integer URI = 6;

    public CertificateNames {
        uris = List.copyOf(uris);
        hosts = List.copyOf(hosts);
    }

    /** Those of a certificate; none if they cannot be read. */
    static CertificateNames of(X509Certificate certificate) {
        List<String> uris = new ArrayList<>();
        List<String> hosts = new ArrayList<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (URI.equals(name.get(0))) {
                    uris.add(String.valueOf(name.get(1)));
                } else if (DNS.equals(name.get(0))) {
                    hosts.add(String.valueOf(name.get(1)));
                }
            }
        } catch (CertificateParsingException unreadable) {
            return new CertificateNames(List.of(), List.of());
        }
        return new CertificateNames(uris, hosts);
    }
}
