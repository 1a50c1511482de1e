package sluice.proxy;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Journal;
import sluice.net.Drain;
import sluice.tenancy.Tenancy;

/** The headers that every answer carries in the gateway's own name. */
public final class OurHeaders {
    private final Drain drain;

    public OurHeaders(Drain drain) {
        this.drain = drain;
    }

    /** Adds them; the tenant is null where it is not known. */
    void add(HttpServerResponse response, Journal journal, @Nullable Tenancy tenancy) {
        response.putHeader(Headers.REQUEST_ID, journal.id);
        if (!journal.cache.isEmpty()) {
            response.putHeader(Headers.CACHE, journal.cache);
        }
        if (journal.waitNanos > 0) {
            response.putHeader(Headers.WAIT, Long.toString(TimeUnit.NANOSECONDS.toMillis(journal.waitNanos)));
        }
        if (tenancy != null) {
            Headers.rateLimits(response.headers(), tenancy.quota());
        }
        if (drain.leaving() && response.streamId() < 0) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }
}
