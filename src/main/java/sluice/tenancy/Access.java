package sluice.tenancy;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import sluice.net.Network;

/**
 * How a tenant's callers must prove who they are, beyond a key or an identity.
 *
 * @param both  whether they must present a key and, beside it, an identity: a token or a client certificate
 * @param from  where they must call from; empty for anywhere
 */
public record Access(boolean both, List<Network> from) {
    /** A key or an identity will do, from anywhere. */
    public static final Access OPEN = new Access(false, List.of());

    public Access {
        from = List.copyOf(from);
    }

    /** Whether a call may come from this address; one that is not known is nowhere. */
    public boolean allows(Optional<InetAddress> address) {
        return from.isEmpty()
                || (address.isPresent() && from.stream().anyMatch(network -> network.contains(address.get())));
    }
}
