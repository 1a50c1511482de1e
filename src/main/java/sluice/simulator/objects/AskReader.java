package sluice.simulator.objects;

import sluice.simulator.wire.BadCall;
import sluice.simulator.answers.Ask;

/** Reads a call; throws {@link BadCall} if the API would refuse it. */
public interface AskReader {
    Ask read(Visit visit);
}
