package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTapTest {
    private static final JsonObject DECOY = new JsonObject().put("prompt_tokens", 777).put("input_tokens", 777)
            .put("output_tokens", 777);
    private static final String ECHO = """
            {"id":"resp_1","object":"response","status":"completed","error":null,"instructions":"\\"usage\\":{\\"input_tokens\\":1}",
             "tools":[{"type":"function","name":"usage","parameters":{"type":"object","properties":{"usage":{"input_tokens":9}}},
                       "usage":{"input_tokens":8,"output_tokens":8}}, ["usage",{"input_tokens":3}]],
             "metadata":{"usage":{"input_tokens":7,"output_tokens":7}},
             "response":{"tools":[{"usage":{"input_tokens":6}}],"metadata":{"usage":{"input_tokens":5}}},
             "text":{"response":{"usage":{"input_tokens":4}}}%s}""";

    private static @Nullable Usage learn(String json) {
        AnswerTap tap = new AnswerTap();
        tap.accept(Buffer.buffer(json));
        return tap.usage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{\"prompt_tokens\":19,\"completion_tokens\":10,\"total_tokens\":29}|19|10|0",
            "{\"prompt_tokens\":8,\"total_tokens\":8}|8|0|0",
            "{\"total_tokens\":3,\"output_tokens\":1,\"input_tokens\":2}|2|1|0",
            "{\"input_tokens\":2,\"output_tokens\":1,\"input_tokens_details\":{\"text_tokens\":1,\"cached_tokens\":2}}|2|1|2",
            "{\"input_tokens\":2,\"output_tokens\":1,\"input_token_details\":{\"text_tokens\":1,\"cached_tokens\":1}}|2|1|1",
            "{\"prompt_tokens\":2,\"prompt_tokens_details\":null,\"completion_tokens\":1}|2|1|0",
            "{\"prompt_tokens_details\":{\"x\":{\"cached_tokens\":9},\"cached_tokens\":1},\"prompt_tokens\":2}|2|0|1",
            "{\"completion_tokens_details\":{\"prompt_tokens\":9},\"prompt_tokens\":2,\"completion_tokens\":1}|2|1|0",
            "{\"prompt_tokens\":0,\"completion_tokens\":null}|0|0|0",
            "{\"input_tokens\":1,\"output_tokens\":-5}|1|0|0"})
    void everySchemeOfNamesIsKnown(String usage, long input, long output, long cached) {
        Usage expected = new Usage(input, output, cached);
        assertThat(learn("{\"usage\":" + usage + "}")).isEqualTo(expected);
        assertThat(learn("{\"object\":\"x\",\"usage\" :\n " + usage + ",\"after\":{}}")).isEqualTo(expected);
        assertThat(learn("{\"type\":\"response.completed\",\"response\":{\"id\":1,\"usage\":" + usage + "}}"))
                .isEqualTo(expected);
        assertThat(expected.total()).isEqualTo(input + output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"usage\":null}", "{\"usage\":{}}", "{\"usage\":5}",
            "{\"usage\":[{\"input_tokens\":1}]}",
            "{\"usage\":\"{\\\"input_tokens\\\":1}\"}", "{\"usage\":{\"type\":\"duration\",\"seconds\":\"long\"}}",
            "{\"usage\":{\"input_tokens\":1", "[{\"usage\":{\"input_tokens\":1}}]",
            "{\"a\":{\"usage\":{\"input_tokens\":1}}}",
            "{\"usages\":{\"input_tokens\":1}}", "{\"usag\":{\"input_tokens\":1}}",
            "{\"a\":\"usage\",\"b\":{\"input_tokens\":1}}",
            "{\"response\":[{\"usage\":{\"input_tokens\":1}}]}",
            "{\"response\":{\"a\":{\"usage\":{\"input_tokens\":1}}}}",
            "{\"response\":{},\"a\":{\"usage\":{\"input_tokens\":1}}}", "{\"usage\":{\"output_tokens\":1}}",
            "}}]{\"usage\":{\"input_tokens\":1}}", "{\"usage\":{\"input_tokens\":99999999999999999999}}"})
    void whatIsNotTheUsageOfTheAnswerIsIgnored(String json) {
        assertThat(learn(json)).isNull();
    }

    @Test
    void tokensAreToldByKind() throws IOException {
        String usage = """
                {"total_tokens":99,"input_tokens":60,"output_tokens":39,
                 "input_token_details":{"text_tokens":20,"audio_tokens":"30","image_tokens":10.0,"cached_tokens":25,
                   "cache_write_tokens":3,"cached_tokens_details":{"text_tokens":8,"audio_tokens":12,"image_tokens":5}},
                 "output_token_details":{"text_tokens":9,"audio_tokens":28,"image_tokens":2,"reasoning_tokens":4}}""";
        Usage expected = new Usage(60, 39, 25, new Usage.Details(3, 30, 10, 12, 5, 28, 2, 0, 0));
        assertThat(learn("{\"usage\":" + usage + "}")).isEqualTo(expected);
        assertThat(parsed(usage)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"3, 3000", "9.5, 9500", "0.0004, 0", "\"7\", 7000", "1e2, 100000"})
    void lengthIsToldInMilliseconds(String seconds, long millis) throws IOException {
        String usage = "{\"type\":\"duration\",\"seconds\":" + seconds + "}";
        assertThat(parsed(usage)).isEqualTo(learn("{\"usage\":" + usage + "}"))
                .extracting(told -> told == null ? -1 : told.details().audioMillis()).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1e-999999999", "{}", "[1]", "soon"})
    void lengthThatCannotBeReadIsNone(String seconds) throws IOException {
        assertThat(learn("{\"usage\":{\"input_tokens\":1,\"seconds\":" + seconds + "}}")).isNull();
        assertThat(parsed("{\"input_tokens\":1,\"seconds\":" + (seconds.equals("soon") ? "\"soon\"" : seconds) + "}"))
                .isNull();
    }

    private static Served served(String... documents) {
        AnswerTap tap = new AnswerTap();
        for (String document : documents) {
            tap.restart();
            for (byte b : document.getBytes(StandardCharsets.UTF_8)) {
                tap.accept(Buffer.buffer(new byte[]{b}));
            }
        }
        return tap.served();
    }

    @Test
    void modelAndTierAreThoseLastTold() {
        assertThat(served("{\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"flex\",\"usage\":{\"input_tokens\":1}}"))
                .isEqualTo(new Served("gpt-4o-2024-08-06", "flex", new Usage(1, 0, 0)));
        assertThat(served("{\"response\":{\"model\":\"m\",\"service_tier\":\"auto\"}}", "{\"delta\":\"x\"}",
                "{\"response\":{\"model\":\"m\",\"service_tier\":\"default\"}}"))
                .isEqualTo(new Served("m", "default", null));
        assertThat(served("{\"model\":null,\"service_tier\":null}")).isEqualTo(Served.UNTOLD);
        assertThat(served("{\"model\":5,\"service_tier\":{\"model\":\"m\"},\"a\":{\"model\":\"m\"}}"))
                .isEqualTo(Served.UNTOLD);
        assertThat(served("{\"model\":\"" + "m".repeat(256) + "\"}").model()).hasSize(256);
        assertThat(served("{\"model\":\"" + "m".repeat(257) + "\",\"service_tier\":\"flex\"}"))
                .isEqualTo(new Served("", "flex", null));
    }

    @Test
    void usageThatIsEchoedDeeperIsIgnored() {
        assertThat(learn(String.format(ECHO, ""))).isNull();
        assertThat(learn(String.format(ECHO, ",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}")))
                .isEqualTo(new Usage(1, 2, 0));
    }

    @Test
    void usageMayBeOfAnyLength() {
        assertThat(learn("{\"usage\":{\"input_tokens\":1,\"x\":\"" + "y".repeat(100_000)
                + "\",\"by_model\":{\"input_tokens\":[" + "7,".repeat(5000) + "7]},\"output_tokens\":2}}"))
                .isEqualTo(new Usage(1, 2, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.0,3.0", "\"12\",\"3\"", "1.2e1,30E-1", " 12 ,\n3 ", "\" 12\",3.00", "012,3"})
    void wholeNumbersMayBeWrittenAsFloatsOrStrings(String counts) throws IOException {
        String[] pair = counts.split(",", -1);
        String usage = "{\"prompt_tokens\":" + pair[0] + ",\"completion_tokens\":" + pair[1]
                + ",\"total_tokens\":null,\"prompt_tokens_details\":{\"cached_tokens\":\"1\"}}";
        assertThat(learn("{\"usage\":" + usage + "}")).isEqualTo(new Usage(12, 3, 1));
        if (!counts.startsWith("012")) {
            assertThat(parsed(usage)).isEqualTo(new Usage(12, 3, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.5", "true", "\"twelve\"", "\"\"", "{}", "[12]", "1e400", "1e-400",
            "99999999999999999999",
            "1000000000000000000000000000000000000000000000000000000"})
    void usageThatCannotBeReadIsNone(String count) throws IOException {
        for (String usage : List.of("{\"prompt_tokens\":" + count + ",\"completion_tokens\":3}",
                "{\"prompt_tokens\":12,\"completion_tokens\":" + count + "}",
                "{\"input_tokens\":12,\"input_tokens_details\":{\"cached_tokens\":" + count + "}}")) {
            assertThat(learn("{\"usage\":" + usage + "}")).as(usage).isNull();
            assertThat(parsed(usage)).as(usage).isNull();
        }
    }

    private static @Nullable Usage parsed(String usage) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(usage)) {
            parser.nextToken();
            return Usage.read(parser);
        }
    }

    /** Any JSON, salted with what looks like usage. */
    private static Arbitrary<Object> value() {
        Arbitrary<Object> leaf = Arbitraries.of(1, "usage", "\"usage\":{", "\\", "é\"", true, "response", DECOY.copy(),
                -1.5);
        return Arbitraries.recursive(() -> leaf, inner -> Arbitraries.oneOf(
                inner.list().ofMaxSize(3).map(JsonArray::new),
                Combinators.combine(key(), inner, key(), inner)
                        .as((k1, v1, k2, v2) -> new JsonObject().put(k1, v1).put(k2, v2))),
                0, 4);
    }

    private static Arbitrary<String> key() {
        return Arbitraries.of("usage", "response", "a", "us\"age", "x\\", "prompt_tokens", "");
    }

    @Provide
    Arbitrary<JsonObject> answers() {
        Arbitrary<String> other = Arbitraries.of("id", "choices", "tools", "us\"age", "x\\", "", "responses", "usage2");
        return Combinators.combine(other, value(), other, value()).as((k1, v1, k2, v2) -> new JsonObject().put(k1, v1)
                .put("usage", new JsonObject().put("prompt_tokens", 3).put("nested", v2).put("completion_tokens", 4))
                .put(k2, v2));
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void anyChunkingOfAnyAnswerGivesItsUsage(@ForAll("answers") JsonObject answer, @ForAll("sizes") List<Integer> sizes,
            @ForAll boolean pretty, @ForAll boolean wrapped) {
        JsonObject document = wrapped ? new JsonObject().put("type", "t").put("response", answer) : answer;
        Buffer json = Buffer.buffer(pretty ? document.encodePrettily() : document.encode());
        AnswerTap tap = new AnswerTap();
        int from = 0;
        for (int i = 0; from < json.length(); i++) {
            int to = Math.min(json.length(), from + sizes.get(i % sizes.size()));
            tap.accept(json.getBuffer(from, to));
            from = to;
        }
        assertThat(tap.usage()).isEqualTo(new Usage(3, 4, 0));
    }

    @Provide
    Arbitrary<List<Integer>> sizes() {
        return Arbitraries.integers().between(1, 30).list().ofMinSize(1).ofMaxSize(5);
    }

    @Property
    void noBytesAreTooStrange(@ForAll("soup") String soup, @ForAll byte[] bytes) {
        assertThat(learn(soup)).satisfiesAnyOf(usage -> assertThat(usage).isNull(),
                usage -> assertThat(usage).isNotNull());
        AnswerTap tap = new AnswerTap();
        tap.accept(Buffer.buffer(bytes));
        assertThat(tap.usage()).isNull();
    }

    @Provide
    Arbitrary<String> soup() {
        return Arbitraries
                .of("{", "}", "[", "]", "\"", "usage", "\"usage\":", ",", ":", "\\", "{\"input_tokens\":1}",
                        "\"response\":")
                .list().ofMaxSize(30).map(parts -> String.join("", parts));
    }
}
