package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;
import sluice.cache.CacheControl;
import sluice.metrics.Journal;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.EnvelopeReader;
import sluice.openai.MalformedBody;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;

/** Reads the body of a call, once, and learns what it asks for. */
final class Understand implements Stage<Admitted, Ask> {
    private static final byte[] EMPTY_OBJECT = {'{', '}'};

    private final BodyReader reader;

    Understand(BodyReader reader) {
        this.reader = reader;
    }

    @Override
    public Future<Ask> apply(Admitted admitted) {
        Arrival arrival = admitted.caller().arrival();
        HttpServerRequest request = arrival.request();
        if (!arrival.endpoint().inference()) {
            request.resume();
            return understand(admitted, EMPTY_OBJECT, reader.nothing());
        }
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Refusal.of(new Reason.CompressedBody());
        }
        HeldBodies.Share share = reader.nothing();
        return reader.read(arrival, share).compose(bytes -> understand(admitted, bytes, share))
                .onFailure(refused -> share.release());
    }

    private Future<Ask> understand(Admitted admitted, byte[] bytes, HeldBodies.Share share) {
        Arrival arrival = admitted.caller().arrival();
        Envelope envelope;
        try {
            envelope = EnvelopeReader.read(bytes);
        } catch (MalformedBody fault) {
            return Refusal.of(new Reason.BadBody(fault));
        }
        String inPath = arrival.route().model();
        if (inPath != null && envelope.model() != null && !inPath.equals(envelope.model())) {
            return Refusal.of(new Reason.TwoModels(inPath));
        }
        String model = model(arrival.endpoint(), envelope, inPath);
        if (model == null) {
            return Refusal.of(new Reason.MissingModel());
        }
        Journal journal = arrival.journal();
        journal.model = model;
        journal.stream = envelope.stream();
        if (arrival.endpoint().inference() && !admitted.caller().tenancy().tenant().mayUse(model)) {
            return Refusal.of(new Reason.ModelNotAllowed(model));
        }
        Body body = new Body(bytes, envelope, envelope.model() == null ? inPath : null, share);
        CacheControl control = CacheControl.parse(arrival.request().getHeader(HttpHeaders.CACHE_CONTROL));
        try {
            Patience patience = Patience.of(arrival.request().headers(), admitted.caller().tenancy());
            return Future.succeededFuture(new Ask(admitted, body, model, control, patience));
        } catch (Patience.Unclear unclear) {
            return Refusal.of(unclear.reason());
        }
    }

    /** The model that will run; empty where the endpoint runs none, null where one is missing. */
    private static @Nullable String model(Endpoint endpoint, Envelope envelope, @Nullable String inPath) {
        if (envelope.model() != null) {
            return envelope.model();
        }
        if (inPath != null) {
            return inPath;
        }
        return endpoint.inference() ? endpoint.defaultModel() : "";
    }
}
