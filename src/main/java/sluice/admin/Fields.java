package sluice.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The fields of a JSON object that a caller has sent. It remembers which were asked for and what is wrong with them;
 * {@link #finish} refuses all mistakes at once. What is read before that may be missing although it is required.
 */
final class Fields {
    private static final String AN_OBJECT = "an object";

    private final String where;
    private final JsonObject json;
    private final Set<String> asked = new TreeSet<>();
    private final List<Fault.Mistake> mistakes = new ArrayList<>();

    /** @param where the object is within the body, as {@code settings.}; empty for the body itself */
    Fields(String where, JsonObject json) {
        this.where = where;
        this.json = json;
    }

    private Optional<Object> value(String name, String expected) {
        asked.add(name);
        return json.containsKey(name) && json.getValue(name) == null
                ? mistaken(name, expected)
                : Optional.ofNullable(json.getValue(name));
    }

    private <T> Optional<T> mistaken(String name, String expected) {
        mistakes.add(Fault.mistaken(where + name, expected));
        return Optional.empty();
    }

    /** Also a mistake if it is not given at all. */
    private <T> Optional<T> given(String name, String expected, Optional<T> value) {
        return json.containsKey(name) ? value : mistaken(name, expected + "; it is missing");
    }

    /** Whether it is given, if only as null. */
    boolean has(String name) {
        asked.add(name);
        return json.containsKey(name);
    }

    /** A text of this form; empty if it is absent. */
    Optional<String> text(String name, Pattern form, String expected) {
        return value(name, expected).flatMap(value -> value instanceof String text && form.matcher(text).matches()
                ? Optional.of(text)
                : mistaken(name, expected));
    }

    /** As {@link #text}, but it must be given; empty if it is not what it should be. */
    String required(String name, Pattern form, String expected) {
        return given(name, expected, text(name, form, expected)).orElse("");
    }

    /** Texts of this form, at least one; it must be given. */
    List<String> texts(String name, Pattern form, int most, String expected) {
        return given(name, expected, value(name, expected)
                .flatMap(value -> value instanceof JsonArray array && !array.isEmpty() && array.size() <= most
                        && array.stream()
                                .allMatch(each -> each instanceof String text && form.matcher(text).matches())
                                        ? Optional.of(array.stream().map(String::valueOf).distinct().toList())
                                        : this.<List<String>>mistaken(name, expected)))
                .orElse(List.of());
    }

    /** A moment; empty if it is absent or null. */
    Optional<Instant> moment(String name) {
        asked.add(name);
        return Optional.ofNullable(json.getValue(name)).flatMap(value -> {
            try {
                return Optional.of(Instant.parse(String.valueOf(value)));
            } catch (DateTimeParseException notOne) {
                return mistaken(name, "an instant such as 2027-01-31T00:00:00Z");
            }
        });
    }

    /** A whole number within bounds; empty if it is absent. */
    Optional<Long> number(String name, long least, long most) {
        String expected = "a whole number from " + least + " to " + most;
        return value(name, expected).flatMap(value -> (value instanceof Integer || value instanceof Long)
                && ((Number) value).longValue() >= least && ((Number) value).longValue() <= most
                        ? Optional.of(((Number) value).longValue())
                        : mistaken(name, expected));
    }

    /** An object; empty if it is absent. */
    Optional<JsonObject> object(String name) {
        return value(name, AN_OBJECT).flatMap(
                value -> value instanceof JsonObject object ? Optional.of(object) : mistaken(name, AN_OBJECT));
    }

    /** An object that must be given; without fields if it is not what it should be. */
    JsonObject requiredObject(String name, String expected) {
        return given(name, expected, object(name)).orElseGet(JsonObject::new);
    }

    /** To be called once every field has been asked for: refuses what is wrong with them, and any other field. */
    void finish() {
        finish(List::of);
    }

    /** @param more further mistakes of the body; asked for only if there are others */
    void finish(Supplier<List<Fault.Mistake>> more) {
        for (String name : json.fieldNames()) {
            if (!asked.contains(name)) {
                mistakes.add(Fault.unheardOf(where + name, asked.isEmpty() ? Set.of("none") : asked));
            }
        }
        if (!mistakes.isEmpty()) {
            mistakes.addAll(more.get());
            throw Fault.all(mistakes);
        }
    }
}
