package sluice.edge;

import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import sluice.inbound.Peer;
import sluice.net.ClientCertificate;
import sluice.net.ClientTrust;
import sluice.net.ForwardedCertificate;
import sluice.net.HeaderLines;
import sluice.net.TrustedProxies;

/**
 * Tells where requests come from: from the peer of their connection, or, if that is a trusted proxy, from where the proxy says.
 * The same headers from anyone else are ignored.
 */
final class Provenance {
    static final String CERTIFICATE = "x-forwarded-client-cert";
    private static final String ADDRESSES = "x-forwarded-for";

    private final TrustedProxies proxies;
    private final ClientTrust trust;

    Provenance(TrustedProxies proxies, ClientTrust trust) {
        this.proxies = proxies;
        this.trust = trust;
    }

    /**
     * Where a request comes from.
     *
     * @throws ForwardedCertificate.Malformed if a trusted proxy describes a certificate in an unknown form
     */
    Peer of(Received request) throws ForwardedCertificate.Malformed {
        Peer direct = direct(request);
        if (proxies.networks().isEmpty()) {
            return direct;
        }
        Optional<InetAddress> peer = direct.inet();
        return peer.isPresent() && proxies.contain(peer.get()) ? forwarded(request, peer.get()) : direct;
    }

    /** The peer of a request's connection. */
    Peer direct(Received request) {
        SocketAddress remote = request.connection().remoteAddress();
        String address = remote == null ? null : remote.hostAddress();
        return new Peer(address == null ? "" : address, trust.of(request.connection()));
    }

    /** The proxy's own certificate, if it presented one, is not its caller's. */
    private Peer forwarded(Received request, InetAddress proxy) throws ForwardedCertificate.Malformed {
        List<String> addresses = request.headers().getAll(ADDRESSES);
        String certificate = HeaderLines.joined(request.headers(), CERTIFICATE);
        return new Peer(proxies.origin(proxy, addresses).getHostAddress(), certificate == null
                ? ClientCertificate.NONE
                : new ClientCertificate.Good(ForwardedCertificate.parse(certificate)));
    }
}
