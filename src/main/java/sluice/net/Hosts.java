package sluice.net;

/** What a host name reveals without a DNS lookup. */
public final class Hosts {
    private Hosts() {}

    /** Whether only this machine can reach it. */
    public static boolean isLoopback(String host) {
        return switch (host) {
            case "localhost", "::1", "[::1]" -> true;
            default -> host.startsWith("127.");
        };
    }

    /** Whether this is a wildcard: every address of the machine. */
    public static boolean isAny(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }
}
