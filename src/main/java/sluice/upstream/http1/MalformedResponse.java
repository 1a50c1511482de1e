package sluice.upstream.http1;

import java.io.IOException;

/** What the upstream sent cannot be read in one way only. */
final class MalformedResponse extends IOException {
    private static final long serialVersionUID = 1;

    MalformedResponse(String why) {
        super(why);
    }

    /** It says all; where it was thrown says nothing. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
