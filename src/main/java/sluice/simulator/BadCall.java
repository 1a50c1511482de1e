package sluice.simulator;

import java.io.Serial;

/** A refused call; carries the error to answer with, and no stack trace. */
final class BadCall extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient ApiError answer;

    BadCall(ApiError answer) {
        super(answer.message(), null, false, false);
        this.answer = answer;
    }

    ApiError answer() {
        return answer;
    }
}
