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
    /** Its name does not resolve. */
    DNS,
    /** Nothing listens there, or there is no route. */
    REFUSED,
    /** Its certificate is not trusted, or it does not speak TLS. */
    TLS,
    /** The proxy in between refuses the connection. */
    PROXY,
    /** It does not answer. */
    TIMEOUT;

    private static final int DEEPEST_CAUSE = 10;

    /**
     * Why a connection could not be opened; empty if that says nothing about the upstream, as when too many are open.
     *
     * @param viaProxy whether the first hop is a proxy
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

    /** The word for it in logs and messages. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
