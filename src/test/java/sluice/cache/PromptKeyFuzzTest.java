package sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Two bodies share a key exactly if they mean the same; a model of JSON that knows nothing of canonical bytes decides. */
class PromptKeyFuzzTest {
    private static final int DEEPEST = 6;

    /** One value, written twice in different ways: the keys are the same. Another value: they are not. */
    @FuzzTest(maxDuration = "60s")
    void keysAreEqualAsValuesAre(FuzzedDataProvider data) {
        Map<String, Object> one = object(data, 0);
        Map<String, Object> other = data.consumeBoolean() ? changed(one, data) : object(data, 0);
        String first = Writer.write(one, data);
        assertThat(key(first)).isEqualTo(key(Writer.write(one, data)));
        assertThat(key(first).equals(key(Writer.write(other, data)))).as("%s and %s", one, other)
                .isEqualTo(one.equals(other));
    }

    private static PromptKey key(String body) {
        return PromptKey.of("", "", "", null, body.getBytes(StandardCharsets.UTF_8), null);
    }

    private static Map<String, Object> changed(Map<String, Object> one, FuzzedDataProvider data) {
        Map<String, Object> other = new HashMap<>(one);
        if (!other.isEmpty() && data.consumeBoolean()) {
            other.remove(data.pickValue(one.keySet().toArray(String[]::new)));
        } else {
            other.put("f" + data.consumeInt(0, 20), value(data, 1));
        }
        return other;
    }

    /** Names are such that none says nothing. */
    private static Map<String, Object> object(FuzzedDataProvider data, int depth) {
        Map<String, Object> object = new HashMap<>();
        for (int i = data.consumeInt(0, 6); i > 0; i--) {
            object.put("f" + (data.consumeBoolean() ? text(data) : data.consumeInt(0, 20)), value(data, depth + 1));
        }
        return object;
    }

    /** Null stands for JSON's null. */
    private static @Nullable Object value(FuzzedDataProvider data, int depth) {
        return switch (data.consumeInt(0, depth > DEEPEST ? 4 : 6)) {
            case 0 -> null;
            case 1 -> data.consumeBoolean();
            case 2 -> number(data);
            case 3 -> text(data);
            case 4 -> text(data).repeat(data.consumeInt(0, 1200));
            case 5 -> object(data, depth);
            default -> {
                List<@Nullable Object> array = new ArrayList<>();
                for (int i = data.consumeInt(0, 5); i > 0; i--) {
                    array.add(value(data, depth + 1));
                }
                yield array;
            }
        };
    }

    /** Equal as values, not as digits: without zeros at its end. */
    private static BigDecimal number(FuzzedDataProvider data) {
        BigDecimal number = new BigDecimal(data.consumeLong()).scaleByPowerOfTen(data.consumeInt(-400, 400));
        return number.stripTrailingZeros();
    }

    private static String text(FuzzedDataProvider data) {
        String text = data.consumeString(12);
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** Writes a value in one of the many ways in which JSON can be written. */
    private record Writer(StringBuilder out, FuzzedDataProvider data) {
        static String write(Map<String, Object> object, FuzzedDataProvider data) {
            Writer writer = new Writer(new StringBuilder(), data);
            writer.value(object);
            return writer.out.toString();
        }

        private void value(@Nullable Object value) {
            space();
            switch (value) {
                case Map<?, ?> object -> object(object);
                case List<?> array -> {
                    out.append('[');
                    String comma = "";
                    for (Object element : array) {
                        out.append(comma);
                        value(element);
                        comma = ",";
                    }
                    out.append(']');
                }
                case String text -> text(text);
                case BigDecimal number -> number(number);
                case null, default -> out.append(value);
            }
            space();
        }

        private void object(Map<?, ?> object) {
            List<Object> names = new ArrayList<>(object.keySet());
            if (data.consumeBoolean()) {
                names = names.reversed();
            }
            out.append('{');
            String comma = "";
            for (Object name : names) {
                out.append(comma);
                value(name);
                out.append(':');
                value(object.get(name));
                comma = ",";
            }
            out.append('}');
        }

        private void number(BigDecimal number) {
            switch (data.consumeInt(0, 4)) {
                case 0 -> out.append(number.toPlainString());
                case 1 -> out.append(number.setScale(Math.max(number.scale(), 0) + 3).toPlainString());
                case 2 -> out.append(number.toEngineeringString().replace('E', 'e'));
                case 3 -> out.append(number.unscaledValue()).append("00.0E").append(-number.scale() - 2L);
                default -> out.append(number);
            }
        }

        private void text(String text) {
            out.append('"');
            text.chars().forEach(c -> {
                if (c == '"' || c == '\\' || c < ' ' || Character.isSurrogate((char) c) || data.consumeBoolean()) {
                    out.append(data.consumeBoolean() ? "\\u%04x".formatted(c) : "\\u%04X".formatted(c));
                } else {
                    out.append((char) c);
                }
            });
            out.append('"');
        }

        private void space() {
            out.append(data.pickValue(new String[]{"", "", "", " ", "\n", "\t \r"}));
        }
    }
}
