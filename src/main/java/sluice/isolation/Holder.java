package sluice.isolation;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** Who holds a shared resource. */
public sealed interface Holder {

    /** A tenant, by its name. */
    record Tenant(String name) implements Holder {
        @Override
        public String toString() {
            return "tenant " + name;
        }
    }

    /** The peer of a connection, before its tenant is known. */
    record Address(String text) implements Holder {
        @Override
        public String toString() {
            return "address " + text;
        }
    }

    /** All tenants as one. */
    record Everyone() implements Holder {
        @Override
        public String toString() {
            return "everyone";
        }
    }

    /** Half of an IPv6 address: the prefix that one customer of a network gets. */
    int NETWORK_BYTES = 8;

    /** The peer at an address. For IPv6 it is the whole /64 network, or one host could be any number of peers. */
    static Holder at(InetAddress address) {
        return new Address(address instanceof Inet6Address
                ? HexFormat.ofDelimiter(":").formatHex(Arrays.copyOf(address.getAddress(), NETWORK_BYTES)) + "::/64"
                : address.getHostAddress());
    }
}
