package sluice.upstream;

import sluice.upstream.AccountHealth.Cause;

/**
 * What keeps a call back.
 *
 * @param cause   why
 * @param nanos   until the next call may try; above 0
 * @param refuses whether waiting for that is in vain, since the last call that tried has failed
 */
public record Hold(Cause cause, long nanos, boolean refuses) {

    /** The word by which it is told. */
    public String word() {
        return cause.word();
    }
}
