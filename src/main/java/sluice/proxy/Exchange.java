package sluice.proxy;

import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.account.Grant;
import sluice.account.LiveAccount;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicy;
import sluice.cache.Flight;
import sluice.cache.PromptKey;
import sluice.cache.Repeat;
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
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.InFlight;
import sluice.quota.Reservation;
import sluice.tenancy.Tags;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;
import sluice.upstream.AccountClient;
import sluice.upstream.Fault;
import sluice.upstream.call.UpstreamCall;
import sluice.upstream.call.UpstreamResponse;

/** What is known of a call at each point of the request path. Each record holds the one before it. */
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
    sealed interface OfAsk extends OfCaller {

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
     */
    record Ask(Admitted admitted, Body body, String model, CacheControl cacheControl, Patience patience,
            Set<String> accounts, Optional<StoredRoute> owned) implements OfAsk {

        /** The same call, which leads there. */
        public Ask leadingTo(Optional<StoredRoute> route) {
            return new Ask(admitted, body, model, cacheControl, patience, accounts, route);
        }

        @Override
        public Ask ask() {
            return this;
        }

        /** Whether it is to be explained rather than made. */
        boolean wantsExplanation() {
            return request().headers().contains(Headers.EXPLAIN, "1", false);
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

    /** The outcome of looking in the cache, and for an identical call in flight. */
    sealed interface Found extends OfAsk permits Hit, Joined, Miss {

        /** Under which its answer is cached; empty if it may not be. */
        default Optional<PromptKey> key() {
            return Optional.empty();
        }
    }

    /**
     * … that can be answered from memory.
     *
     * @param repeats whether it repeats a call by its {@code Idempotency-Key}, and gets the answer of that one
     */
    record Hit(Ask ask, AnswerCache.Found found, boolean repeats) implements Found {

        /** … from the cache. */
        public Hit(Ask ask, AnswerCache.Found found) {
            this(ask, found, false);
        }

        @Override
        public Optional<PromptKey> key() {
            return repeats ? Optional.empty() : Optional.of(found.key());
        }

        @Override
        public String cache() {
            return repeats ? "REPLAYED" : "HIT";
        }

        @Override
        public Served saved() {
            return found.answer().served();
        }
    }

    /**
     * … that gets the answer of an identical call, whose answer has just begun.
     *
     * @param repeats whether it has joined it by its {@code Idempotency-Key}
     */
    record Joined(Ask ask, Flight.Head head, Flight.Follower follower, boolean repeats) implements Found {

        @Override
        public String cache() {
            return "JOINED";
        }

        @Override
        public Served saved() {
            return follower.served();
        }
    }

    /**
     * … that must be sent upstream.
     *
     * @param key    under which its answer is cached, if it may be
     * @param repeat by which its repeats are known, if its caller has named it
     * @param lead   over those that follow its answer, once it has found nobody to follow itself
     */
    record Miss(Ask ask, Optional<PromptKey> key, Optional<Repeat> repeat, Optional<Lead> lead) implements Found {

        /** … that has not yet looked for a call to follow. */
        public Miss(Ask ask, Optional<PromptKey> key, Optional<Repeat> repeat) {
            this(ask, key, repeat, Optional.empty());
        }

        /** … whose caller has not named it. */
        public Miss(Ask ask, Optional<PromptKey> key) {
            this(ask, key, Optional.empty());
        }

        /** The same, leading. */
        public Miss leading(Lead leads) {
            return new Miss(ask, key, repeat, Optional.of(leads));
        }

        /** This call no longer makes the answer. */
        void close() {
            lead.ifPresent(Lead::close);
        }

        @Override
        public String cache() {
            if (key.isPresent()) {
                return "MISS";
            }
            return endpoint().needsPermit() ? "BYPASS" : "";
        }
    }

    /** What is known once its tokens are reserved. */
    sealed interface OfFunded extends OfAsk {

        /** What it may use. */
        Funded funded();

        @Override
        default Ask ask() {
            return funded().miss().ask();
        }

        /** Its lead over those that follow its answer; empty if that may be neither cached nor followed. */
        default Optional<Flight.Leader> lead() {
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
     * @param inputTokens of its input, as estimated
     * @param tokens      the most that it may use, which its account must have
     * @param expected    the tokens reserved of its tenant's
     * @param paid        the money reserved of its tenant's
     */
    record Funded(Miss miss, Reservation reservation, long inputTokens, long tokens,
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

    /** What is known once it may be sent. */
    sealed interface OfGranted extends OfFunded {

        /** What it may be sent with. */
        Granted granted();

        @Override
        default Funded funded() {
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
    }

    /**
     * … that may be sent to one account now, over a connection kept free for it.
     *
     * @param past the attempts before this one
     */
    record Granted(Funded funded, Grant grant, Past past) implements OfGranted {

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
    record Failed(Granted granted, Throwable failure) implements OfGranted {}

    /** … that has its connection to the upstream, and is about to be sent. */
    record Connected(Granted granted, UpstreamCall call) implements OfGranted {}

    /** … whose answer has begun; its own body may still be uploading. */
    record Opened(Connected connected, UpstreamResponse response) implements OfGranted {

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
