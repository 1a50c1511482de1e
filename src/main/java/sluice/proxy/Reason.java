package sluice.proxy;

import sluice.isolation.Room;
import sluice.openai.EndpointClass;
import sluice.openai.MalformedBody;
import sluice.quota.Verdict;
import sluice.schedule.Outcome;

/** Why a call is not answered by the upstream: one record for each reason, and none that {@link Refuse} does not word. */
sealed interface Reason {

    /** The path could be understood in several ways. */
    record MalformedPath(String why) implements Reason {}

    /** The HTTP itself cannot be read. */
    record MalformedHttp(int status, String why) implements Reason {}

    record UnknownUrl(String method, String path) implements Reason {}

    record WrongMethod(String method, String path, String allowed) implements Reason {}

    record MissingKey() implements Reason {}

    record WrongKey() implements Reason {}

    /** The tenant was not granted this class of routes. */
    record EndpointNotAllowed(EndpointClass endpointClass) implements Reason {}

    /** The route is a WebSocket, and the request does not ask for one. */
    record UpgradeRequired(String path) implements Reason {}

    /** A WebSocket that the upstream did not open. */
    record UpgradeRefused(int status) implements Reason {}

    /** A limit of the tenant has no room. */
    record LimitReached(Verdict.Refused verdict) implements Reason {}

    record TooManyInFlight(int limit) implements Reason {}

    record BadBody(MalformedBody fault) implements Reason {}

    record CompressedBody() implements Reason {}

    /** A header of ours that cannot be understood. */
    record BadHeader(String name, String expected) implements Reason {}

    record MissingModel() implements Reason {}

    record TwoModels(String inPath) implements Reason {}

    record ModelNotAllowed(String model) implements Reason {}

    record BodyTooLarge(long limit) implements Reason {}

    /** The body stopped coming. */
    record BodyTimeout() implements Reason {}

    /**
     * Something that all tenants share has no room.
     *
     * @param what of which there is no more
     * @param room whether for nobody, or since the tenant holds its share
     */
    record Overloaded(String what, Room room) implements Reason {

        static final String BODIES = "memory for request bodies";
        static final String LINES = "upstream connections";
        static final String SOCKETS = "WebSockets";
        static final String CONNECTIONS = "connections";
    }

    record Draining() implements Reason {}

    /** {@code only-if-cached}, and it is not. */
    record NotCached() implements Reason {}

    /** No account had a permit in time. */
    record NoPermit(Outcome.Denied denied) implements Reason {}

    /** The upstream says that the account's quota is used up; empty if it does not say for how long. */
    record UpstreamQuota(long retryAfterNanos) implements Reason {}

    /** The upstream wants to be paid first, or no longer serves the account. */
    record UpstreamOutOfCredit() implements Reason {}

    /** The upstream does not take the account's key, or does not let the account do this. */
    record UpstreamRejectedAccount(int status) implements Reason {}

    /** The upstream answered with something that is not its API. */
    record UpstreamNotJson(int status) implements Reason {}

    /** No connection to the upstream. */
    record UpstreamUnreachable() implements Reason {}

    /**
     * The connection broke before the answer's head.
     *
     * @param stale whether it had served before, and so was most likely closed already when the call was sent
     */
    record UpstreamBroke(boolean stale) implements Reason {}

    /** No head in time. */
    record UpstreamTimeout() implements Reason {}

    /**
     * The caller has left.
     *
     * @param sent whether its call was on its way upstream
     */
    record ClientGone(boolean sent) implements Reason {}

    /** A fault of the gateway. */
    record Internal() implements Reason {}
}
