package sluice.config;

/** What can be said of a host without asking DNS. */
final class Hosts {
    private Hosts() {}

    static boolean isLoopback(String host) {
        return switch (host) {
            case "localhost", "::1", "[::1]" -> true;
            default -> host.startsWith("127.");
        };
    }

    /** Stands for every address of the machine. */
    static boolean isAny(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }
}
