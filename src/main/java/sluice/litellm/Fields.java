package sluice.litellm;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An object as LiteLLM writes it in YAML or JSON. A field that is null counts as missing. */
record Fields(Map<String, Object> values) {

    /** The fields of a parsed object; none if it is something else. */
    static Fields of(@Nullable Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> given) {
            given.forEach((name, each) -> {
                if (each != null) {
                    fields.put(String.valueOf(name), each);
                }
            });
        }
        return new Fields(fields);
    }

    /** These fields, and those of another object that are missing here. */
    Fields or(Fields others) {
        Map<String, Object> all = new LinkedHashMap<>(others.values);
        all.putAll(values);
        return new Fields(all);
    }

    Set<String> names() {
        return values.keySet();
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Whether a field says anything: null, false, 0 and what is empty do not. */
    boolean says(String name) {
        Object value = values.get(name);
        return switch (value) {
            case null -> false;
            case Boolean flag -> flag;
            case Map<?, ?> map -> map.values().stream().anyMatch(each -> each != null);
            case List<?> list -> !list.isEmpty();
            default -> !value.toString().isEmpty() && number(name).map(BigDecimal::signum).orElse(1) != 0;
        };
    }

    boolean isTrue(String name) {
        return Boolean.TRUE.equals(values.get(name));
    }

    /** A field's text; empty if it is missing. */
    String text(String name) {
        return Optional.ofNullable(values.get(name)).map(Object::toString).orElse("");
    }

    /** The first of these fields that is not empty, as text. */
    String first(String... names) {
        for (String name : names) {
            if (!text(name).isEmpty()) {
                return text(name);
            }
        }
        return "";
    }

    Optional<BigDecimal> number(String name) {
        try {
            return has(name) ? Optional.of(new BigDecimal(text(name))) : Optional.empty();
        } catch (NumberFormatException notOne) {
            return Optional.empty();
        }
    }

    /** A whole number above 0; 0 if it is missing. */
    long count(String name) {
        return Math.max(0, number(name).map(BigDecimal::longValue).orElse(0L));
    }

    /** The object in a field, also if LiteLLM wrote it as text. */
    Fields in(String name) {
        if (values.get(name) instanceof String text && text.startsWith("{")) {
            try {
                return of(new JsonObject(text).getMap());
            } catch (DecodeException notOne) {
                return of(null);
            }
        }
        return of(values.get(name));
    }

    List<?> list(String name) {
        return values.get(name) instanceof List<?> list ? list : List.of();
    }

    /** The texts of a list, in order and each once. */
    Set<String> texts(String name) {
        Set<String> texts = new LinkedHashSet<>();
        list(name).forEach(each -> texts.add(String.valueOf(each)));
        return texts;
    }

    /** The objects of a list. */
    List<Fields> objects(String name) {
        return list(name).stream().map(Fields::of).toList();
    }
}
