package sluice.simulator;

import java.io.Serial;

/** A call that is refused for what it asks; carries the answer, and no stack. */
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
