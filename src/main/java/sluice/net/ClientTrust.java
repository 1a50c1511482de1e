package sluice.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import sluice.time.Time;

/**
 * Judges the certificates clients presented in their handshakes by the current authorities, which may be much newer than a
 * connection. The verdict is kept with the connection for as long as it is valid. Used by all event loops.
 */
public final class ClientTrust {

    /**
     * What a connection's client presented.
     *
     * @param chain       empty if it presented nothing
     * @param authorities by which it was judged
     * @param until       when the verdict ends: with the first certificate of the chain that expires
     */
    private record Judged(List<X509Certificate> chain, ClientAuthorities authorities, Instant until,
            ClientCertificate verdict) {}

    private static final AttributeKey<Judged> JUDGED = AttributeKey.valueOf(ClientTrust.class, "judged");

    private final Time time;
    private volatile Optional<ClientAuthorities> authorities;

    /** @param authorities empty if no client is asked for a certificate */
    public ClientTrust(Optional<ClientAuthorities> authorities, Time time) {
        this.authorities = authorities;
        this.time = time;
    }

    /** Certificates are judged by these from now on. */
    public void change(Optional<ClientAuthorities> changed) {
        authorities = changed;
    }

    /** What the client of this connection presented, and whether it is valid now. */
    public ClientCertificate of(HttpConnection connection) {
        Optional<ClientAuthorities> current = authorities;
        if (current.isEmpty() || !(connection instanceof ConnectionBase base)) {
            return ClientCertificate.NONE;
        }
        Instant now = time.now();
        Channel channel = base.channel();
        Judged known = channel.attr(JUDGED).get();
        if (known == null || !known.authorities().equals(current.get()) || now.isAfter(known.until())) {
            List<X509Certificate> chain = known == null ? chain(connection.sslSession()) : known.chain();
            known = judged(chain, current.get(), now);
            channel.attr(JUDGED).set(known);
        }
        return known.verdict();
    }

    private static Judged judged(List<X509Certificate> chain, ClientAuthorities authorities, Instant now) {
        if (chain.isEmpty()) {
            return new Judged(chain, authorities, Instant.MAX, ClientCertificate.NONE);
        }
        if (authorities.vouchFor(chain, now)) {
            Instant until = chain.stream().map(each -> each.getNotAfter().toInstant()).filter(now::isBefore)
                    .min(Instant::compareTo).orElse(now);
            return new Judged(chain, authorities, until,
                    new ClientCertificate.Good(CertificateNames.of(chain.getFirst())));
        }
        boolean expired = now.isAfter(chain.getFirst().getNotAfter().toInstant());
        return new Judged(chain, authorities, Instant.MAX, new ClientCertificate.Lapsed(expired
                ? "Your client certificate has expired."
                : "Your client certificate is not trusted any more."));
    }

    private static List<X509Certificate> chain(SSLSession session) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate each : session.getPeerCertificates()) {
                if (each instanceof X509Certificate certificate) {
                    chain.add(certificate);
                }
            }
        } catch (SSLPeerUnverifiedException none) {
            return List.of();
        }
        return List.copyOf(chain);
    }
}
