package sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UnreachableTest {

    static List<Map.Entry<Throwable, String>> failures() {
        return List.of(Map.entry(new UnknownHostException("x"), "dns"), Map.entry(new ConnectException("x"), "refused"),
                Map.entry(new NoRouteToHostException("x"), "refused"),
                Map.entry(new SSLHandshakeException("x"), "tls"), Map.entry(new ProxyConnectException("x"), "proxy"),
                Map.entry(new ConnectTimeoutException("x"), "timeout"),
                Map.entry(new IOException(new SSLHandshakeException("x")), "tls"),
                Map.entry(new ConnectionPoolTooBusyException("x"), "none"),
                Map.entry(new IllegalArgumentException("x"), "none"), Map.entry(new IOException("x"), "none"));
    }

    private static String word(Throwable failure, boolean viaProxy) {
        return Unreachable.of(failure, viaProxy).map(Unreachable::word).orElse("none");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failureSaysWhy(Map.Entry<Throwable, String> failure) {
        assertThat(word(failure.getKey(), false)).isEqualTo(failure.getValue());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void behindAProxyItIsTheProxyThatIsNotReached(Map.Entry<Throwable, String> failure) {
        String own = failure.getValue();
        assertThat(word(failure.getKey(), true))
                .isEqualTo(List.of("tls", "none").contains(own) ? own : "proxy");
    }
}
