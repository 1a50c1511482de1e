package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Journal;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Caller;
import sluice.tenant.KeyDigest;
import sluice.tenant.Revocations;

/** Finds the tenant by the key that the call presents. */
final class Authenticate implements Stage<Arrival, Caller> {
    private static final String BEARER = "Bearer ";

    private final Supplier<Tenancies> tenancies;
    private final Revocations revocations;

    Authenticate(Supplier<Tenancies> tenancies, Revocations revocations) {
        this.tenancies = tenancies;
        this.revocations = revocations;
    }

    @Override
    public Future<Caller> apply(Arrival arrival) {
        String key = key(arrival.request().headers());
        if (key == null) {
            return Refusal.of(new Reason.MissingKey());
        }
        KeyDigest digest = KeyDigest.of(key);
        Optional<Tenancy> tenancy = tenancies.get().find(digest);
        if (tenancy.isEmpty() || revocations.has(digest.id())) {
            return Refusal.of(new Reason.WrongKey());
        }
        Journal journal = arrival.journal();
        journal.tenant = tenancy.get().tenant().name();
        journal.keyId = digest.id();
        journal.meters = tenancy.get().meters();
        return Future.succeededFuture(new Caller(arrival, tenancy.get()));
    }

    /** OpenAI's SDKs send a bearer token, those for Azure a header of their own. */
    private static @Nullable String key(MultiMap headers) {
        String authorization = headers.get(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).strip();
        }
        return headers.get("api-key");
    }
}
