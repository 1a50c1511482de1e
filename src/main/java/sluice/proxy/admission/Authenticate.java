package sluice.proxy.admission;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.identity.Identities;
import sluice.identity.Identity;
import sluice.identity.Rejected;
import sluice.identity.Unavailable;
import sluice.inbound.Peer;
import sluice.isolation.Room;
import sluice.net.ClientCertificate;
import sluice.net.HeaderLines;
import sluice.openai.EndpointClass;
import sluice.proxy.Credential;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.tenancy.Access;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Revocations;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.TenantDirectory;

/**
 * Finds the tenant by what the call presents: a key, a token, a client certificate, or several, which must all name the
 * same one. Then checks that it may call from there, may call this class of routes, and has tagged the call as required.
 */
public final class Authenticate implements Stage<Arrival, Caller> {
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
        Peer peer = arrival.request().peer();
        return switch (peer.certificate()) {
            case ClientCertificate.None() -> presented(arrival, List.of());
            case ClientCertificate.Good(var names) -> presented(arrival, identities.of(names).stream().toList());
            case ClientCertificate.Lapsed(String why) -> Refusal.of(new Reason.WrongCertificate(why));
        };
    }

    /** @param certified the identity of a client certificate, if it names one */
    private Future<Caller> presented(Arrival arrival, List<Identity> certified) {
        Presented presented = Presented.by(arrival.request().headers());
        String bearer = presented.bearer();
        Optional<KeyDigest> digest = bearer == null
                ? Optional.empty()
                : Optional.of(arrival.request().lastCredential().derived(bearer, KeyDigest.class, KeyDigest::of));
        if (bearer != null && identities.takes(bearer) && digest.flatMap(tenancies::owner).isEmpty()) {
            return identities.of(bearer, digest.orElseThrow().bytes(), arrival.request().peer()::holder)
                    .transform(checked -> checked.succeeded()
                            ? agreed(arrival, digest(presented.key()), with(checked.result(), certified))
                            : unidentified(checked.cause()));
        }
        Optional<KeyDigest> key = presented.key() == null ? digest : digest(presented.key());
        if (key.isPresent() && !certified.isEmpty() && presented.key() == null && isUnknown(key.get())) {
            // SDKs insist on sending a key: if a certificate says who calls, it may be anything.
            return agreed(arrival, Optional.empty(), certified);
        }
        return key.isEmpty() && certified.isEmpty() ? anonymous(arrival) : agreed(arrival, key, certified);
    }

    private static List<Identity> with(Identity identity, List<Identity> certified) {
        return certified.isEmpty()
                ? List.of(identity)
                : Stream.concat(Stream.of(identity), certified.stream()).toList();
    }

    private boolean isUnknown(KeyDigest key) {
        return tenancies.owner(key).isEmpty() && !revocations.has(key.id());
    }

    private static Optional<KeyDigest> digest(@Nullable String key) {
        return Optional.ofNullable(key).map(KeyDigest::of);
    }

    private static Future<Caller> anonymous(Arrival arrival) {
        return Refusal.of(arrival.request().peer().certificate() instanceof ClientCertificate.Good
                ? new Reason.WrongCertificate("Your client certificate belongs to no tenant: send a key, or ask the "
                        + "gateway's operators for a rule under 'identity.certificates'.")
                : new Reason.MissingKey());
    }

    private static Future<Caller> unidentified(Throwable failure) {
        return switch (failure) {
            case Rejected rejected -> Refusal.of(new Reason.WrongToken(rejected.sentence()));
            case Unavailable unavailable -> Refusal.of(switch (unavailable.why()) {
                case ISSUER_AWAY -> new Reason.IdentityUnavailable(unavailable.sentence());
                case BUSY -> new Reason.TokenUnchecked(unavailable.sentence());
            });
            default -> Future.failedFuture(failure);
        };
    }

    /** A key, identities, or both: the tenant that all of them name. */
    private Future<Caller> agreed(Arrival arrival, Optional<KeyDigest> key, List<Identity> proven) {
        Optional<Tenancy> tenancy = key.isPresent()
                ? tenancies.find(key.get())
                : tenancies.named(proven.getFirst().tenant());
        if (tenancy.isEmpty()) {
            return wrong(arrival, key);
        }
        Credential credential = Credential.of(key, proven);
        String name = tenancy.get().tenant().name();
        if (credential.isRevoked(revocations)) {
            return wrong(arrival, key);
        }
        for (Identity each : proven) {
            if (!each.tenant().equals(name)) {
                return Refusal.of(new Reason.TwoTenants());
            }
        }
        return proven(new Caller(arrival, tenancy.get(), credential, Tags.NONE), key.isPresent(), !proven.isEmpty());
    }

    /** For an expired or revoked key, log and meters name its tenant; the caller does not learn it. */
    private Future<Caller> wrong(Arrival arrival, Optional<KeyDigest> key) {
        Optional<Caller> owner = key.flatMap(digest -> tenancies.owner(digest)
                .map(tenancy -> new Caller(arrival, tenancy, Credential.key(digest.id()), Tags.NONE)));
        return owner.isPresent()
                ? Refusal.of(new Reason.WrongKey(), owner.get())
                : Refusal.of(new Reason.WrongKey());
    }

    private static Future<Caller> proven(Caller caller, boolean byKey, boolean byIdentity) {
        Access access = caller.declared().access();
        if (access.both() && !(byKey && byIdentity)) {
            return Refusal.of(new Reason.HalfProven(byKey), caller);
        }
        Peer peer = caller.request().peer();
        if (!access.from().isEmpty() && !access.allows(peer.inet())) {
            return Refusal.of(new Reason.AddressNotAllowed(peer.address()), caller);
        }
        Room room = caller.request().claim(caller.holder());
        return room.given()
                ? granted(caller)
                : Refusal.of(new Reason.Overloaded(Reason.Overloaded.CONNECTIONS, room), caller);
    }

    /**
     * Checks that the tenant may call these routes. If it may not, a route that the table lacks does not exist for it.
     */
    private static Future<Caller> granted(Caller caller) {
        EndpointClass wanted = caller.endpoint().endpointClass();
        if (caller.declared().mayCall(wanted) || caller.endpoint().own()) {
            return filed(caller);
        }
        String method = caller.arrival().origin().method();
        String path = caller.arrival().request().path();
        return Refusal.of(wanted == EndpointClass.OTHER
                ? new Reason.UnknownUrl(method, path)
                : new Reason.EndpointNotAllowed(method, path, wanted), caller);
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
}
