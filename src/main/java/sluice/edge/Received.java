package sluice.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import sluice.inbound.InboundRequest;
import sluice.inbound.Peer;

/** A request whose head has been read, by either edge, and of which it is not known yet where it comes from. */
interface Received {

    /** What it came over. */
    HttpConnection connection();

    /** Its headers. */
    MultiMap headers();

    /** The request, which comes from there; called once. */
    InboundRequest from(Peer peer);

    /**
     * Sets what runs if the caller leaves before the end of its answer has been written. Whoever waits for it must have
     * heard of it when the body breaks off.
     */
    void onLeave(Runnable left);

    /** The gateway is done with its answer, which has a body of this many bytes; the caller may not have taken it yet. */
    void answered(long bytes);
}
