package sluice.upstream.http1;

import java.io.IOException;

/** What the upstream sent is ambiguous. */
final class MalformedResponse extends IOException {
    private static final long serialVersionUID = 1;

    MalformedResponse(String why) {
        super(why);
    }

    /** The message says everything; a stack trace would add nothing. */
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
