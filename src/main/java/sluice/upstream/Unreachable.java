package sluice.upstream;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Why there is no connection to the upstream. */
public enum Unreachable {
    /** Its name is not known. */
    DNS,
    /** Nothing listens there, or no way leads there. */
    REFUSED,
    /** Its certificate is not trusted, or it does not speak TLS. */
    TLS,
    /** The proxy on the way does not let through. */
    PROXY,
    /** It does not answer. */
    TIMEOUT,
    /** Anything else. */
    OTHER;

    /**
     * Of the failure to open a connection.
     *
     * @param viaProxy whether the first step of the way is a proxy
     */
    public static Unreachable of(Throwable failure, boolean viaProxy) {
        Unreachable why = OTHER;
        int depth = 0;
        for (Throwable cause = failure; cause != null && why == OTHER && depth < 10; cause = cause.getCause()) {
            why = one(cause);
            depth++;
        }
        boolean firstStep = why == DNS || why == REFUSED || why == TIMEOUT;
        return viaProxy && firstStep ? PROXY : why;
    }

    private static Unreachable one(Throwable failure) {
        return switch (failure) {
            case ProxyConnectException proxy -> PROXY;
            case UnknownHostException unknown -> DNS;
            case ConnectTimeoutException late -> TIMEOUT;
            case TimeoutException late -> TIMEOUT;
            case SSLException untrusted -> TLS;
            case SocketException refused -> REFUSED;
            default -> OTHER;
        };
    }

    /** The word by which it is told. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
