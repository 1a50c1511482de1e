package sluice.inbound;

import java.net.InetAddress;
import java.util.Optional;
import sluice.isolation.Holder;
import sluice.net.ClientCertificate;
import sluice.net.Network;

/**
 * Who sends a request, according to the connection and trusted proxies.
 *
 * @param address     from where, in text; empty if the caller left before that was known
 * @param certificate what the caller presented
 */
public record Peer(String address, ClientCertificate certificate) {

    /** Its address; empty if it is not known. */
    public Optional<InetAddress> inet() {
        return Network.address(address);
    }

    /** The holder of its shared resources until its tenant is known. */
    public Holder holder() {
        return inet().map(Holder::at).orElseGet(() -> new Holder.Address(address));
    }
}
