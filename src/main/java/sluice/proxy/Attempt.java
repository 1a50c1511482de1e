package sluice.proxy;

import io.vertx.core.http.HttpMethod;
import org.jspecify.annotations.Nullable;
import sluice.account.Grant;
import sluice.account.LiveAccount;
import sluice.openai.StoredRoute;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.upstream.AccountClient;
import sluice.upstream.Fault;
import sluice.upstream.call.UpstreamCall;
import sluice.upstream.call.UpstreamResponse;

/** What is known of a call once it may be sent: one attempt to have it answered. */
public sealed interface Attempt extends Exchange.OfFunded {

    /** What it may be sent with. */
    Granted granted();

    @Override
    default Exchange.Funded funded() {
        return granted().funded();
    }

    /** What its attempt holds of an account. */
    default Grant grant() {
        return granted().grant();
    }

    /** This event loop's client for the account. */
    default AccountClient client() {
        return grant().line().client();
    }

    /** The account that it is sent to. */
    default LiveAccount capacity() {
        return grant().account();
    }

    /** The attempts before this one. */
    default Past past() {
        return granted().past();
    }

    @Override
    default String account() {
        return capacity().name();
    }

    @Override
    default int attempts() {
        return past().attempts() + 1;
    }

    /**
     * A call's history of attempts.
     *
     * @param failures attempts that failed
     * @param refusals attempts that the upstream had no quota for
     */
    record Past(int failures, int refusals) {
        public static final Past NONE = new Past(0, 0);

        /** All attempts. */
        public int attempts() {
            return failures + refusals;
        }
    }

    /**
     * … that may be sent to one account now, over a connection kept free for it.
     *
     * @param past the attempts before this one
     */
    record Granted(Exchange.Funded funded, Grant grant, Past past) implements Attempt {

        @Override
        public Granted granted() {
            return this;
        }

        /** Gives back what its attempt holds; {@code failure} is null if it did not fail. */
        void close(Ending ending, @Nullable Throwable failure) {
            boolean refused = failure != null && Refusal.reasonOf(failure) instanceof Reason.UpstreamFault(Fault fault)
                    && fault.lacksQuota();
            grant.close(ending, inputTokens(), refused);
        }
    }

    /** … whose attempt failed before any of its answer reached the caller. */
    record Failed(Granted granted, Throwable failure) implements Attempt {}

    /** … that has its connection to the upstream, and is about to be sent. */
    record Connected(Granted granted, UpstreamCall call) implements Attempt {}

    /** … whose answer has begun; its own body may still be uploading. */
    record Opened(Connected connected, UpstreamResponse response) implements Attempt {

        @Override
        public Granted granted() {
            return connected.granted();
        }

        @Override
        public String upstreamId() {
            String id = response.header("x-request-id");
            return id == null ? "" : id;
        }

        public UpstreamCall call() {
            return connected.call();
        }

        /** Whether it lists stored objects that have owners. */
        boolean listsOwned() {
            return ask().owned().filter(StoredRoute::isCollection).isPresent()
                    && request().method().equals(HttpMethod.GET) && response.status() == 200;
        }
    }
}
