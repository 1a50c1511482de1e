package sluice.proxy.refusal;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import sluice.isolation.Room;
import sluice.openai.EndpointClass;
import sluice.openai.MalformedBody;
import sluice.quota.Ending;
import sluice.quota.Spending;
import sluice.quota.Verdict;
import sluice.schedule.Decision;
import sluice.upstream.Fault;

/** Why a call is not answered by the upstream: one record per reason, each of which {@code Refuse} can answer. */
public sealed interface Reason {

    /** A budget of its tenant is spent. */
    record BudgetSpent(Spending.Answer.Refused refused) implements Reason {}

    /** Its tenant has a budget, and the model no price. */
    record ModelNotPriced(String model) implements Reason {}

    /** The path can be understood in several ways. */
    record MalformedPath(String why) implements Reason {}

    /** The HTTP itself cannot be parsed. */
    record MalformedHttp(int status, String why) implements Reason {}

    /** A header that HTTP does not allow. */
    record MalformedHeader(String why) implements Reason {}

    record UnknownUrl(String method, String path) implements Reason {}

    /** Its path begins like those of the gateway's own routes, and is none of them. */
    record UnknownOwnUrl(String method, String path) implements Reason {}

    record WrongMethod(String method, String path, String allowed) implements Reason {}

    record MissingKey() implements Reason {}

    record WrongKey() implements Reason {}

    /** The caller's token was rejected. */
    record WrongToken(String why) implements Reason {}

    /** The caller's token cannot be verified, since its issuer is away. */
    record IdentityUnavailable(String why) implements Reason {}

    /** Its token has not been verified, since too many are waiting. */
    record TokenUnchecked(String why) implements Reason {}

    /** The client certificate that the caller presents is not accepted. */
    record WrongCertificate(String why) implements Reason {}

    /** What the caller presents names different tenants. */
    record TwoTenants() implements Reason {}

    /**
     * The tenant's callers must present a key and an identity, and one is missing.
     *
     * @param key whether there is a key
     */
    record HalfProven(boolean key) implements Reason {}

    /** The tenant may not call from this address. */
    record AddressNotAllowed(String address) implements Reason {}

    /** The tenant may not call this class of routes. */
    record EndpointNotAllowed(String method, String path, EndpointClass endpointClass) implements Reason {}

    /** The route is a WebSocket, but the request does not ask for one. */
    record UpgradeRequired(String path) implements Reason {}

    /** The request asks for a WebSocket, but the route is not one. */
    record UpgradeNotSupported(String path) implements Reason {}

    /** The upstream did not open the WebSocket. */
    record UpgradeRefused(int status) implements Reason {}

    /** A limit of the tenant has no room for the call. */
    record LimitReached(Verdict.Refused verdict) implements Reason {}

    /**
     * As many calls are in progress as may be.
     *
     * @param retryAfterNanos spread, so that those refused together do not return together
     */
    record TooManyInFlight(int limit, long retryAfterNanos) implements Reason {
        private static final long LEAST = TimeUnit.MILLISECONDS.toNanos(500);
        private static final long MOST = TimeUnit.SECONDS.toNanos(1);

        /** As it is called in a configuration. */
        public String name() {
            return "concurrent";
        }

        public TooManyInFlight(int limit) {
            this(limit, ThreadLocalRandom.current().nextLong(LEAST, MOST));
        }
    }

    record BadBody(MalformedBody fault) implements Reason {}

    /**
     * There is no such stored object, or another tenant has made it.
     *
     * @param id of the object
     */
    record ObjectNotFound(String id) implements Reason {}

    /** The owner of a stored object cannot be looked up at the moment. */
    record OwnersUnavailable(String sentence) implements Reason {}

    record CompressedBody() implements Reason {}

    /** A malformed header. */
    record BadHeader(String name, String expected) implements Reason {}

    /** A malformed URL parameter. */
    record BadParameter(String name, String expected) implements Reason {}

    /** The tenant must tag its calls with this key. */
    record MissingTag(String key) implements Reason {}

    /** There is no ledger of all replicas' calls. */
    record LedgerNotShared() implements Reason {}

    /** The ledger's database does not answer. */
    record LedgerAway() implements Reason {}

    record MissingModel() implements Reason {}

    /** The upstream would choose the model, and the tenant may use certain ones only. */
    record ModelUnnamed() implements Reason {}

    record TwoModels(String inPath) implements Reason {}

    record ModelNotAllowed(String model) implements Reason {}

    /**
     * No account that the call may be sent to serves its model.
     *
     * @param bound what binds it to that account, although another may serve the model
     */
    record ModelNotServed(String model, Bound bound) implements Reason {

        /** What binds a call to one account. */
        public enum Bound {
            /** Nothing: it may be sent to any of its tenant's accounts. */
            NOTHING,
            /** It stores something, or names what is stored. */
            OBJECTS,
            /** It is a message of a WebSocket, which leads there. */
            SOCKET,
            /** It is a form that named its model only after it had to be sent. */
            FORM
        }
    }

    record BodyTooLarge(long limit) implements Reason {}

    /** The body stopped arriving, or arrived too slowly. */
    record BodyTimeout() implements Reason {}

    /**
     * Something that all tenants share has no room.
     *
     * @param what what there is no more of
     * @param room whether for everyone, or because the tenant holds its share
     */
    record Overloaded(String what, Room room) implements Reason {

        public static final String BODIES = "memory for request bodies";
        public static final String ANSWERS = "memory for answers from the cache";
        public static final String LINES = "upstream connections";
        public static final String SOCKETS = "WebSockets";
        public static final String CONNECTIONS = "connections";
        public static final String REPORTS = "capacity for usage reports";
    }

    /**
     * The gateway is shutting down.
     *
     * @param ending of the call, by how far it had got
     */
    record Draining(Ending ending) implements Reason {}

    /** Its {@code Idempotency-Key} came with another request before. */
    record KeyReused() implements Reason {}

    /** The call that it repeats is in flight, and its answer cannot be shared, or does not come in time. */
    record KeyInUse() implements Reason {}

    /** {@code only-if-cached}, and it is not cached. */
    record NotCached() implements Reason {}

    /** No account had a permit in time. */
    record NoPermit(Decision.Denied denied) implements Reason {}

    /** The upstream answered with something that is not relayed. */
    record UpstreamFault(Fault fault) implements Reason {}

    /**
     * The upstream rejected the account's key.
     *
     * @param another whether the account has another key that is not suspect
     */
    record UpstreamRejectedKey(boolean another) implements Reason {}

    /** The upstream answered with a status that ends no call, or switched to a protocol that nobody asked for. */
    record UpstreamStatus(int status) implements Reason {}

    /** The upstream's list is longer than any list of models. */
    record UpstreamTooLong() implements Reason {}

    /** No connection to the upstream. */
    record UpstreamUnreachable() implements Reason {}

    /**
     * The connection broke before the answer's head, or the upstream said that it did not take the call.
     *
     * @param whole whether the upstream may have had all of the call, and so may have acted on it
     */
    record UpstreamBroke(boolean whole) implements Reason {}

    /**
     * The answer's head did not arrive in time.
     *
     * @param whole as for {@link UpstreamBroke}
     */
    record UpstreamTimeout(boolean whole) implements Reason {}

    /**
     * The caller disconnected.
     *
     * @param ending of its call, by how far it had got
     */
    record ClientGone(Ending ending) implements Reason {}

    /**
     * The key was revoked while the call was in flight.
     *
     * @param ending of the call, by how far it had got
     */
    record KeyRevoked(Ending ending) implements Reason {}

    /**
     * An internal fault.
     *
     * @param whole whether the upstream may have had all of the call
     */
    record Internal(boolean whole) implements Reason {}
}
