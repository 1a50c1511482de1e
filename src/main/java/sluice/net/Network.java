package sluice.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A network of IP addresses, such as {@code 10.0.0.0/8} or {@code fd00::/8}. An IPv4 address that is written as IPv6
 * ({@code ::ffff:10.0.0.1}) is the IPv4 address.
 *
 * @param first its first address
 * @param bits  how many leading bits all its addresses share
 */
public record Network(InetAddress first, int bits) {

    /** A network in CIDR notation, or a single address; empty if it is neither or has bits set after its prefix. */
    public static Optional<Network> parse(String text) {
        int slash = text.indexOf('/');
        Optional<InetAddress> address = address(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int all = address.get().getAddress().length * Byte.SIZE;
        String length = slash < 0 ? Integer.toString(all) : text.substring(slash + 1);
        if (!length.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(length) > all) {
            return Optional.empty();
        }
        Network network = new Network(address.get(), Integer.parseInt(length));
        return network.isFirst() ? Optional.of(network) : Optional.empty();
    }

    /** An address from its text, without asking DNS; empty if it is none. */
    public static Optional<InetAddress> address(String text) {
        int zone = text.indexOf('%');
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(zone < 0 ? text : text.substring(0, zone));
        try {
            return bytes == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException never) {
            return Optional.empty();
        }
    }

    /** Whether this address belongs to it. */
    public boolean contains(InetAddress address) {
        byte[] own = first.getAddress();
        byte[] other = address.getAddress();
        if (own.length != other.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (own[i] != other[i]) {
                return false;
            }
        }
        int rest = bits % Byte.SIZE;
        return rest == 0 || ((own[whole] ^ other[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }

    private boolean isFirst() {
        byte[] address = first.getAddress();
        for (int bit = bits; bit < address.length * Byte.SIZE; bit++) {
            if ((address[bit / Byte.SIZE] & (0x80 >> (bit % Byte.SIZE))) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return first.getHostAddress() + '/' + bits;
    }
}
