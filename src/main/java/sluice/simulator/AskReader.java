package sluice.simulator;

/** Reads a call; throws {@link BadCall} if the API would refuse it. */
interface AskReader {
    Ask read(Visit visit);
}
