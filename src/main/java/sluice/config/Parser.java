package sluice.config;

import java.util.Map;
import java.util.function.Supplier;

/** Turns text from the file into a value. */
@FunctionalInterface
interface Parser<T> {
    T parse(String text) throws Unacceptable;

    /** The texts it accepts, in JSON Schema terms, as far as those can express it. */
    default Map<String, Object> form() {
        return Map.of("type", "string");
    }

    /** The same parser, with this form. */
    static <T> Parser<T> of(Supplier<Map<String, Object>> form, Parser<T> parser) {
        return new Parser<>() {
            @Override
            public T parse(String text) throws Unacceptable {
                return parser.parse(text);
            }

            @Override
            public Map<String, Object> form() {
                return form.get();
            }
        };
    }
}
