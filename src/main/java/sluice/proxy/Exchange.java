package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.Set;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.PromptKey;
import sluice.metrics.Journal;
import sluice.metrics.Journal.Outcome;
import sluice.openai.Endpoint;
import sluice.openai.Route;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Reservation;
import sluice.schedule.Permit;

/** What is known of a call at each point of its path. Each record holds the one before it. */
sealed interface Exchange {

    /** A call on a route that is served; its body is paused. */
    record Arrival(HttpServerRequest request, Route.Known route, Journal journal, Departure departure)
            implements
                Exchange {

        Endpoint endpoint() {
            return route.endpoint();
        }

        HttpServerResponse response() {
            return request.response();
        }
    }

    /** … of a tenant that is known by its key. */
    record Caller(Arrival arrival, Tenancy tenancy) implements Exchange {}

    /** … that its tenant's limits let in. */
    record Admitted(Caller caller, Reservation requests, InFlight.Permit permit) implements Exchange {

        Endpoint endpoint() {
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

    /** … that its tenant's tokens and the limits of its model let through. */
    record Funded(Miss miss, Reservation reservation, long tokens) implements Exchange {

        Ask ask() {
            return miss.ask();
        }

        Arrival arrival() {
            return ask().arrival();
        }
    }

    /** … that may be sent to one account now, over a connection that is kept free for it. */
    record Granted(Funded funded, Permit permit, Line line) implements Exchange {}

    /** … whose answer has begun; its own body may still be on its way, which {@code sending} tells. */
    record Opened(Granted granted, HttpClientResponse response, Future<Void> sending) implements Exchange {

        Ask ask() {
            return granted.funded().ask();
        }

        Arrival arrival() {
            return granted.funded().arrival();
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

        /** The ending of an answer that was relayed whole. */
        static Answer relayed(int status) {
            if (status >= 500) {
                return new Answer(status, Outcome.UPSTREAM, Ending.GIVEN_BACK);
            }
            return status >= 400
                    ? new Answer(status, Outcome.TENANT, Ending.CALLERS_FAULT)
                    : new Answer(status, Outcome.ANSWERED, Ending.USED);
        }
    }

}
