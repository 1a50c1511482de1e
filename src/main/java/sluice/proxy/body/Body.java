package sluice.proxy.body;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import java.util.function.Function;
import sluice.net.Timeouts;
import sluice.openai.Envelope;
import sluice.proxy.refusal.Refusal;

/** What a call carries: held whole where it must be understood, else passed on as it comes. */
public sealed interface Body permits HeldBody, PassingBody {

    /** Checks a model that becomes known only while the body passes. */
    @FunctionalInterface
    interface ModelCheck extends Function<String, Future<Void>> {}

    /** What it says, as far as it was read. */
    Envelope envelope();

    /** The model that it has named while it passed; empty if none. */
    default String lateModel() {
        return "";
    }

    /** Whether it could be sent once more. */
    boolean repeatable();

    /**
     * Sends it and ends the request.
     *
     * @param stall as long as the upstream may take nothing of it
     * @return complete when the socket has taken all of it; failed with a {@link Refusal} if its sender stops or leaves,
     *         if the upstream takes nothing, or if the check fails
     */
    Future<Void> send(HttpClientRequest to, Timeouts stall, ModelCheck late);

    /** It will not be sent again. */
    void answered();

    /** Nothing of it is wanted any longer. */
    void release();
}
