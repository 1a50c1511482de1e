package sluice.upstream;

import sluice.upstream.AccountHealth.Cause;

/**
 * What holds a call back.
 *
 * @param cause   why
 * @param nanos   until the next call may try; above 0
 * @param refuses whether waiting for that is pointless, since the last trial call failed
 */
public record Hold(Cause cause, long nanos, boolean refuses) {

    /** The word for it in logs and messages. */
    public String word() {
        return cause.word();
    }
}
