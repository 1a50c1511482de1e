package sluice.upstream;

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
import sluice.net.ConnectionEnd;
import sluice.net.SocketWire;

/** The way to all accounts from one event loop, which alone may use it. */
public final class UpstreamClient {

    /**
     * How the upstream is reached.
     *
     * @param baseUrl          of accounts that have none of their own
     * @param connections      calls that one event loop may have open to one account at once
     * @param connectionMaxAge after which a connection is replaced, so that changes in DNS are followed
     * @param idle             after which a kept connection without a call is closed: sooner than the upstream would, which
     *                         could otherwise close it just as a call is sent
     * @param proxy            the company's egress proxy, if any
     * @param caFile           PEM certificates trusted instead of the platform's, if any
     * @param timeouts         how long to wait for what
     */
    public record Settings(URI baseUrl, int connections, Duration connectionMaxAge, Duration idle,
            Optional<EgressProxy> proxy, Optional<Path> caFile, Timeouts timeouts) {}

    /**
     * How long to wait for the upstream.
     *
     * @param connect   to open a connection, TLS included
     * @param firstByte to take the request and begin to answer; of an upload, from what was last taken
     * @param idle      for the next byte of an answer while we read; a slow client does not count
     */
    public record Timeouts(Duration connect, Duration firstByte, Duration idle) {}

    /**
     * A proxy that the way to the upstream leads through (HTTP CONNECT).
     *
     * @param host     its name or address
     * @param port     its port
     * @param user     for its authentication, if it asks for one
     * @param password likewise
     */
    public record EgressProxy(String host, int port, Optional<String> user, Optional<ApiKey> password) {}

    /**
     * What all tenants share of the way.
     *
     * @param lines   connections to an account, on each event loop
     * @param sockets WebSockets, on each event loop
     */
    public record Places(Shared lines, Shared sockets) {}

    /** Streams that one HTTP/2 connection is taken to carry, fewer than the hundred that servers usually allow. */
    private static final int STREAMS_PER_CONNECTION = 64;

    private static final int MAX_HEAD_BYTES = 64 * 1024;

    private final Map<String, AccountClient> accounts = new HashMap<>();

    private final Settings settings;
    private final WebSocketClient sockets;
    private final Places places;
    private final Bulkhead socketPlaces;

    private final Held ways;
    private final Held held = new Held(this::letGo);

    private UpstreamClient(Settings settings, WebSocketClient sockets, Held ways, Places places,
            Bulkhead socketPlaces) {
        this.settings = settings;
        this.sockets = sockets;
        this.ways = ways;
        this.places = places;
        this.socketPlaces = socketPlaces;
    }

    /**
     * Opens nothing yet. To be called on the event loop that will use it, and let go of with {@link #release}.
     *
     * @param maxMessageBytes the largest message of a WebSocket
     * @param places          of which it takes its own parts
     */
    public static UpstreamClient open(Vertx vertx, Settings settings, List<Account> accounts, int maxMessageBytes,
            Places places) {
        WebSocketClient sockets = vertx.createWebSocketClient(socketOptions(settings, maxMessageBytes));
        UpstreamClient client = new UpstreamClient(settings, sockets, new Held(() -> sockets.shutdown(Held.GRACE)),
                places, places.sockets().bulkhead(settings.connections()));
        accounts.forEach(account -> client.accounts.put(account.name(), client(vertx, settings, account, places)));
        return client;
    }

    /**
     * The way to other accounts, over the same connections where the account stays and the way is the same. What only
     * this way needs is closed when nobody holds it any more.
     */
    public UpstreamClient with(Vertx vertx, Settings changed, List<Account> others, int maxMessageBytes) {
        if (!changed.equals(settings)) {
            return open(vertx, changed, others, maxMessageBytes, places);
        }
        ways.hold();
        UpstreamClient client = new UpstreamClient(settings, sockets, ways, places, socketPlaces);
        others.forEach(account -> {
            AccountClient known = accounts.get(account.name());
            client.accounts.put(account.name(),
                    known == null || !known.account().isAt(account)
                            ? client(vertx, settings, account, places)
                            : known.as(account));
        });
        return client;
    }

    /** A call needs it until it calls {@link #release}, though another configuration may be in effect before. */
    public void hold() {
        held.hold();
    }

    /** It is not needed any more by a call, or as the way of the configuration in effect. */
    public void release() {
        held.release();
    }

    private void letGo() {
        accounts.values().forEach(AccountClient::release);
        ways.release();
    }

    /** The way to an account by its name, which must be one of those that this was made with. */
    public AccountClient account(String name) {
        return Objects.requireNonNull(accounts.get(name), name);
    }

    /** Takes the place of one WebSocket. */
    public Room takeSocket(Holder holder) {
        return socketPlaces.take(holder, 1);
    }

    /** Gives back what {@link #takeSocket} took. */
    public void giveBackSocket(Holder holder) {
        socketPlaces.giveBack(holder, 1);
    }

    /**
     * Opens a WebSocket to an account, as soon as another may be open.
     *
     * @param target       path and query behind the base URL
     * @param subProtocols that are offered, in order
     * @param abandoned    completes when nobody wants it any more: if it opens all the same, it is closed
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
        return sockets.connect(options).onSuccess(socket -> {
            ConnectionEnd.handOnUnread(socket);
            if (abandoned.isComplete()) {
                SocketWire.of(socket).cut();
            }
        });
    }

    private static AccountClient client(Vertx vertx, Settings settings, Account account, Places places) {
        return new AccountClient(account, settings, vertx.httpClientBuilder().with(options(settings, account))
                .with(pool(settings)).withConnectHandler(connection -> {
                    ConnectionEnd.handOnUnread(connection);
                    IdleGuard.install(connection);
                    connection.exceptionHandler(broken -> {
                        // Its calls are told; Vert.x would log what the upstream said.
                    });
                }).build(), places.lines().bulkhead(settings.connections()));
    }

    /** HTTP/2 where TLS negotiates it: in clear text, the offer to upgrade would have to ride on a POST. */
    private static HttpClientOptions options(Settings settings, Account account) {
        boolean tls = account.tls();
        HttpClientOptions options = new HttpClientOptions().setDefaultHost(account.host())
                .setDefaultPort(account.port()).setSsl(tls).setUseAlpn(tls)
                .setProtocolVersion(tls ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1).setVerifyHost(true)
                .setSslHandshakeTimeout(settings.timeouts().connect().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS).setMaxHeaderSize(MAX_HEAD_BYTES)
                .setTcpKeepAlive(true).setKeepAliveTimeout(seconds(settings.idle()))
                .setHttp2KeepAliveTimeout(seconds(settings.idle()));
        reach(options, settings);
        return options;
    }

    /** Sets what every kind of connection to the upstream has in common. */
    private static void reach(ClientOptionsBase options, Settings settings) {
        options.setConnectTimeout(millis(settings.timeouts().connect()));
        settings.caFile()
                .ifPresent(file -> options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        settings.proxy().ifPresent(proxy -> options.setProxyOptions(proxyOptions(proxy)));
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
