package sluice.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The fields of a JSON object that a caller has sent. It remembers which were asked for, and refuses the others. */
final class Fields {
    private final String where;
    private final JsonObject json;
    private final Set<String> asked = new TreeSet<>();

    /** @param where the object is within the body, as {@code settings.}; empty for the body itself */
    Fields(String where, JsonObject json) {
        this.where = where;
        this.json = json;
    }

    private Optional<Object> value(String name, String expected) {
        asked.add(name);
        if (json.containsKey(name) && json.getValue(name) == null) {
            throw Fault.invalid(where + name, expected);
        }
        return Optional.ofNullable(json.getValue(name));
    }

    /** Whether it is given, if only as null. */
    boolean has(String name) {
        asked.add(name);
        return json.containsKey(name);
    }

    /** A text of this form; empty if it is absent. */
    Optional<String> text(String name, Pattern form, String expected) {
        return value(name, expected).map(value -> {
            if (value instanceof String text && form.matcher(text).matches()) {
                return text;
            }
            throw Fault.invalid(where + name, expected);
        });
    }

    /** As {@link #text}, but it must be given. */
    String required(String name, Pattern form, String expected) {
        return text(name, form, expected).orElseThrow(() -> Fault.invalid(where + name, expected + "; it is missing"));
    }

    /** Texts of this form, at least one; it must be given. */
    List<String> texts(String name, Pattern form, int most, String expected) {
        Object value = value(name, expected)
                .orElseThrow(() -> Fault.invalid(where + name, expected + "; it is missing"));
        if (value instanceof JsonArray array && !array.isEmpty() && array.size() <= most
                && array.stream().allMatch(each -> each instanceof String text && form.matcher(text).matches())) {
            return array.stream().map(String::valueOf).distinct().toList();
        }
        throw Fault.invalid(where + name, expected);
    }

    /** A moment; empty if it is absent or null. */
    Optional<Instant> moment(String name) {
        asked.add(name);
        return Optional.ofNullable(json.getValue(name)).map(value -> {
            try {
                return Instant.parse(String.valueOf(value));
            } catch (DateTimeParseException notOne) {
                throw Fault.invalid(where + name, "an instant such as 2027-01-31T00:00:00Z");
            }
        });
    }

    /** A whole number within bounds; empty if it is absent. */
    Optional<Long> number(String name, long least, long most) {
        String expected = "a whole number from " + least + " to " + most;
        return value(name, expected).map(value -> {
            if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() >= least
                    && ((Number) value).longValue() <= most) {
                return ((Number) value).longValue();
            }
            throw Fault.invalid(where + name, expected);
        });
    }

    /** An object; empty if it is absent. */
    Optional<JsonObject> object(String name) {
        return value(name, "an object").map(value -> {
            if (value instanceof JsonObject object) {
                return object;
            }
            throw Fault.invalid(where + name, "an object");
        });
    }

    /** To be called once every field has been asked for: any other one is refused. */
    void finish() {
        for (String name : json.fieldNames()) {
            if (!asked.contains(name)) {
                throw Fault.unknown(where + name, asked.isEmpty() ? Set.of("none") : asked);
            }
        }
    }
}
