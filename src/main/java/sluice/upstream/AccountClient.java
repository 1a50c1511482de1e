package sluice.upstream;

import sluice.upstream.http1.Http1Pool;
import sluice.upstream.call.UpstreamRequest;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.Optional;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Room;

/** The way from one event loop to one account: a bounded connection pool and the account's credentials. */
public final class AccountClient {

    private final Account account;
    private final UpstreamClient.Settings settings;
    private final HttpClient http;
    private final Optional<Http1Pool> kept;
    private final Bulkhead lines;
    private final Held client;

    /** @param kept for what goes over HTTP/1.1; without it everything goes through {@code http} */
    AccountClient(Account account, UpstreamClient.Settings settings, HttpClient http, Optional<Http1Pool> kept,
            Bulkhead lines) {
        this(account, settings, http, kept, lines, new Held(() -> {
            http.shutdown(Held.GRACE);
            kept.ifPresent(pool -> pool.close(Held.GRACE));
        }));
    }

    private AccountClient(Account account, UpstreamClient.Settings settings, HttpClient http, Optional<Http1Pool> kept,
            Bulkhead lines, Held client) {
        this.account = account;
        this.settings = settings;
        this.http = http;
        this.kept = kept;
        this.lines = lines;
        this.client = client;
    }

    /** The same connections for the account as it is now; they stay open until that is released too. */
    AccountClient as(Account changed) {
        client.hold();
        return new AccountClient(changed, settings, http, kept, lines, client);
    }

    /** Closes the connections, unless another configuration uses them too. */
    void release() {
        client.release();
    }

    public Account account() {
        return account;
    }

    /** The underlying client, for calls that want the whole body. */
    public HttpClient http() {
        return http;
    }

    /** Takes one of the connections that may be open at once; called from any thread. */
    public Room tryConnect(Holder holder) {
        return lines.take(holder, 1);
    }

    /** Gives back what {@link #tryConnect} took; called from any thread. */
    public void disconnect(Holder holder) {
        lines.giveBack(holder, 1);
    }

    /**
     * Opens a request: gets a connection for it and sends nothing.
     *
     * @param target path and query after the base URL
     */
    public Future<UpstreamRequest> open(HttpMethod method, String target) {
        return kept.isPresent()
                ? kept.get().open(method, account.uri(target))
                : http.request(options(method, target)).map(VertxRequest::new);
    }

    /** Why {@link #open} failed; empty if that says nothing about the upstream. */
    public Optional<Unreachable> why(Throwable failure) {
        return Unreachable.of(failure, settings.proxy().isPresent());
    }

    /** Where a request goes: the base URL's host, whatever the caller's Host header said. */
    public RequestOptions options(HttpMethod method, String target) {
        return new RequestOptions().setMethod(method).setHost(account.host()).setPort(account.port())
                .setSsl(account.tls()).setURI(account.uri(target));
    }
}
