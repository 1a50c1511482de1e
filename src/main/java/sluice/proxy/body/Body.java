package sluice.proxy.body;

import io.vertx.core.Future;
import java.util.Set;
import java.util.function.Function;
import sluice.net.Timeouts;
import sluice.openai.Envelope;
import sluice.proxy.refusal.Refusal;
import sluice.upstream.call.UpstreamRequest;

/** A call's body: held whole if it must be understood, otherwise passed on as it arrives. */
public sealed interface Body permits HeldBody, PassingBody {

    /** Checks a model that becomes known only while the body passes. */
    @FunctionalInterface
    interface ModelCheck extends Function<String, Future<Void>> {

        /** Checks the ids of stored objects, likewise. */
        default Future<Void> objects(Set<String> ids) {
            return Future.succeededFuture();
        }
    }

    /** What it says, as far as it was read. */
    Envelope envelope();

    /** The model it has named while passing; empty if none. */
    default String lateModel() {
        return "";
    }

    /** Whether it could be sent again. */
    boolean repeatable();

    /**
     * Sends it and ends the request.
     *
     * @param stall how long the upstream may accept nothing of it
     * @return completes when the socket has taken all of it; fails with a {@link Refusal} if its sender stops or
     *         leaves, if the upstream accepts nothing, or if the check fails
     */
    Future<Void> send(UpstreamRequest to, Timeouts stall, ModelCheck late);

    /** It will not be sent again. */
    void answered();

    /** It is no longer needed. */
    void release();
}
