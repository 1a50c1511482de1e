package sluice.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.openai.Endpoint;
import sluice.openai.EnvelopeReader;
import sluice.openai.MalformedBody;

class PromptKeyTest {
    private static final Set<String> WITHOUT_EFFECT = Set.of("user", "metadata", "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention");

    private static PromptKey key(String body) {
        return key(body, null);
    }

    private static PromptKey key(String body, @Nullable String model) {
        return PromptKey.of("tenant", "", "/chat/completions", null, body.getBytes(UTF_8), model);
    }

    private static void assertSame(String... bodies) {
        for (String body : bodies) {
            assertThat(key(body)).as(body).isEqualTo(key(bodies[0])).hasSameHashCodeAs(key(bodies[0]));
        }
    }

    private static void assertDifferent(String... bodies) {
        for (int i = 0; i < bodies.length; i++) {
            for (int j = 0; j < i; j++) {
                assertThat(key(bodies[i])).as("%s and %s", bodies[i], bodies[j]).isNotEqualTo(key(bodies[j]));
            }
        }
    }

    @Test
    void orderOfFieldsAndWhiteSpaceSayNothing() {
        assertSame("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"n\":1}",
                "{\"n\": 1, \"messages\": [{\"content\": \"a\", \"role\": \"user\"}], \"model\": \"m\"}",
                "{\r\n  \"messages\" : [ {\t\"role\" : \"user\",\n\"content\" : \"a\" } ],\n  \"model\" : \"m\",\n \"n\" : 1 }\n");
    }

    @Test
    void numbersAreTheSameByValue() {
        assertSame("{\"a\":1}", "{\"a\":1.0}", "{\"a\":1e0}", "{\"a\":1E+0}", "{\"a\":0.1e1}", "{\"a\":10E-1}",
                "{\"a\":1.000}");
        assertSame("{\"a\":10}", "{\"a\":1e1}", "{\"a\":10.0}", "{\"a\":100e-1}");
        assertSame("{\"a\":0}", "{\"a\":0.0}", "{\"a\":0e9}", "{\"a\":-0}", "{\"a\":-0.00}");
        assertDifferent("{\"a\":1}", "{\"a\":10}", "{\"a\":-1}", "{\"a\":0.1}", "{\"a\":1e2}",
                "{\"a\":1.0000000000000000000001}",
                "{\"a\":12345678901234567890}", "{\"a\":12345678901234567891}", "{\"a\":1e999999999}",
                "{\"a\":1e99999999999}",
                "{\"a\":0}");
    }

    @Test
    void stringsAreTheSameByValue() {
        assertSame("{\"a\":\"A\"}", "{\"\\u0061\":\"\\u0041\"}");
        assertSame("{\"a\":\"é/\\n\"}", "{\"a\":\"\\u00E9\\/\\u000a\"}");
        assertSame("{\"a\":\"😀\"}", "{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\\uD83D\\uDE00\"}");
        assertDifferent("{\"a\":\"A\"}", "{\"a\":\"a\"}", "{\"a\":\"\\\\u0041\"}", "{\"a\":\"\"}", "{\"a\":\"A \"}",
                "{\"a\":\"\\u0000\"}", "{\"a\":\"e\\u0301\"}", "{\"a\":\"\\u00e9\"}");
    }

    @Test
    void loneSurrogatesAreKeptApart() {
        assertDifferent("{\"a\":\"\\ud83d\"}", "{\"a\":\"\\ude00\"}", "{\"a\":\"\\ud83d\\ud83d\"}",
                "{\"a\":\"\\ude00\\ud83d\"}",
                "{\"a\":\"?\"}", "{\"a\":\"\\ufffd\"}", "{\"a\":\"😀\"}");
        assertSame("{\"a\":\"\\ud83d\"}", "{\"a\":\"\\uD83D\"}");
    }

    @Test
    void kindsOfValuesAreKeptApart() {
        assertDifferent("{}", "{\"a\":null}", "{\"a\":\"null\"}", "{\"a\":true}", "{\"a\":false}", "{\"a\":\"true\"}",
                "{\"a\":1}",
                "{\"a\":\"1\"}", "{\"a\":[]}", "{\"a\":{}}", "{\"a\":[1]}", "{\"a\":[[1]]}", "{\"a\":[1,1]}",
                "{\"a\":[\"1\"]}",
                "{\"a\":{\"b\":1}}", "{\"a\":[{\"b\":1}]}", "{\"a\":\"\"}", "{\"\":\"a\"}", "{\"a\":[null]}",
                "{\"a\":[{}]}",
                "{\"a\":[{},{}]}", "{\"a\":[[],[]]}", "{\"a\":[[[]]]}", "{\"a\":\"s\"}", "{\"a\":\"0\"}", "{\"a\":0}");
    }

    @Test
    void orderWithinArraysMatters() {
        assertDifferent("{\"a\":[1,2]}", "{\"a\":[2,1]}", "{\"a\":[[1],2]}", "{\"a\":[1,[2]]}", "{\"a\":[[1,2]]}");
    }

    @Test
    void textCannotRunIntoItsNeighbours() {
        assertDifferent("{\"a\":\"b\",\"c\":\"d\"}",
                "{\"a\":\"bs\\u0000\\u0000\\u0000\\u0001cs\\u0000\\u0000\\u0000\\u0001d\"}",
                "{\"ab\":\"\",\"c\":\"d\"}", "{\"a\":\"bc\",\"\":\"d\"}");
        assertDifferent("{\"a\":[\"b\",\"c\"]}", "{\"a\":[\"bc\"]}", "{\"a\":[\"b\\\",\\\"c\"]}",
                "{\"a\":[\"\",\"bc\"]}");
        assertDifferent("{\"a\":12}", "{\"a\":[1,2]}", "{\"a\":1,\"b\":2}", "{\"a\":{\"b\":12}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention"})
    void fieldWithoutEffectSaysNothing(String field) {
        assertSame("{\"model\":\"m\"}", "{\"model\":\"m\",\"" + field + "\":\"x\"}",
                "{\"" + field + "\":{\"a\":[1,{\"b\":2}]},\"model\":\"m\"}",
                "{\"" + field + "\":null,\"model\":\"m\"}");
        assertDifferent("{\"model\":\"m\"}", "{\"model\":\"m\",\"x\":{\"" + field + "\":1}}",
                "{\"model\":\"m\",\"x\":{\"" + field + "\":2}}", "{\"model\":\"m\",\"x\":[{\"" + field + "\":1}]}",
                "{\"model\":\"m\",\"x\":[{\"" + field + "\":2}]}", "{\"model\":\"m\",\"\":{\"" + field + "\":1}}",
                "{\"model\":\"m\",\"\":{\"" + field + "\":2}}", "{\"model\":\"m\",\"" + field + "2\":1}");
    }

    @Test
    void obfuscationSaysNothingAndOtherStreamOptionsDo() {
        assertSame("{\"stream_options\":{}}", "{\"stream_options\":{\"include_obfuscation\":true}}",
                "{\"stream_options\":{\"include_obfuscation\":false}}");
        assertDifferent("{}", "{\"stream_options\":{}}", "{\"stream_options\":{\"include_usage\":true}}",
                "{\"stream_options\":{\"include_usage\":false}}", "{\"include_obfuscation\":true}",
                "{\"stream_options\":[{\"include_obfuscation\":true}]}", "{\"stream_options\":[{}]}",
                "{\"x\":{\"include_obfuscation\":true}}", "{\"x\":{\"stream_options\":{\"include_obfuscation\":true}}}",
                "{\"x\":{\"stream_options\":{}}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "temperature", "seed", "n", "max_tokens", "logit_bias", "service_tier",
            "unknown_of_next_year"})
    void everyOtherFieldCounts(String field) {
        assertDifferent("{\"model\":\"m\"}", "{\"model\":\"m\",\"" + field + "\":1}",
                "{\"model\":\"m\",\"" + field + "\":null}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{%s\"prompt\":\"p\",\"aa\":1}", "{\"prompt\":\"p\",\"aa\":1%s}"})
    void modelOfThePathIsThatOfTheBody(String template) {
        String without = "{\"prompt\":\"p\",\"aa\":1}";
        boolean first = template.startsWith("{%s");
        String with = String.format(Locale.ROOT, template, first ? "\"model\":\"m\"," : ",\"model\":\"m\"");
        assertThat(key(without, "m")).isEqualTo(key(with)).isNotEqualTo(key(without))
                .isNotEqualTo(key(without, "other"));
    }

    @Test
    void modelOfThePathStandsForOneThatIsNull() {
        assertThat(key("{\"model\":null,\"prompt\":\"p\"}", "m")).isEqualTo(key("{\"model\":\"m\",\"prompt\":\"p\"}"))
                .isNotEqualTo(key("{\"model\":null,\"prompt\":\"p\"}", "other"));
    }

    @Test
    void whoAsksAndWhereCounts() {
        byte[] body = "{}".getBytes(UTF_8);
        List<PromptKey> keys = List.of(PromptKey.of("a", "", "/x", null, body, null),
                PromptKey.of("b", "", "/x", null, body, null),
                PromptKey.of("", "", "/x", null, body, null), PromptKey.of("a", "", "/y", null, body, null),
                PromptKey.of("a/x", "", "", null, body, null), PromptKey.of("a", "", "/x?q", null, body, null),
                PromptKey.of("a", "", "/x", "assistants=v2", body, null), PromptKey.of("a", "", "/x", null, body, "m"));
        assertThat(keys).doesNotHaveDuplicates();
        assertThat(PromptKey.of("a", "", "/x", null, body, null)).isEqualTo(keys.getFirst()).isNotEqualTo("x");
    }

    /** Text that a careless writer of keys would confuse. */
    private static Arbitrary<String> text() {
        return Arbitraries.frequencyOf(
                Tuple.of(4,
                        Arbitraries.of("user", "metadata", "model", "stream_options", "include_obfuscation", "a", "b",
                                "")),
                Tuple.of(2, Arbitraries.strings().withChars("as{}[]n0\u0000\u0001é模\"").ofMaxLength(4)));
    }

    private static Arbitrary<Object> value() {
        Arbitrary<Object> leaf = Arbitraries.oneOf(text().map(text -> (Object) text),
                Arbitraries.strings().withChars("\ud83d\ude00").ofMaxLength(3).map(text -> (Object) text),
                Arbitraries.of(true, false, Null.NULL),
                Arbitraries.of("1", "10", "1e1", "0.1", "100", "0", "-1", "1e2", "1.5").map(BigDecimal::new));
        return Arbitraries.recursive(() -> leaf, inner -> Arbitraries.oneOf(
                inner.list().ofMaxSize(3).map(list -> (Object) list),
                Arbitraries.maps(text(), inner).ofMaxSize(3).map(map -> (Object) map)), 0, 3);
    }

    private enum Null {
        NULL
    }

    @Provide
    Arbitrary<Map<String, Object>> bodies() {
        return Arbitraries.maps(text(), value()).ofMaxSize(4);
    }

    @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
    void keysAreEqualExactlyIfTheValuesAre(@ForAll("bodies") Map<String, Object> one,
            @ForAll("bodies") Map<String, Object> two,
            @ForAll("changes") int change, @ForAll Random random) {
        Map<String, Object> other = change == 0 ? two : changed(one, random);
        boolean same = meaning(one).equals(meaning(other));
        assertThat(key(write(one, random)).equals(key(write(other, random)))).as("%s and %s", one, other)
                .isEqualTo(same);
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void noSpellingChangesTheKey(@ForAll("bodies") Map<String, Object> body, @ForAll Random random) {
        assertThat(key(write(body, random))).isEqualTo(key(write(body, random)));
    }

    @Provide
    Arbitrary<Integer> changes() {
        return Arbitraries.integers().between(0, 3);
    }

    /** What a body means, as plain values. */
    private static Map<String, Object> meaning(Map<String, Object> body) {
        Map<String, Object> meaning = new HashMap<>();
        body.forEach((name, value) -> {
            if (!WITHOUT_EFFECT.contains(name)) {
                meaning.put(name, value instanceof Map<?, ?> options && name.equals("stream_options")
                        ? withoutObfuscation(options)
                        : plain(value));
            }
        });
        return meaning;
    }

    private static Object withoutObfuscation(Map<?, ?> options) {
        Map<Object, Object> rest = new HashMap<>();
        options.forEach((name, value) -> rest.put(name, plain(value)));
        rest.remove("include_obfuscation");
        return rest;
    }

    private static Object plain(Object value) {
        return switch (value) {
            case BigDecimal number -> number.stripTrailingZeros();
            case List<?> list -> list.stream().map(PromptKeyTest::plain).toList();
            case Map<?, ?> map -> {
                Map<Object, Object> plain = new HashMap<>();
                map.forEach((name, inner) -> plain.put(name, plain(inner)));
                yield plain;
            }
            default -> value;
        };
    }

    /** The same body with one of its values changed, more or less. */
    private static Map<String, Object> changed(Map<String, Object> body, Random random) {
        Map<String, Object> changed = new LinkedHashMap<>(body);
        List<String> names = new ArrayList<>(body.keySet());
        if (names.isEmpty()) {
            return random.nextBoolean() ? changed : Map.of("user", 1 == random.nextInt(2) ? "x" : "y");
        }
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(5)) {
            case 0 -> changed.remove(name);
            case 1 -> changed.put(name, BigDecimal.valueOf(10, random.nextInt(2)));
            case 2 -> changed.put(name, List.of(body.getOrDefault(name, "")));
            case 3 -> changed.put("user", "somebody");
            default -> {
                // It stays the same.
            }
        }
        return changed;
    }

    /** Writes JSON in one of the many ways that mean the same. */
    private static String write(Object value, Random random) {
        return switch (value) {
            case String text -> quoted(text, random);
            case BigDecimal number -> spelled(number, random);
            case List<?> list -> {
                List<String> items = new ArrayList<>();
                list.forEach(item -> items.add(space(random) + write(item, random) + space(random)));
                yield "[" + String.join(",", items) + "]";
            }
            case Map<?, ?> map -> {
                List<String> fields = new ArrayList<>();
                map.forEach((name, inner) -> fields.add(random.nextInt(fields.size() + 1), space(random)
                        + quoted((String) name, random) + space(random) + ":" + space(random) + write(inner, random)));
                yield "{" + String.join(",", fields) + space(random) + "}";
            }
            case Null none -> "null";
            default -> value.toString();
        };
    }

    private static String spelled(BigDecimal number, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> number.toPlainString();
            case 1 -> number.setScale(number.scale() + 3).toString();
            case 2 -> number.unscaledValue().multiply(BigDecimal.TEN.toBigInteger()) + "e" + (-number.scale() - 1);
            default -> number.unscaledValue() + "E" + -number.scale();
        };
    }

    private static String quoted(String text, Random random) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair && random.nextBoolean()) {
                out.append(c).append(text.charAt(++i));
            } else if (c < 0x20 || c == '"' || c == '\\' || Character.isSurrogate(c) || random.nextInt(4) == 0) {
                String escape = String.format(Locale.ROOT, "\\u%04x", (int) c);
                out.append(random.nextBoolean() ? escape : "\\u" + escape.substring(2).toUpperCase(Locale.ROOT));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    private static String space(Random random) {
        return random.nextInt(3) == 0 ? " \n" : "";
    }

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void everyBodyThatIsReadHasAKey(@ForAll("bodies") Map<String, Object> body, @ForAll Random random) {
        byte[] bytes = write(body, random).getBytes(UTF_8);
        for (int i = random.nextInt(3); i > 0 && bytes.length > 2; i--) {
            bytes[1 + random.nextInt(bytes.length - 2)] = (byte) random.nextInt(256);
        }
        try {
            EnvelopeReader.read(bytes, Endpoint.RESPONSES);
        } catch (MalformedBody refused) {
            return;
        }
        assertThat(PromptKey.of("", "", "", null, bytes, null)).isEqualTo(PromptKey.of("", "", "", null, bytes, null));
    }

    @ParameterizedTest
    @CsvSource({"900, 0", "1, 500000"})
    void deepAndLongBodiesHaveKeys(int depth, int length) {
        String body = "{\"a\":" + "{\"z\":1,\"a\":".repeat(depth) + "\"" + "é".repeat(length) + "\"" + "}".repeat(depth)
                + "}";
        assertThat(key(body)).isEqualTo(key(body)).isNotEqualTo(key(body.replace("z", "y")));
    }
}
