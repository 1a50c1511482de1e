package sluice.upstream;

import io.vertx.core.net.NetClientOptions;
import sluice.time.Time;
import sluice.upstream.http1.Http1Pool;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.isolation.Shared;
import sluice.net.CertifiedKey;
import sluice.net.ConnectionEnd;
import sluice.net.ReadBound;
import sluice.net.ScopedClient;
import sluice.net.SocketWire;

/** The way to all accounts from one event loop; no other may use it. */
public final class UpstreamClient {

    /**
     * How the upstream is reached.
     *
     * @param baseUrl          for accounts without one of their own
     * @param connections      calls that one event loop may have open to one account at once
     * @param connectionMaxAge after which a connection is replaced, to follow changes in DNS
     * @param idle             after which an idle connection is closed: sooner than the upstream would, which could
     *                         otherwise close it just as a call is sent
     * @param http2            whether HTTP/2 is spoken where TLS negotiates it; otherwise HTTP/1.1 everywhere
     * @param proxy            the company's egress proxy, if any
     * @param caFile           PEM certificates trusted instead of the platform's, if any
     * @param timeouts         how long to wait for what
     */
    public record Settings(URI baseUrl, int connections, Duration connectionMaxAge, Duration idle, boolean http2,
            Optional<EgressProxy> proxy, Optional<Path> caFile, Timeouts timeouts) {}

    /**
     * How long to wait for the upstream.
     *
     * @param connect   to open a connection, TLS included
     * @param firstByte to take the request and begin to answer; for an upload, since it last took some of it
     * @param idle      for the next byte of an answer while we read; a slow client does not count
     */
    public record Timeouts(Duration connect, Duration firstByte, Duration idle) {}

    /**
     * A proxy on the way to the upstream (HTTP CONNECT).
     *
     * @param host     its name or address
     * @param port     its port
     * @param user     for its authentication, if it asks for one
     * @param password for its authentication, if it asks for one
     */
    public record EgressProxy(String host, int port, Optional<String> user, Optional<ApiKey> password) {}

    /**
     * What all tenants share on the way.
     *
     * @param lines   connections to an account, on each event loop
     * @param sockets WebSockets, on each event loop
     */
    public record Places(Shared lines, Shared sockets) {}

    /** Streams on an HTTP/2 connection; fewer than the hundred that servers usually allow. */
    private static final int STREAMS_PER_CONNECTION = 64;

    /** Of a stream (RFC 9113, section 6.9.2). */
    private static final int STREAM_WINDOW = 65_535;

    private static final int MAX_HEAD_BYTES = 64 * 1024;

    private final Map<String, AccountClient> accounts = new HashMap<>();

    private final Settings settings;
    private final WebSocketClient sockets;
    private final Places places;
    private final Bulkhead socketPlaces;
    private final Time time;

    private final Held ways;
    private final Held held = new Held(this::letGo);

    private UpstreamClient(Settings settings, WebSocketClient sockets, Held ways, Places places,
            Bulkhead socketPlaces, Time time) {
        this.settings = settings;
        this.sockets = sockets;
        this.ways = ways;
        this.places = places;
        this.socketPlaces = socketPlaces;
        this.time = time;
    }

    /**
     * Does not connect yet. Must be called on the event loop that will use it, and let go of with {@link #release}.
     *
     * @param maxMessageBytes the largest WebSocket message
     * @param places          in which it gets bulkheads of its own
     */
    public static UpstreamClient open(Vertx vertx, Settings settings, List<Account> accounts, int maxMessageBytes,
            Places places, Time time) {
        ScopedClient<WebSocketClient> sockets = ScopedClient.open(vertx,
                () -> vertx.createWebSocketClient(socketOptions(settings, maxMessageBytes)));
        UpstreamClient client = new UpstreamClient(settings, sockets.get(),
                new Held(() -> sockets.close(ended -> ended.shutdown(Held.GRACE))),
                places, places.sockets().bulkhead(settings.connections()), time);
        accounts.forEach(
                account -> client.accounts.put(account.name(), client(vertx, settings, account, places, time)));
        return client;
    }

    /**
     * The way to other accounts, over the same connections where account and settings are the same. What only this way
     * needs is closed when nobody holds it any more.
     */
    public UpstreamClient with(Vertx vertx, Settings changed, List<Account> others, int maxMessageBytes) {
        if (!changed.equals(settings)) {
            return open(vertx, changed, others, maxMessageBytes, places, time);
        }
        ways.hold();
        UpstreamClient client = new UpstreamClient(settings, sockets, ways, places, socketPlaces, time);
        others.forEach(account -> {
            AccountClient known = accounts.get(account.name());
            client.accounts.put(account.name(),
                    known == null || !known.account().isAt(account)
                            ? client(vertx, settings, account, places, time)
                            : known.as(account));
        });
        return client;
    }

    /** Keeps it open for a call until {@link #release}, even if another configuration takes effect meanwhile. */
    public void hold() {
        held.hold();
    }

    /** No longer needed by a call, or as the way of the current configuration. */
    public void release() {
        held.release();
    }

    private void letGo() {
        accounts.values().forEach(AccountClient::release);
        ways.release();
    }

    /** The way to an account by its name, which must be one that this was created with. */
    public AccountClient account(String name) {
        return Objects.requireNonNull(accounts.get(name), name);
    }

    /** Takes a place for one WebSocket. */
    public Room takeSocket(Holder holder) {
        return socketPlaces.take(holder, 1);
    }

    /** Gives back what {@link #takeSocket} took. */
    public void giveBackSocket(Holder holder) {
        socketPlaces.giveBack(holder, 1);
    }

    /**
     * Opens a WebSocket to an account.
     *
     * @param target       path and query after the base URL
     * @param subProtocols to offer, in order
     * @param abandoned    completes when nobody wants it any more: if it opens anyway, it is closed
     */
    public Future<WebSocket> connect(Account account, String target, MultiMap headers, List<String> subProtocols,
            Future<Void> abandoned) {
        WebSocketConnectOptions options = new WebSocketConnectOptions().setHost(account.host())
                .setPort(account.port()).setSsl(account.tls()).setURI(account.uri(target))
                .setHeaders(headers).setSubProtocols(subProtocols).setAllowOriginHeader(false);
        if (abandoned.isComplete()) {
            return Future.failedFuture("abandoned");
        }
        options.setTimeout(settings.timeouts().connect().toMillis());
        account.certificate().ifPresent(certificate -> options.setSslOptions(sslOptions(settings, certificate)));
        return sockets.connect(options).onSuccess(socket -> {
            ConnectionEnd.handOnUnread(socket);
            if (abandoned.isComplete()) {
                SocketWire.of(socket).cut();
            }
        });
    }

    private static AccountClient client(Vertx vertx, Settings settings, Account account, Places places, Time time) {
        return new AccountClient(account, settings, vertx.httpClientBuilder().with(options(settings, account))
                .with(pool(settings)).withConnectHandler(connection -> {
                    ConnectionEnd.handOnUnread(connection);
                    ReadBound.install(connection);
                    IdleGuard.install(connection);
                    InterimAnswers.install(connection, IdleGuard.CODEC);
                    Pulse.watch(vertx, connection, account.name(), settings.timeouts().connect(), time);
                    connection.exceptionHandler(broken -> {
                        // Its calls are notified; Vert.x would log the upstream's message.
                    });
                }).build(), kept(vertx, settings, account, time), places.lines().bulkhead(settings.connections()));
    }

    /** Kept connections of our own where HTTP/1.1 is spoken, unless a proxy is in between. */
    private static Optional<Http1Pool> kept(Vertx vertx, Settings settings, Account account, Time time) {
        if ((account.tls() && settings.http2()) || settings.proxy().isPresent()) {
            return Optional.empty();
        }
        NetClientOptions options = new NetClientOptions().setTcpKeepAlive(true).setSsl(account.tls())
                .setHostnameVerificationAlgorithm("HTTPS")
                .setSslHandshakeTimeout(settings.timeouts().connect().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        reach(options, settings);
        account.certificate().ifPresent(certificate -> options.setKeyCertOptions(certificate.options()));
        return Optional.of(new Http1Pool(vertx, options, account.host(), account.port(),
                new sluice.net.Timeouts(vertx, time, settings.idle()), settings.connectionMaxAge()));
    }

    /** HTTP/2 if TLS negotiates it; in clear text, the offer to upgrade would have to ride on a POST. */
    private static HttpClientOptions options(Settings settings, Account account) {
        boolean http2 = account.tls() && settings.http2();
        HttpClientOptions options = new HttpClientOptions().setDefaultHost(account.host())
                .setDefaultPort(account.port()).setSsl(account.tls()).setUseAlpn(http2)
                .setProtocolVersion(http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1).setVerifyHost(true)
                .setSslHandshakeTimeout(settings.timeouts().connect().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS).setMaxHeaderSize(MAX_HEAD_BYTES)
                .setTcpKeepAlive(true).setKeepAliveTimeout(seconds(settings.idle()))
                .setHttp2KeepAliveTimeout(seconds(settings.idle()))
                // An unread stream must leave room for its neighbors.
                .setHttp2MultiplexingLimit(STREAMS_PER_CONNECTION)
                .setHttp2ConnectionWindowSize(STREAMS_PER_CONNECTION * STREAM_WINDOW);
        reach(options, settings);
        account.certificate().ifPresent(certificate -> options.setKeyCertOptions(certificate.options()));
        return options;
    }

    /** Sets what all kinds of connections to the upstream have in common. */
    private static void reach(ClientOptionsBase options, Settings settings) {
        options.setConnectTimeout(millis(settings.timeouts().connect()));
        settings.caFile()
                .ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        settings.proxy().ifPresent(proxy -> options.setProxyOptions(proxyOptions(proxy)));
    }

    /** WebSockets of all accounts share one client, so each brings its account's client certificate. */
    private static ClientSSLOptions sslOptions(Settings settings, CertifiedKey certificate) {
        ClientSSLOptions options = new ClientSSLOptions().setHostnameVerificationAlgorithm("HTTPS");
        settings.caFile()
                .ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        options.setKeyCertOptions(certificate.options());
        return options;
    }

    private static WebSocketClientOptions socketOptions(Settings settings, int maxMessageBytes) {
        WebSocketClientOptions options = new WebSocketClientOptions().setVerifyHost(true)
                .setMaxConnections(Integer.MAX_VALUE).setMaxFrameSize(maxMessageBytes)
                .setMaxMessageSize(maxMessageBytes);
        reach(options, settings);
        return options;
    }

    private static PoolOptions pool(Settings settings) {
        return new PoolOptions().setHttp1MaxSize(settings.connections())
                .setHttp2MaxSize(Math.ceilDiv(settings.connections(), STREAMS_PER_CONNECTION))
                .setMaxWaitQueueSize(settings.connections()).setMaxLifetime(millis(settings.connectionMaxAge()))
                .setMaxLifetimeUnit(TimeUnit.MILLISECONDS);
    }

    private static ProxyOptions proxyOptions(EgressProxy proxy) {
        ProxyOptions options = new ProxyOptions().setType(ProxyType.HTTP).setHost(proxy.host()).setPort(proxy.port());
        proxy.user().ifPresent(options::setUsername);
        proxy.password().ifPresent(password -> options.setPassword(password.value()));
        return options;
    }

    private static int seconds(Duration duration) {
        return Math.clamp(duration.toSeconds(), 1, Integer.MAX_VALUE);
    }

    private static int millis(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, duration.toMillis());
    }
}
