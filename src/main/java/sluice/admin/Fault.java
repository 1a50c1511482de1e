package sluice.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.managed.Refused;
import sluice.openai.OpenAiError;

/** Why a call of the admin API is refused, as reported to its caller. It carries no stack trace. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int FIRST_OF_SERVER = 500;

    private final int status;
    private final String code;
    private final @Nullable String param;
    private final transient List<Mistake> mistakes;

    /**
     * One of the mistakes in a body.
     *
     * @param param   the field at fault
     * @param message what is wrong and what is expected
     */
    record Mistake(String code, String param, String message) {}

    private Fault(int status, String code, @Nullable String param, String message, List<Mistake> mistakes) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.param = param;
        this.mistakes = List.copyOf(mistakes);
    }

    private Fault(int status, String code, @Nullable String param, String message) {
        this(status, code, param, message, List.of());
    }

    private static Fault one(Mistake mistake) {
        return all(List.of(mistake));
    }

    /** All mistakes of one body; at least one. */
    static Fault all(List<Mistake> mistakes) {
        Mistake first = mistakes.getFirst();
        return new Fault(400, first.code(), first.param(),
                mistakes.stream().map(Mistake::message).collect(Collectors.joining(" ")), mistakes);
    }

    /** @param message for people: what is wrong and how to fix it */
    static Fault of(int status, String code, String message) {
        return new Fault(status, code, null, message);
    }

    /** A value that is not what it should be. */
    static Fault invalid(String param, String expected) {
        return one(mistaken(param, expected));
    }

    static Mistake mistaken(String param, String expected) {
        return new Mistake("invalid_value", param, param + ": expected " + expected + ".");
    }

    /** A parameter or a field that does not exist. */
    static Fault unknown(String param, Iterable<String> known) {
        return one(unheardOf(param, known));
    }

    static Mistake unheardOf(String param, Iterable<String> known) {
        return new Mistake("unknown_parameter", param,
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

    /** Mistakes in settings, as the configuration's reader has found them. */
    static List<Mistake> mistakes(List<Refused.Mistake> found) {
        return found.stream().map(each -> new Mistake("invalid_value", each.param(), each.message())).toList();
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
        Buffer body = new OpenAiError(String.valueOf(getMessage()), type, param, code).toBuffer();
        return Reply.json(status, mistakes.isEmpty() ? body : listing(new JsonObject(body)).toBuffer());
    }

    private JsonObject listing(JsonObject body) {
        JsonArray problems = new JsonArray();
        mistakes.forEach(mistake -> problems
                .add(new JsonObject().put("param", mistake.param()).put("message", mistake.message())));
        body.getJsonObject("error").put("problems", problems);
        return body;
    }
}
