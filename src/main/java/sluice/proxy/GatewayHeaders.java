package sluice.proxy;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundResponse;
import sluice.metrics.Facts;
import sluice.metrics.Origin;
import sluice.metrics.Stopwatch;
import sluice.net.Drain;
import sluice.tenancy.Tenancy;

/** The gateway's own headers, set on every answer. */
public final class GatewayHeaders {
    private final Drain drain;

    public GatewayHeaders(Drain drain) {
        this.drain = drain;
    }

    /** Adds them to the answer of a call whose tenant is known. */
    public void add(InboundResponse response, Exchange.OfCaller call) {
        add(response, call.origin(), call.times(), call, call.tenancy());
    }

    /** Adds them; the tenant is null if it is not known. */
    public void add(InboundResponse response, Origin origin, Stopwatch times, Facts facts, @Nullable Tenancy tenancy) {
        response.header(Headers.REQUEST_ID, origin.id());
        String did = facts.cache();
        if (!did.isEmpty()) {
            response.header(Headers.CACHE, did);
        }
        if (times.waited() > 0) {
            response.header(Headers.WAIT, Long.toString(TimeUnit.NANOSECONDS.toMillis(times.waited())));
        }
        if (tenancy != null) {
            Headers.rateLimits(response.headers(), tenancy.quota());
        }
        if (drain.leaving()) {
            response.closing();
        }
    }
}
