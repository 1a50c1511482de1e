package sluice.simulator;

/** A request to a model, and how it is answered once its cost is charged. */
interface Ask extends Cost {
    Reply reply(Manner manner);
}
