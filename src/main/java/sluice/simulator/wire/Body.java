package sluice.simulator.wire;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * The body of a request: bytes, or the fields and files of a form.
 *
 * @param bytes for a form, only the first 64 KiB
 */
public record Body(Buffer bytes, MultiMap fields, List<FormFile> files) {

    /** A file in a form. */
    public record FormFile(String field, String name, String contentType, Content content) {}

    /**
     * The body as a JSON object; for a form, its fields.
     *
     * @throws BadCall if it is neither
     */
    public JsonObject json() {
        if (isForm()) {
            JsonObject object = new JsonObject();
            fields.forEach((name, value) -> object.put(name, value));
            return object;
        }
        try {
            if (bytes.toJsonValue() instanceof JsonObject object) {
                return object;
            }
        } catch (DecodeException e) {
            // Handled below, like any other body that is not an object.
        }
        throw new BadCall(ApiError.unparsable());
    }

    /** The same, but an empty body is an empty object. */
    public JsonObject jsonIfAny() {
        return bytes.length() == 0 ? new JsonObject() : json();
    }

    public boolean isForm() {
        return !fields.isEmpty() || !files.isEmpty();
    }

    public Optional<FormFile> file(String field) {
        return files.stream().filter(file -> file.field().equals(field) || file.field().equals(field + "[]"))
                .findFirst();
    }
}
