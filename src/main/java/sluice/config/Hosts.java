package sluice.config;

/** What a host name reveals without a DNS lookup. */
final class Hosts {
    private Hosts() {}

    static boolean isLoopback(String host) {
        return switch (host) {
            case "localhost", "::1", "[::1]" -> true;
            default -> host.startsWith("127.");
        };
    }

    /** Whether this is a wildcard: every address of the machine. */
    static boolean isAny(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }
}
