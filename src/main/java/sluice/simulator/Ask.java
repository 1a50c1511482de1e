package sluice.simulator;

/** What a call asks of a model, and how it is answered once its cost is paid. */
interface Ask extends Cost {
    Reply reply(Manner manner);
}
