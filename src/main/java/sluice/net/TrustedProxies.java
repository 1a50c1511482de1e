package sluice.net;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The proxies in front of the gateway that are believed about where a call comes from and who sends it.
 *
 * @param networks where they are
 */
public record TrustedProxies(List<Network> networks) {
    /** Nobody is believed. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    public TrustedProxies {
        networks = List.copyOf(networks);
    }

    /** Whether this is the address of one. */
    public boolean contain(InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /**
     * Where a call comes from: the last address, seen from its caller, that is not one of these proxies. Each proxy appends
     * the address of its own peer, so whatever the caller has written itself stands further to the left and is not reached.
     *
     * @param peer      of the connection
     * @param forwarded the values of {@code x-forwarded-for}, in order
     */
    public InetAddress origin(InetAddress peer, List<String> forwarded) {
        InetAddress origin = peer;
        for (int line = forwarded.size() - 1; line >= 0; line--) {
            String[] hops = forwarded.get(line).split(",", -1);
            for (int hop = hops.length - 1; hop >= 0; hop--) {
                if (!contain(origin)) {
                    return origin;
                }
                Optional<InetAddress> before = hop(hops[hop].strip());
                if (before.isEmpty()) {
                    return origin;
                }
                origin = before.get();
            }
        }
        return origin;
    }

    /** Some proxies add a port: {@code 192.0.2.1:443}, {@code [2001:db8::1]:443}. */
    private static Optional<InetAddress> hop(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            return end < 0 ? Optional.empty() : Network.address(text.substring(1, end));
        }
        int colon = text.indexOf(':');
        return Network.address(colon > 0 && colon == text.lastIndexOf(':') ? text.substring(0, colon) : text);
    }
}
