package sluice.proxy;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicy;
import sluice.cache.Leader;
import sluice.cache.Retention;
import sluice.inbound.InboundRequest;
import sluice.inbound.InboundResponse;
import sluice.isolation.Holder;
import sluice.metrics.CallTrace;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.metrics.TenantMeters;
import sluice.net.Departure;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.Route;
import sluice.openai.Served;
import sluice.openai.StoredRoute;
import sluice.openai.Usage;
import sluice.proxy.body.Body;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Reservation;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;

/**
 * What is known of a call at each point of the request path. Each record holds the one before it; {@link Found} and {@link
 * Attempt} have those of the lookup and of an attempt.
 */
public sealed interface Exchange extends Facts {

    /** The call as it arrived. */
    Arrival arrival();

    /** Its route. */
    default Endpoint endpoint() {
        return arrival().route().endpoint();
    }

    /** The caller's request. */
    default InboundRequest request() {
        return arrival().request();
    }

    /** Where it came from. */
    default Origin origin() {
        return arrival().origin();
    }

    /** Whether the caller has left. */
    default Departure departure() {
        return arrival().departure();
    }

    /** How its time is spent. */
    default Stopwatch times() {
        return arrival().times();
    }

    /** A call on a route that is served; its body is paused. */
    record Arrival(InboundRequest request, Route.Known route, Origin origin, Stopwatch times, CallTrace trace,
            Departure departure) implements Exchange {

        @Override
        public Arrival arrival() {
            return this;
        }

        public InboundResponse response() {
            return request.response();
        }
    }

    /** What is known once the tenant is. */
    non-sealed interface OfCaller extends Exchange {

        /** The caller. */
        Caller caller();

        @Override
        default Arrival arrival() {
            return caller().arrival();
        }

        /** The tenant in effect. */
        default Tenancy tenancy() {
            return caller().tenancy();
        }

        /** The tenant's declaration. */
        default Tenant declared() {
            return tenancy().tenant();
        }

        /** The holder under which it takes shared resources. */
        default Holder holder() {
            return tenancy().holder();
        }

        @Override
        default String tenant() {
            return declared().name();
        }

        @Override
        default TenantMeters meters() {
            return tenancy().meters();
        }

        @Override
        default String keyId() {
            return caller().credential().id();
        }

        @Override
        default String subject() {
            return caller().credential().subject();
        }

        @Override
        default String tags() {
            return caller().filed().text();
        }
    }

    /** … whose tenant is known from what it presented. */
    record Caller(Arrival arrival, Tenancy tenancy, Credential credential, Tags filed) implements OfCaller {

        @Override
        public Caller caller() {
            return this;
        }
    }

    /** … admitted by its tenant's limits. */
    record Admitted(Caller caller, Reservation requests, InFlight.Slot permit) implements OfCaller {

        /** Returns what it holds, as its ending requires. */
        void close(Ending ending) {
            requests.close(ending);
            permit.close();
        }
    }

    /** What is known once the call is understood. */
    sealed interface OfAsk extends OfCaller permits Ask, Found, OfFunded {

        /** What it asks for. */
        Ask ask();

        @Override
        default Caller caller() {
            return ask().admitted().caller();
        }

        /** The call's body. */
        default Body body() {
            return ask().body();
        }

        /** What its body says, as far as it was read. */
        default Envelope envelope() {
            return body().envelope();
        }

        @Override
        default String model() {
            return ask().model();
        }

        @Override
        default String serviceTier() {
            return envelope().serviceTier();
        }

        @Override
        default boolean stream() {
            return envelope().stream();
        }

        @Override
        default String user() {
            return EndUser.hash(tenant(), envelope().endUser());
        }

        /** What it uses: as its answer reports, or an estimate of the tokens. */
        default ModelUse used(Served served, long input, long output) {
            if (endpoint() == Endpoint.RESPONSES_INPUT_TOKENS) {
                return ModelUse.nothing();
            }
            return switch (endpoint().spends()) {
                case ANSWER -> ModelUse.of(served, new Usage(input, output, 0));
                case INPUT -> ModelUse.of(served, endpoint() == Endpoint.AUDIO_SPEECH
                        ? Usage.ofCharacters(envelope().inputChars())
                        : new Usage(input, 0, 0));
                case REQUEST -> model().isEmpty() && served.model().isEmpty()
                        ? ModelUse.nothing()
                        : ModelUse.of(served, null);
                case NOTHING -> ModelUse.nothing();
            };
        }
    }

    /**
     * … that has been understood.
     *
     * @param model    empty if it runs none, or names it later in a body that is still passing
     * @param accounts the names of those that may serve it; only the home account if something stored there matters
     * @param owned    the stored objects its path leads to, if they have owners
     * @param explained whether it is to be explained rather than made
     */
    record Ask(Admitted admitted, Body body, String model, CacheControl cacheControl, Patience patience,
            Set<String> accounts, Optional<StoredRoute> owned, boolean explained) implements OfAsk {

        /** The same call, which leads there. */
        public Ask leadingTo(Optional<StoredRoute> route) {
            return new Ask(admitted, body, model, cacheControl, patience, accounts, route, explained);
        }

        @Override
        public Ask ask() {
            return this;
        }

        /** The model, as far as its body has named it by now. */
        @Override
        public String model() {
            return model.isEmpty() ? body.lateModel() : model;
        }

        /** The cache's policy for it. */
        public CachePolicy caching() {
            return declared().caching().of(model());
        }

        /** How its answer is kept, if it may be. */
        public Retention retention() {
            CachePolicy policy = caching();
            return new Retention(new Retention.Source(tenant(), model(), policy.namespace(cacheControl)),
                    policy.ttl(model(), cacheControl.ttl()), times().startedAt());
        }
    }

    /** What is known once its tokens are reserved. */
    sealed interface OfFunded extends OfAsk permits Funded, Attempt {

        /** What it may use. */
        Funded funded();

        @Override
        default Ask ask() {
            return funded().miss().ask();
        }

        /** Its lead over those that follow its answer; empty if that may be neither cached nor followed. */
        default Optional<Leader> lead() {
            Lead lead = funded().miss().lead().orElse(null);
            return lead == null ? Optional.empty() : lead.flight();
        }

        @Override
        default String cache() {
            return funded().miss().cache();
        }

        /** The tokens of its input, as estimated. */
        default long inputTokens() {
            return funded().inputTokens();
        }

        /** What it used if its answer does not report it, given the tokens of the answer. */
        default ModelUse estimate(long output) {
            return used(Served.UNTOLD, output);
        }

        /** What it used: as its answer reports, or an estimate of the answer's tokens. */
        default ModelUse used(Served served, long output) {
            return used(served, inputTokens(), output);
        }
    }

    /**
     * … let through by its tenant's token limits and the limits of its model.
     *
     * @param inputTokens the estimated tokens of its input
     * @param tokens      the most that it may use, which its account must have
     * @param expected    the tenant's tokens reserved for it
     * @param paid        the tenant's money reserved for it
     */
    record Funded(Found.Miss miss, Reservation reservation, long inputTokens, long tokens,
            AnswerLengths.Expected expected, Paid paid) implements OfFunded {

        /** Gives back or settles what was reserved, and learns from a whole answer; null if there is none. */
        void close(Ending ending, @Nullable Answer answer) {
            reservation.close(ending);
            paid.close(this, ending, answer);
            Usage usage = answer == null || answer.told().outcome() != Outcome.ANSWERED ? null : answer.told().usage();
            if (usage != null) {
                expected.was(usage.input(), usage.output());
            }
        }

        @Override
        public Funded funded() {
            return this;
        }
    }

    /**
     * … that is answered, as far as it could be.
     *
     * @param facts  what was known of it at the last point it reached
     * @param told   what its caller received
     * @param ending what happens to its reservations
     */
    record Answer(Facts facts, Spent.Told told, Ending ending) {

        /** The same, as its own caller saw it end. */
        public Answer seen(Outcome outcome, String code) {
            return new Answer(facts, new Spent.Told(told.status(), outcome, code, told.bytes(), told.use()), ending);
        }

        /** For an answer relayed whole, with what it reported about its model call. */
        public static Answer relayed(OfFunded facts, int status, long bytes, Served served) {
            if (status >= 400) {
                Outcome outcome = status >= 500 ? Outcome.UPSTREAM : Outcome.TENANT;
                return new Answer(facts, new Spent.Told(status, outcome, "", bytes, ModelUse.nothing()),
                        Ending.NOT_RUN);
            }
            Usage usage = served.usage();
            return new Answer(facts,
                    new Spent.Told(status, Outcome.ANSWERED, "", bytes,
                            facts.used(served, facts.funded().expected().output())),
                    usage == null ? Ending.AS_RESERVED : new Ending.Used(usage.total()));
        }
    }
}
