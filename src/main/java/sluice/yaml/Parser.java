package sluice.yaml;

import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Turns text from the file into a value, and back into what the effective configuration shows. */
@FunctionalInterface
public interface Parser<T> {
    /**
     * The value of a text.
     *
     * @throws Unacceptable if the text has another form
     */
    T parse(String text) throws Unacceptable;

    /** The texts it accepts, in JSON Schema terms, as far as those can express it. */
    default Map<String, Object> form() {
        return Map.of("type", "string");
    }

    /** A value as written in a file. */
    default Object shown(T value) {
        return value instanceof Number || value instanceof Boolean ? value : Interpolation.escaped(value);
    }

    /** The same parser, of texts that match this pattern in full. */
    static <T> Parser<T> of(Pattern form, Parser<T> parser) {
        return of(() -> Values.text(form), parser);
    }

    /** The same parser, with this form. */
    static <T> Parser<T> of(Supplier<Map<String, Object>> form, Parser<T> parser) {
        return of(form, parser, parser::shown);
    }

    /** The same parser, with this form, whose values are shown like this. */
    static <T> Parser<T> of(Supplier<Map<String, Object>> form, Parser<T> parser, Function<T, Object> shown) {
        return new Parser<>() {
            @Override
            public T parse(String text) throws Unacceptable {
                return parser.parse(text);
            }

            @Override
            public Map<String, Object> form() {
                return form.get();
            }

            @Override
            public Object shown(T value) {
                return shown.apply(value);
            }
        };
    }
}
