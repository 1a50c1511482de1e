package sluice.net;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The authorities whose client certificates are accepted, as read from a PEM file. */
public final class ClientAuthorities {
    private final byte[] pem;
    private final Set<TrustAnchor> anchors;

    private ClientAuthorities(byte[] pem, Set<TrustAnchor> anchors) {
        this.pem = pem;
        this.anchors = anchors;
    }

    /**
     * Reads them.
     *
     * @throws IOException if the file cannot be used, with the reason
     */
    public static ClientAuthorities read(Path file) throws IOException {
        byte[] pem = CertifiedKey.contentOf(file);
        return new ClientAuthorities(pem, CertifiedKey.authorities(file, pem).stream()
                .map(each -> new TrustAnchor(each, null)).collect(Collectors.toUnmodifiableSet()));
    }

    /** What was read, for a listener, whatever the file holds by now. */
    public PemTrustOptions options() {
        return new PemTrustOptions().addCertValue(Buffer.buffer(pem));
    }

    /**
     * Whether one of them has signed this certificate, and the whole chain up to its own certificate is valid at that time.
     *
     * @param chain the certificate itself, and those its owner sent with it
     */
    boolean vouchFor(List<X509Certificate> chain, Instant now) {
        try {
            X509CertSelector own = new X509CertSelector();
            own.setCertificate(chain.getFirst());
            PKIXBuilderParameters rules = new PKIXBuilderParameters(anchors, own);
            rules.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
            rules.setRevocationEnabled(false);
            rules.setDate(Date.from(now));
            return CertPathBuilder.getInstance("PKIX").build(rules) != null;
        } catch (GeneralSecurityException untrusted) {
            return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientAuthorities authorities && Arrays.equals(pem, authorities.pem);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pem);
    }
}
