package sluice.edge;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sluice.net.CertifiedKey;
import sluice.net.ClientAuthorities;

/** How Vert.x' server is set up: its bounds, protocols and certificates. */
final class ServerOptions {
    /** Calls at once on an HTTP/2 connection. */
    private static final int MOST_STREAMS = 100;

    /** Of a stream (RFC 9113, section 6.9.2). */
    private static final int STREAM_WINDOW = 65_535;

    private ServerOptions() {}

    /** As the server starts. */
    static HttpServerOptions of(Listener.Settings settings) {
        HttpServerOptions options = new HttpServerOptions().setHost(settings.host()).setPort(settings.port())
                .setMaxHeaderSize(settings.maxHeadBytes()).setMaxInitialLineLength(settings.maxHeadBytes())
                .setTcpKeepAlive(true).setHttp2ClearTextEnabled(false)
                .setMaxWebSocketFrameSize(settings.sockets().maxMessageBytes())
                .setMaxWebSocketMessageSize(settings.sockets().maxMessageBytes())
                .setWebSocketSubProtocols(List.of("realtime")).setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false);
        // An unread stream must leave room for its neighbors.
        options.setHttp2ConnectionWindowSize(MOST_STREAMS * STREAM_WINDOW);
        options.getInitialSettings().setMaxHeaderListSize(settings.maxHeadBytes())
                .setMaxConcurrentStreams(MOST_STREAMS);
        settings.tls().ifPresent(tls -> options.setSsl(true)
                .setSslHandshakeTimeout(settings.headTimeout().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS).setUseAlpn(true).setKeyCertOptions(pem(tls)));
        settings.tls().flatMap(Listener.Tls::clients).ifPresent(
                clients -> options.setClientAuth(auth(settings)).setTrustOptions(authorities(clients)));
        return options;
    }

    /** With another certificate for new connections, and client certificates of these authorities. */
    static ServerSSLOptions renewed(Listener.Settings settings, CertifiedKey renewed,
            Optional<ClientAuthorities> clients) {
        ServerSSLOptions options = new ServerSSLOptions().setUseAlpn(true)
                .setApplicationLayerProtocols(List.of("h2", "http/1.1"));
        options.setKeyCertOptions(renewed.options());
        clients.ifPresent(
                authorities -> options.setClientAuth(auth(settings)).setTrustOptions(authorities.options()));
        return options;
    }

    private static ClientAuth auth(Listener.Settings settings) {
        return settings.tls().flatMap(Listener.Tls::clients).map(clients -> switch (clients.auth()) {
            case OPTIONAL -> ClientAuth.REQUEST;
            case REQUIRED -> ClientAuth.REQUIRED;
        }).orElse(ClientAuth.NONE);
    }

    private static PemKeyCertOptions pem(Listener.Tls tls) {
        return new PemKeyCertOptions().setCertPath(tls.certificate().toString()).setKeyPath(tls.key().toString());
    }

    private static PemTrustOptions authorities(Listener.Clients clients) {
        return new PemTrustOptions().addCertPath(clients.authorities().toString());
    }
}
