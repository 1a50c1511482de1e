package sluice.simulator.objects;

import sluice.simulator.answers.Ask;
import sluice.simulator.wire.BadCall;

/** Reads a call; throws {@link BadCall} if the API would refuse it. */
public interface AskReader {
    Ask read(Visit visit);
}
