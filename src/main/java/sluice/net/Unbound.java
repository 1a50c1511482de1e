package sluice.net;

import java.io.IOException;

/** An address that a listener cannot be bound to: the message names it, and the keys of the configuration that chose it. */
public final class Unbound extends IOException {
    private static final long serialVersionUID = 1L;

    private Unbound(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * Explains a failure to listen.
     *
     * @param section of the configuration that has {@code host} and {@code port}
     */
    public static Unbound of(String section, String host, int port, Throwable cause) {
        String reason = String.valueOf(cause.getMessage());
        String remedy = reason.contains("in use")
                ? "another process uses it; stop that one, or change " + section + ".port"
                : reason.contains("denied")
                        ? "ports below 1024 need a privilege; change " + section + ".port"
                        : reason + "; change " + section + ".host or " + section + ".port";
        return new Unbound("cannot listen on " + host + ":" + port + ": " + remedy, cause);
    }
}
