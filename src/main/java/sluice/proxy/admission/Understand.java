package sluice.proxy.admission;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.cache.CacheControl;
import sluice.inbound.InboundRequest;
import sluice.isolation.Part;
import sluice.net.HeaderLines;
import sluice.openai.Endpoint;
import sluice.openai.EndpointClass;
import sluice.openai.Envelope;
import sluice.openai.EnvelopeReader;
import sluice.openai.FormReader;
import sluice.openai.FormValues;
import sluice.openai.MalformedBody;
import sluice.openai.Reads;
import sluice.openai.Trait;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Explain;
import sluice.proxy.Patience;
import sluice.proxy.Stage;
import sluice.proxy.body.Body;
import sluice.proxy.body.BodyReader;
import sluice.proxy.body.BodyWatch;
import sluice.proxy.body.BodyWork;
import sluice.proxy.body.Form;
import sluice.proxy.body.HeldBody;
import sluice.proxy.body.PassingBody;
import sluice.proxy.owned.Ownership;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.tenancy.Tenancy;
import sluice.tenancy.Tenant;

/** Reads as much of a call's body as needed to understand it, once; the rest passes through later as it arrives. */
public final class Understand implements Stage<Admitted, Ask> {
    private final BodyReader reader;
    private final BodyWork work;
    private final BodyWatch.Bounds pace;
    private final Ownership ownership;

    /** @param pace how slowly a body may arrive */
    public Understand(BodyReader reader, BodyWork work, BodyWatch.Bounds pace, Ownership ownership) {
        this.reader = reader;
        this.work = work;
        this.pace = pace;
        this.ownership = ownership;
    }

    @Override
    public Future<Ask> apply(Admitted admitted) {
        Arrival arrival = admitted.arrival();
        Reads reads = reads(admitted);
        if (reads == Reads.NOTHING) {
            return passing(admitted);
        }
        InboundRequest request = arrival.request();
        String encoding = HeaderLines.joined(request.headers(), HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Refusal.of(new Reason.CompressedBody());
        }
        Part share = reader.nothing(admitted.tenancy().holder());
        boolean form = reads == Reads.FORM && FormReader.isForm(request.header(HttpHeaders.CONTENT_TYPE));
        return Stage.begun(() -> form
                ? form(admitted, share)
                : reader.read(request, arrival.departure(), share).compose(bytes -> json(admitted, bytes, share)))
                .onFailure(refused -> share.close());
    }

    private Future<Ask> passing(Admitted admitted) {
        Arrival arrival = admitted.arrival();
        try {
            return ask(admitted, new PassingBody(arrival.request(), watched(admitted, Form.none()), pace),
                    arrival.route().model());
        } catch (MalformedBody fault) {
            return Refusal.of(new Reason.BadBody(fault));
        }
    }

    /** A form that may name stored objects, where each belongs to a tenant. */
    private Form watched(Admitted admitted, Form form) throws MalformedBody {
        String type = admitted.request().header(HttpHeaders.CONTENT_TYPE);
        return type != null && FormReader.isForm(type) && admitted.endpoint().endpointClass().hasOwners()
                && ownership.holds(admitted) ? form.watched(FormValues.of(type)) : form;
    }

    /** A body may name stored objects; where each belongs to a tenant, it is read although no model is in it. */
    private Reads reads(Admitted admitted) {
        Endpoint endpoint = admitted.endpoint();
        boolean mayName = endpoint.reads() == Reads.NOTHING && endpoint.endpointClass().hasOwners()
                && admitted.request().method().equals(HttpMethod.POST)
                && !FormReader.isForm(admitted.request().header(HttpHeaders.CONTENT_TYPE));
        return mayName && ownership.holds(admitted) ? Reads.JSON : endpoint.reads();
    }

    private Future<Ask> json(Admitted admitted, byte[] bytes, Part share) {
        Future<Envelope> read = Stage.otherwise(
                work.on(bytes.length, () -> envelope(bytes, admitted.arrival().endpoint())),
                fault -> fault instanceof MalformedBody bad
                        ? Refusal.of(new Reason.BadBody(bad))
                        : Future.failedFuture(fault));
        return Stage.then(read, envelope -> json(admitted, bytes, envelope, share));
    }

    /** Some routes outside inference take no body, such as the one that pauses an automation. */
    private static Envelope envelope(byte[] bytes, Endpoint endpoint) throws MalformedBody {
        return bytes.length == 0 && endpoint.endpointClass() != EndpointClass.INFERENCE
                ? Envelope.NONE
                : EnvelopeReader.read(bytes, endpoint);
    }

    private static Future<Ask> json(Admitted admitted, byte[] bytes, Envelope envelope, Part share) {
        Arrival arrival = admitted.arrival();
        String inPath = arrival.route().model();
        if (inPath != null && envelope.model() != null && !inPath.equals(envelope.model())) {
            return Refusal.of(new Reason.TwoModels(inPath));
        }
        Tenant tenant = admitted.declared();
        for (String other : envelope.others()) {
            if (!tenant.mayUse(other)) {
                return Refusal.of(new Reason.ModelNotAllowed(other));
            }
        }
        HeldBody body = new HeldBody(bytes, envelope, envelope.model() == null ? inPath : null,
                mustAskForUsage(arrival.endpoint(), envelope), share);
        return ask(admitted, body, model(arrival.endpoint(), envelope, inPath));
    }

    private Future<Ask> form(Admitted admitted, Part share) {
        Arrival arrival = admitted.arrival();
        Endpoint endpoint = arrival.endpoint();
        Form form;
        try {
            String type = String.valueOf(arrival.request().header(HttpHeaders.CONTENT_TYPE));
            form = watched(admitted,
                    Form.of(FormReader.of(type), arrival.route().model(), endpoint.defaultModel(), share));
        } catch (MalformedBody fault) {
            return Refusal.of(new Reason.BadBody(fault));
        }
        return reader.begin(arrival.request(), arrival.departure(), form, share).compose(read -> {
            if (form.contradicts()) {
                return Refusal.of(new Reason.TwoModels(String.valueOf(arrival.route().model())));
            }
            if (form.model() == null && form.whole()) {
                return Refusal.of(new Reason.MissingModel());
            }
            return ask(admitted, new PassingBody(arrival.request(), form, pace), form.model())
                    .onSuccess(allowed -> form.allowed());
        });
    }

    /** @param model as far as it is known by now */
    private static Future<Ask> ask(Admitted admitted, Body body, @Nullable String model) {
        Arrival arrival = admitted.arrival();
        Tenancy tenancy = admitted.tenancy();
        Tenant tenant = tenancy.tenant();
        if (arrival.endpoint().reads() == Reads.JSON) {
            Reason unnamed = unnamed(arrival, body, model, tenant);
            if (unnamed != null) {
                return Refusal.of(unnamed);
            }
        }
        if (model != null && !tenant.mayUse(model)) {
            return Refusal.of(new Reason.ModelNotAllowed(model));
        }
        try {
            CacheControl control = control(arrival.request());
            Patience patience = Patience.of(arrival.request().headers(), tenancy);
            boolean explained = Explain.isAsked(arrival.request());
            Set<String> accounts = body.envelope().boundToHome(arrival.endpoint())
                    || (body instanceof PassingBody && model == null)
                            ? Set.of(tenant.home())
                            : tenancy.accounts();
            return Future
                    .succeededFuture(new Ask(admitted, body, model == null ? "" : model, control, patience, accounts,
                            Optional.empty(), explained));
        } catch (Patience.Unclear unclear) {
            return Refusal.of(unclear.reason());
        } catch (CacheControl.Unclear unclear) {
            return Refusal.of(new Reason.BadHeader(unclear.header(), unclear.expected()));
        }
    }

    private static CacheControl control(InboundRequest request) throws CacheControl.Unclear {
        return CacheControl.parse(HeaderLines.joined(request.headers(), HttpHeaders.CACHE_CONTROL))
                .with(request.header(CacheControl.TTL), request.header(CacheControl.NAMESPACE));
    }

    /** Why a call may not leave the model unnamed; null if it may, or names one. */
    private static @Nullable Reason unnamed(Arrival arrival, Body body, @Nullable String model, Tenant tenant) {
        Endpoint endpoint = arrival.endpoint();
        boolean named = body.envelope().model() != null || arrival.route().model() != null
                || (model != null && !endpoint.upstreamMayChooseModel());
        // Tool outputs continue a run, and events a session, whose model was checked when it or its agent began.
        if (named || !endpoint.needsPermit() || endpoint == Endpoint.TOOL_OUTPUTS
                || endpoint.endpointClass() == EndpointClass.AGENTS) {
            return null;
        }
        boolean optional = model != null || endpoint.upstreamMayChooseModel()
                || endpoint.endpointClass() != EndpointClass.INFERENCE
                || body.envelope().traits().contains(Trait.STORED_OBJECT);
        return !optional
                ? new Reason.MissingModel()
                : tenant.mayUseAny() ? null : new Reason.ModelUnnamed();
    }

    /** Whether its stream would report no usage, because its caller did not ask for it. */
    private static boolean mustAskForUsage(Endpoint endpoint, Envelope envelope) {
        boolean optional = endpoint == Endpoint.CHAT_COMPLETIONS || endpoint == Endpoint.COMPLETIONS;
        return optional && envelope.stream() && envelope.usageOption() != null;
    }

    /** The model that will run; null if there is none. */
    private static @Nullable String model(Endpoint endpoint, Envelope envelope, @Nullable String inPath) {
        if (envelope.model() != null) {
            return envelope.model();
        }
        return inPath != null ? inPath : endpoint.defaultModel();
    }
}
