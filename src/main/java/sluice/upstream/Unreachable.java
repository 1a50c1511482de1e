package sluice.upstream;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

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
    TIMEOUT;

    private static final int DEEPEST_CAUSE = 10;

    /**
     * Why a connection could not be opened; empty where that says nothing about the upstream, such as when too many are open.
     *
     * @param viaProxy whether the first step of the way is a proxy
     */
    public static Optional<Unreachable> of(Throwable failure, boolean viaProxy) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(DEEPEST_CAUSE)
                .flatMap(cause -> Stream.ofNullable(one(cause))).findFirst()
                .map(why -> viaProxy && why != TLS ? PROXY : why);
    }

    private static @Nullable Unreachable one(Throwable failure) {
        return switch (failure) {
            case ProxyConnectException proxy -> PROXY;
            case UnknownHostException unknown -> DNS;
            case ConnectTimeoutException late -> TIMEOUT;
            case TimeoutException late -> TIMEOUT;
            case SSLException untrusted -> TLS;
            case SocketException refused -> REFUSED;
            default -> null;
        };
    }

    /** The word by which it is told. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
