package sluice.admin;

import org.jspecify.annotations.Nullable;
import sluice.openai.OpenAiError;

/** Why a call of the admin API is refused, as reported to its caller. It carries no stack trace. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int FIRST_OF_SERVER = 500;

    private final int status;
    private final String code;
    private final @Nullable String param;

    private Fault(int status, String code, @Nullable String param, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.param = param;
    }

    /** @param message for people: what is wrong and how to fix it */
    static Fault of(int status, String code, String message) {
        return new Fault(status, code, null, message);
    }

    /** A value that is not what it should be. */
    static Fault invalid(String param, String expected) {
        return new Fault(400, "invalid_value", param, param + ": expected " + expected + ".");
    }

    /** A parameter or a field that does not exist. */
    static Fault unknown(String param, Iterable<String> known) {
        return new Fault(400, "unknown_parameter", param,
                param + ": unknown parameter. Known: " + String.join(", ", known) + ".");
    }

    /** Nothing of this kind has this name, or none the caller may know about. */
    static Fault absent(String what, String name) {
        return of(404, what + "_not_found", "There is no " + what + " " + name + ".");
    }

    /** The state of things does not allow it. */
    static Fault conflict(String code, String message) {
        return of(409, code, message);
    }

    static Fault conflict(String code, @Nullable String param, String message) {
        return new Fault(409, code, param, message);
    }

    /** The request is well formed, but does not fit this configuration. */
    static Fault unfit(@Nullable String param, String message) {
        return new Fault(400, "invalid_value", param, message);
    }

    /** An {@code Idempotency-Key} that came with another request before. */
    static Fault reused(String message) {
        return new Fault(422, "idempotency_key_reused", "idempotency-key", message);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    Reply reply() {
        String type = status >= FIRST_OF_SERVER ? "api_error" : "invalid_request_error";
        return Reply.json(status, new OpenAiError(String.valueOf(getMessage()), type, param, code).toBuffer());
    }
}
