/**
 * What passes between a client and the simulator, as the API writes it: bodies and forms, whole and streamed replies,
 * errors and ids. It knows no endpoint and imports nothing of ours.
 */
@NullMarked
package sluice.simulator.wire;

import org.jspecify.annotations.NullMarked;
