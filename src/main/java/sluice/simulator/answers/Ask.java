package sluice.simulator.answers;

import sluice.simulator.wire.Reply;

/** A request to a model, and how it is answered once its cost is charged. */
public interface Ask extends Cost {
    Reply reply(Manner manner);

    /** The service tier asked for. */
    default String serviceTier() {
        return "default";
    }
}
