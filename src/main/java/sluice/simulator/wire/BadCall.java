package sluice.simulator.wire;

import java.io.Serial;

/** A refused call; carries the error to answer with, and no stack trace. */
public final class BadCall extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ApiError answer;

    public BadCall(ApiError answer) {
        super(answer.message(), null, false, false);
        this.answer = answer;
    }

    public ApiError answer() {
        return answer;
    }
}
