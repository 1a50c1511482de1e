package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.identity.Identities;
import sluice.identity.Identity;
import sluice.identity.Rejected;
import sluice.identity.Unavailable;
import sluice.isolation.Room;
import sluice.net.HeaderLines;
import sluice.net.SubProtocols;
import sluice.openai.EndpointClass;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.Credential;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Revocations;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.TenantDirectory;

/**
 * Finds the tenant by the key or token that the call presents, and checks that it may call this class of routes and
 * has tagged the call as required.
 */
public final class Authenticate implements Stage<Arrival, Caller> {
    private static final String BEARER = "Bearer ";

    private final TenantDirectory tenancies;
    private final Identities identities;
    private final Revocations revocations;

    public Authenticate(TenantDirectory tenancies, Identities identities, Revocations revocations) {
        this.tenancies = tenancies;
        this.identities = identities;
        this.revocations = revocations;
    }

    @Override
    public Future<Caller> apply(Arrival arrival) {
        String key = key(arrival.request().headers());
        if (key == null) {
            return Refusal.of(new Reason.MissingKey());
        }
        KeyDigest digest = KeyDigest.of(key);
        Optional<Tenancy> tenancy = tenancies.find(digest);
        if (tenancy.isPresent() && !revocations.has(digest.id())) {
            return known(arrival, tenancy.get(), Credential.key(digest.id()));
        }
        return tenancy.isEmpty() && identities.takes(key)
                ? identities.of(key, arrival.origin().client()).compose(identity -> identified(arrival, identity),
                        Authenticate::unidentified)
                : wrong(arrival, digest);
    }

    private Future<Caller> identified(Arrival arrival, Identity identity) {
        Optional<Tenancy> tenancy = tenancies.named(identity.tenant());
        return tenancy.isEmpty() || revocations.has(identity.id())
                ? Refusal.of(new Reason.WrongKey())
                : known(arrival, tenancy.get(), new Credential(identity.id(), identity.subject()));
    }

    private static Future<Caller> unidentified(Throwable failure) {
        return switch (failure) {
            case Rejected rejected -> Refusal.of(new Reason.WrongToken(rejected.sentence()));
            case Unavailable unavailable -> Refusal.of(new Reason.IdentityUnavailable(unavailable.sentence()));
            default -> Future.failedFuture(failure);
        };
    }

    private static Future<Caller> known(Arrival arrival, Tenancy tenancy, Credential credential) {
        Caller caller = new Caller(arrival, tenancy, credential, Tags.NONE);
        Room room = arrival.request().claim(caller.holder());
        return room.given()
                ? granted(caller)
                : Refusal.of(new Reason.Overloaded(Reason.Overloaded.CONNECTIONS, room), caller);
    }

    /** For an expired or revoked key, log and meters name its tenant; the caller does not learn it. */
    private Future<Caller> wrong(Arrival arrival, KeyDigest digest) {
        Optional<Tenancy> owner = tenancies.owner(digest);
        return owner.isPresent()
                ? Refusal.of(new Reason.WrongKey(),
                        new Caller(arrival, owner.get(), Credential.key(digest.id()), Tags.NONE))
                : Refusal.of(new Reason.WrongKey());
    }

    /**
     * Checks that the tenant may call these routes. If it may not, a route that the table lacks does not exist for it.
     */
    private static Future<Caller> granted(Caller caller) {
        EndpointClass wanted = caller.endpoint().endpointClass();
        if (caller.declared().mayCall(wanted) || caller.endpoint().own()) {
            return filed(caller);
        }
        Arrival arrival = caller.arrival();
        return wanted == EndpointClass.OTHER
                ? Refusal.of(new Reason.UnknownUrl(arrival.origin().method(), arrival.request().path()), caller)
                : Refusal.of(new Reason.EndpointNotAllowed(wanted), caller);
    }

    /** Reads the tags; required ones are only enforced on calls that go upstream. */
    private static Future<Caller> filed(Caller caller) {
        Tags tags;
        try {
            tags = Tags.parse(HeaderLines.joined(caller.request().headers(), Headers.TAGS));
        } catch (Tags.Unclear unclear) {
            return Refusal.of(new Reason.BadHeader(Headers.TAGS, Tags.Unclear.EXPECTED), caller);
        }
        String missing = caller.endpoint().own() ? null : tags.lacks(caller.declared().tags().required());
        return missing == null
                ? Future.succeededFuture(new Caller(caller.arrival(), caller.tenancy(), caller.credential(), tags))
                : Refusal.of(new Reason.MissingTag(missing), caller);
    }

    /** OpenAI's SDKs send a bearer token, Azure's a header of their own, browsers a subprotocol name. */
    private static @Nullable String key(MultiMap headers) {
        String authorization = headers.get(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).strip();
        }
        String azure = headers.get("api-key");
        return azure != null ? azure : SubProtocols.key(headers);
    }
}
