package sluice.config;

import java.util.Map;
import java.util.function.Supplier;

/** Makes a value of the text that stands in the file. */
@FunctionalInterface
interface Parser<T> {
    T parse(String text) throws Unacceptable;

    /** The form of the texts that it takes, in the words of JSON Schema; as far as that can say it. */
    default Map<String, Object> form() {
        return Map.of("type", "string");
    }

    /** The same parser, whose texts have this form. */
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
