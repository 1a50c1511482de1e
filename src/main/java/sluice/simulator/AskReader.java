package sluice.simulator;

/** Reads what a call asks for; throws {@link BadCall} if the API would refuse it. */
interface AskReader {
    Ask read(Visit visit);
}
