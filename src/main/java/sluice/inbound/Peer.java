package sluice.inbound;

import java.net.InetAddress;
import java.util.Optional;
import sluice.isolation.Holder;
import sluice.net.ClientCertificate;
import sluice.net.Network;

/**
 * Who sends a request, as far as the connection and trusted proxies tell.
 *
 * @param address     from where, in text; empty if the caller left before that was known
 * @param certificate what the caller has shown of itself
 */
public record Peer(String address, ClientCertificate certificate) {

    /** Its address; empty if it is not known. */
    public Optional<InetAddress> inet() {
        return Network.address(address);
    }

    /** Under which it takes shared resources before its tenant is known. */
    public Holder holder() {
        return inet().map(Holder::at).orElseGet(() -> new Holder.Address(address));
    }
}
