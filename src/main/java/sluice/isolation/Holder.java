package sluice.isolation;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** Who holds something that is shared. */
public sealed interface Holder {

    /** A tenant, by its name. */
    record Tenant(String name) implements Holder {
        @Override
        public String toString() {
            return "tenant " + name;
        }
    }

    /** The peer of a connection whose tenant is not known yet. */
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

    /** Half of an IPv6 address: what one customer of a network is given. */
    int NETWORK_BYTES = 8;

    /** The peer at an address; of IPv6 its whole network of 64 bits, or one host could be any number of peers. */
    static Holder at(InetAddress address) {
        return new Address(address instanceof Inet6Address
                ? HexFormat.ofDelimiter(":").formatHex(Arrays.copyOf(address.getAddress(), NETWORK_BYTES)) + "::/64"
                : address.getHostAddress());
    }
}
