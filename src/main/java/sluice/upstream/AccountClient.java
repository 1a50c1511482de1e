package sluice.upstream;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The way from one event loop to one account: a bounded pool of connections, and the account's credentials. */
public final class AccountClient {

    /**
     * A request whose connection is open and which has not been sent.
     *
     * @param request to be sent or reset
     * @param reused  whether its connection served an earlier request, and so may turn out to be dead
     */
    public record Ready(HttpClientRequest request, boolean reused) {}

    private final Account account;
    private final UpstreamClient.Settings settings;
    private final HttpClient pooled;
    private final HttpClient unpooled;
    private final Set<HttpConnection> unused;
    private final AtomicInteger inUse;
    private final Held clients;

    AccountClient(Account account, UpstreamClient.Settings settings, HttpClient pooled, HttpClient unpooled,
            Set<HttpConnection> unused) {
        this(account, settings, pooled, unpooled, unused, new AtomicInteger(), new Held(() -> {
            pooled.shutdown(Held.GRACE);
            unpooled.shutdown(Held.GRACE);
        }));
    }

    private AccountClient(Account account, UpstreamClient.Settings settings, HttpClient pooled, HttpClient unpooled,
            Set<HttpConnection> unused, AtomicInteger inUse, Held clients) {
        this.account = account;
        this.settings = settings;
        this.pooled = pooled;
        this.unpooled = unpooled;
        this.unused = unused;
        this.inUse = inUse;
        this.clients = clients;
    }

    /** The same connections, for the account as it is now, until that too is released. */
    AccountClient as(Account changed) {
        clients.hold();
        return new AccountClient(changed, settings, pooled, unpooled, unused, inUse, clients);
    }

    /** Closes the connections, unless they are those of another configuration too. */
    void release() {
        clients.release();
    }

    /** A set in which connections are remembered until their first use. */
    static Set<HttpConnection> connections() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    public Account account() {
        return account;
    }

    /** The client beneath, for calls whose whole body is wanted. */
    public HttpClient http() {
        return pooled;
    }

    /** Takes one of the connections that may be open at once; from any thread. */
    public boolean tryConnect() {
        if (inUse.incrementAndGet() <= settings.connections()) {
            return true;
        }
        inUse.decrementAndGet();
        return false;
    }

    /** Gives back what {@link #tryConnect} took; from any thread. */
    public void disconnect() {
        inUse.decrementAndGet();
    }

    /**
     * Opens a request: finds a connection for it and sends nothing.
     *
     * @param target path and query behind the base URL
     * @param fresh  whether the connection must be a new one
     */
    public Future<Ready> open(HttpMethod method, String target, boolean fresh) {
        return (fresh ? unpooled : pooled).request(options(method, target))
                .map(request -> new Ready(request, !fresh && !unused.remove(request.connection())));
    }

    /** Where a request goes: the base URL's host, whatever the caller's Host header said. */
    public RequestOptions options(HttpMethod method, String target) {
        return new RequestOptions().setMethod(method).setHost(settings.baseUrl().getHost()).setPort(settings.port())
                .setSsl(settings.tls()).setURI(settings.baseUrl().getRawPath() + target);
    }
}
