package sluice.proxy;

import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.PromptKey;
import sluice.metrics.Journal;
import sluice.metrics.Journal.Outcome;
import sluice.net.Departure;
import sluice.openai.Endpoint;
import sluice.openai.Route;
import sluice.openai.Usage;
import sluice.proxy.body.Body;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Reservation;
import sluice.tenancy.Tenancy;
import sluice.upstream.Fault;

/** What is known of a call at each point of its path. Each record holds the one before it. */
public sealed interface Exchange {

    /** A call on a route that is served; its body is paused. */
    record Arrival(HttpServerRequest request, Route.Known route, Journal journal, Departure departure)
            implements
                Exchange {

        public Endpoint endpoint() {
            return route.endpoint();
        }

        public HttpServerResponse response() {
            return request.response();
        }
    }

    /** … of a tenant that is known by its key. */
    record Caller(Arrival arrival, Tenancy tenancy) implements Exchange {}

    /** … that its tenant's limits let in. */
    record Admitted(Caller caller, Reservation requests, InFlight.Permit permit) implements Exchange {

        public Endpoint endpoint() {
            return caller.arrival().endpoint();
        }

        /** Gives back what the ending says. */
        void close(Ending ending) {
            requests.close(ending);
            permit.close();
        }
    }

    /**
     * … of which is known what it asks for.
     *
     * @param model    empty where it runs none, or names it later in a body that still passes
     * @param accounts the names of those that may serve it; the home account alone where something stored there matters
     */
    record Ask(Admitted admitted, Body body, String model, CacheControl cacheControl, Patience patience,
            Set<String> accounts)
            implements
                Exchange {

        Arrival arrival() {
            return admitted.caller().arrival();
        }

        Tenancy tenancy() {
            return admitted.caller().tenancy();
        }
    }

    /** What the cache has to say. */
    sealed interface Found extends Exchange permits Hit, Miss {}

    /** … that can be answered from memory. */
    record Hit(Ask ask, AnswerCache.Found found) implements Found {}

    /** … that must be sent upstream; its answer is kept under the key, if there is one. */
    record Miss(Ask ask, Optional<PromptKey> key) implements Found {}

    /**
     * … that its tenant's tokens and the limits of its model let through.
     *
     * @param inputTokens of the tokens reserved, those that the model reads
     */
    record Funded(Miss miss, Reservation reservation, long inputTokens, long tokens) implements Exchange {

        Ask ask() {
            return miss.ask();
        }

        Arrival arrival() {
            return ask().arrival();
        }
    }

    /**
     * … that may be sent to one account now, over a connection that is kept free for it.
     *
     * @param past the attempts before this one
     */
    record Granted(Funded funded, Grant grant, RetryRule.Past past) implements Exchange {

        Arrival arrival() {
            return funded.arrival();
        }

        /** Gives back what its attempt holds; with the failure, if it failed. */
        void close(Ending ending, @Nullable Throwable failure) {
            Reason reason = failure == null ? null : Refusal.reasonOf(failure);
            boolean refused = reason instanceof Reason.UpstreamFault(Fault fault) && fault.lacksQuota();
            grant.close(ending, funded.inputTokens(), refused);
        }
    }

    /** … whose attempt has failed before any of its answer went to the caller. */
    record Failed(Granted granted, Throwable failure) implements Exchange {}

    /** … that has its connection to the upstream, and is about to be sent. */
    record Connected(Granted granted, UpstreamCall call) implements Exchange {}

    /** … whose answer has begun; its own body may still be on its way. */
    record Opened(Connected connected, HttpClientResponse response) implements Exchange {

        Funded funded() {
            return connected.granted().funded();
        }

        Ask ask() {
            return funded().ask();
        }

        Arrival arrival() {
            return funded().arrival();
        }

        UpstreamCall call() {
            return connected.call();
        }
    }

    /**
     * … that is answered, as far as it could be.
     *
     * @param status  what the caller was told; 499 if it had left
     * @param outcome how it ended, and whose doing it was
     * @param ending  what becomes of its reservations
     */
    record Answer(int status, Outcome outcome, Ending ending) implements Exchange {

        /** The ending of an answer that was relayed whole and told this usage, if any. */
        static Answer relayed(int status, @Nullable Usage usage) {
            if (status >= 400) {
                return new Answer(status, status >= 500 ? Outcome.UPSTREAM : Outcome.TENANT, Ending.NOT_RUN);
            }
            return new Answer(status, Outcome.ANSWERED,
                    usage == null ? Ending.AS_RESERVED : new Ending.Used(usage.total()));
        }
    }

}
