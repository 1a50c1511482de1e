package sluice.openai;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.Charset;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.openai.Route.Known;

class EnvelopeReaderTest {
    private static final List<String> FIELDS = List.of("\"model\":\"gpt-4o\"", "\"stream\":true",
            "\"stream_options\":{\"include_obfuscation\":false,\"include_usage\":true}",
            "\"messages\":[{\"role\":\"user\",\"content\":\"model, stream\"}]", "\"temperature\":0.0",
            "\"seed\":7", "\"store\":false", "\"background\":true",
            "\"tools\":[{\"type\":\"function\",\"stream\":false}]",
            "\"x\":{\"model\":\"other\",\"stream\":false,\"tools\":[{\"type\":\"web_search\"}]}", "\"y\":null",
            "\"z\":[[],[{}],\"model\"]");

    private static Envelope read(String body) throws MalformedBody {
        return EnvelopeReader.read(body.getBytes(UTF_8), Endpoint.RESPONSES);
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String body, String code) {
        return assertThatThrownBy(() -> read(body)).isInstanceOfSatisfying(MalformedBody.class,
                fault -> assertThat(fault.code()).isEqualTo(code));
    }

    @Provide
    Arbitrary<List<String>> anyOrder() {
        return Arbitraries.shuffle(FIELDS);
    }

    @Property
    void orderAndWhiteSpaceOfFieldsDoNotMatter(@ForAll("anyOrder") List<String> fields, @ForAll("space") String space)
            throws MalformedBody {
        String body = space + "{" + space
                + String.join(space + "," + space, fields).replace("\":", "\"" + space + ":" + space)
                + space + "}" + space;
        assertThat(read(body))
                .isEqualTo(
                        new Envelope("gpt-4o",
                                new Envelope.Splice(space.length() + 1, space.length() + 1, "\"model\":%s,"),
                                Set.of("other"),
                                true, null, 13, -1, 1, "", "", "",
                                EnumSet.of(Trait.TEMPERATURE_ZERO, Trait.SEED,
                                        Trait.NO_STORE, Trait.BACKGROUND, Trait.FUNCTION_TOOL),
                                Set.of()));
    }

    @Provide
    Arbitrary<String> space() {
        return Arbitraries.strings().withChars(" \n\r\t").ofMaxLength(3);
    }

    @Test
    void emptyObjectSaysNothing() throws MalformedBody {
        assertThat(saysNothing(read(" {\n} "))).isTrue();
        assertThat(saysNothing(read("{\"user\":null}"))).isTrue();
    }

    private static boolean saysNothing(Envelope envelope) {
        return envelope.model() == null && !envelope.stream() && envelope.inputChars() == 0
                && envelope.maxOutput() == -1
                && envelope.choices() == 1 && envelope.traits().isEmpty();
    }

    @Test
    void onlyTheRootObjectSpeaks() throws MalformedBody {
        Envelope envelope = read(
                "{\"metadata\":{\"model\":\"m\",\"stream\":true,\"store\":true,\"seed\":1,\"background\":true,"
                        + "\"temperature\":0,\"stream_options\":{\"include_usage\":true}}}");
        assertThat(saysNothing(envelope)).isTrue();
        assertThat(envelope.usageOption()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"model\":\"a\",\"model\":\"b\"}|model",
            "{\"model\":\"a\",\"model\":\"a\"}|model",
            "{\"a\":1,\"b\":{},\"a\":2}|a", "{\"mod\\u0065l\":\"a\",\"model\":\"b\"}|model",
            "{\"stream_options\":{\"include_usage\":true,\"include_usage\":false}}|stream_options.include_usage",
            "{\"stream_options\":{\"x\":1,\"x\":{}}}|stream_options.x", "{\"stream\":true,\"stream\":false}|stream"})
    void fieldThatStandsTwiceIsRefused(String body, String field) {
        assertRefused(body, "duplicate_field").hasMessageContaining("'" + field + "'")
                .isInstanceOfSatisfying(MalformedBody.class, fault -> assertThat(fault.param()).isEqualTo(field));
    }

    @Test
    void fieldsMayRepeatDeeper() throws MalformedBody {
        assertThat(read("{\"a\":{\"b\":1,\"b\":2},\"model\":\"m\"}").model()).isEqualTo("m");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"model|1", "model|true", "model|{\"a\":1}", "model|[\"m\"]", "stream|\"true\"",
            "stream|1", "stream|{}", "stream|[true]", "store|\"yes\"", "store|0", "background|1", "background|\"\""})
    void valueOfAnotherTypeIsRefused(String field, String value) {
        assertRefused("{\"" + field + "\":" + value + "}", "invalid_type")
                .isInstanceOfSatisfying(MalformedBody.class, fault -> assertThat(fault.param()).isEqualTo(field));
    }

    /** What does not matter here is the upstream's to judge. */
    @ParameterizedTest
    @ValueSource(strings = {"temperature", "seed", "tools", "functions", "modalities", "audio", "prompt", "messages",
            "input",
            "stream_options", "conversation", "web_search_options", "previous_response_id", "other"})
    void strangeValueIsPassedOverWhole(String field) throws MalformedBody {
        for (String value : List.of("null", "1", "\"x\"", "true", "[]", "{}", "[1,[2,{\"model\":\"b\"}]]",
                "{\"model\":\"b\",\"x\":[{\"y\":1}]}", "[null,\"a\",{\"type\":5}]")) {
            assertThat(read("{\"" + field + "\":" + value + ",\"model\":\"a\",\"stream\":true}"))
                    .as("%s: %s", field, value).extracting(Envelope::model, Envelope::stream)
                    .containsExactly("a", true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[]", "[{}]", "null", "1", "\"x\"", "{}{}", "{} x", "{},", "{\"a\":1}]",
            "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":\"\n\"}",
            "{\"a\":\"\\x\"}", "{\"a\":1/*c*/}", "{\"a\":tru}", "{\"model\":\"m\"", "{\"model\":\"m", "{\"messages\":[",
            "{\"tools\":[{\"type\":\"function\"}", "{\"stream_options\":{\"a\":1", "{\"input\":[{\"a\":", "\u0000{}",
            "{}\u0000"})
    void bodyThatIsNotOneJsonObjectIsRefused(String body) {
        assertRefused(body, "invalid_json");
    }

    static Stream<Arguments> otherEncodings() {
        return Stream.of(UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32"), Charset.forName("UTF-32LE"))
                .flatMap(charset -> Stream.of("{\"model\":\"a\"}", " {\"model\":\"a\"}", "{}")
                        .map(body -> Arguments.of(charset, body)));
    }

    @ParameterizedTest
    @MethodSource("otherEncodings")
    void bodyInAnotherEncodingIsRefused(Charset charset, String body) {
        assertThatThrownBy(() -> EnvelopeReader.read(body.getBytes(charset), Endpoint.RESPONSES))
                .isInstanceOf(MalformedBody.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void brokenUtf8IsRefused() {
        for (int bad : new int[]{0x80, 0xC3, 0xFF, 0xFE}) {
            byte[] inText = "{\"a\":\"_\",\"model\":\"m\"}".getBytes(UTF_8);
            inText[6] = (byte) bad;
            assertThatThrownBy(() -> EnvelopeReader.read(inText, Endpoint.RESPONSES)).isInstanceOf(MalformedBody.class);
            byte[] inModel = "{\"model\":\"_\"}".getBytes(UTF_8);
            inModel[10] = (byte) bad;
            assertThatThrownBy(() -> EnvelopeReader.read(inModel, Endpoint.RESPONSES))
                    .isInstanceOf(MalformedBody.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"900, true", "1100, false", "1000000, false"})
    void nestingIsBounded(int depth, boolean accepted) throws MalformedBody {
        String body = "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + ",\"model\":\"m\"}";
        if (accepted) {
            assertThat(read(body).model()).isEqualTo("m");
        } else {
            assertRefused(body, "json_too_complex");
        }
    }

    static Stream<Arguments> tooComplex() {
        return Stream.of(Arguments.of("fields", "{\"a\":{" + numbered(100_001, i -> "\"f" + i + "\":0") + "}}"),
                Arguments.of("fields of many objects", "{\"a\":[" + numbered(100_001, i -> "{\"f\":0}") + "]}"),
                Arguments.of("fields at the top", "{" + numbered(1001, i -> "\"f" + i + "\":0") + "}"),
                Arguments.of("options", "{\"stream_options\":{" + numbered(1001, i -> "\"f" + i + "\":0") + "}}"),
                Arguments.of("values", "{\"a\":[" + numbered(2_000_000, i -> "0") + "]}"),
                Arguments.of("content", "{\"input\":[" + numbered(2_000_000, i -> "0") + "]}"),
                Arguments.of("models", "{\"tools\":[" + numbered(65, i -> "{\"model\":\"m" + i + "\"}") + "]}"),
                Arguments.of("long name", "{\"" + "n".repeat(1025) + "\":0}"),
                Arguments.of("long number", "{\"a\":" + "1".repeat(257) + "}"),
                Arguments.of("deep tools", "{\"tools\":" + "[".repeat(2000)),
                Arguments.of("deep objects", "{\"a\":".repeat(2000)));
    }

    private static String numbered(int count, IntFunction<String> each) {
        return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(","));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooComplex")
    void whatTakesMoreWorkThanAnyCallNeedsIsRefused(String what, String body) {
        assertRefused(body, "json_too_complex");
    }

    @Test
    void nameOfAModelIsShort() throws MalformedBody {
        String longest = "é".repeat(256);
        assertThat(read("{\"model\":\"" + longest + "\"}").model()).isEqualTo(longest);
        for (String name : List.of(longest + "x", "x".repeat(31 << 20), "\\u00e9".repeat(257), "a\\u0000b", "a\\nb")) {
            assertRefused("{\"model\":\"" + name + "\"}", "invalid_type").hasMessageContaining("'model'");
            assertRefused("{\"tools\":[{\"model\":\"" + name + "\"}]}", "invalid_type");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Model", "MODEL", "ſtream", "Stream", "Max_Tokens", "N", "toolS", "Stream_Options",
            "Previous_Response_Id", "Service_Tier", "in\\u0050ut"})
    void judgedFieldIsSpelledInOneWay(String field) {
        assertRefused("{\"model\":\"a\",\"" + field + "\":\"b\"}", "duplicate_field");
        assertRefused("{\"" + field + "\":\"b\",\"model\":\"a\"}", "duplicate_field");
        assertRefused("{\"" + field + "\":\"b\"}", "duplicate_field");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "", value = {
            "{'tools':[{'type':'image_generation','model':'a'},{'type':'x','y':[{'Model':'b'}]}]}|a b",
            "{'tools':[[{'model':'a'}],[[{'tools':[{'model':'b'}]}]]]}|a b", "{'tools':{'model':'a'}}|a",
            "{'moderation':{'model':'a'}}|a", "{'fallbacks':['a',['b'],{'model':'c','id':'x'}]}|a b c",
            "{'models':['a','b']}|a b", "{'fallback_models':['a']}|a", "{'fallback_model':'a'}|a",
            "{'session':{'model':'a','audio':{'input':{'transcription':{'model':'b'}}},'tools':[{'model':'c'}]}}|a b c",
            "{'data_source':{'type':'completions','model':'a'},'testing_criteria':[{'model':'b'}]}|a b",
            "{'method':{'reinforcement':{'grader':{'model':'a'}}}}|a", "{'audio':{'x':{'model':'a'}}}|a",
            "{'input':[{'type':'message','content':'x'},{'type':'tool_search_output','tools':[{'model':'a'}]}]}|a",
            "{'tools':[{'type':'function','parameters':{'properties':{'model':{'enum':['a']}},'default':{'model':'b'}}}]}|",
            "{'tools':[{'type':'function','function':{'parameters':{'model':'a'},'name':'model'}}]}|",
            "{'metadata':{'model':'a'}}|", "{'response_format':{'json_schema':{'schema':{'model':'a'}}}}|",
            "{'messages':[{'role':'user','content':'model','model':'a'}]}|", "{'input':'model','model':'a'}|",
            "{'text':{'format':{'schema':{'model':'a'}}}}|", "{'thread':{'messages':[{'model':'a'}]}}|",
            "{'tools':[{'type':'mcp','headers':{'model':'a'}}]}|", "{'tools':[{'model':null},{'model':5}]}|"})
    void everyModelThatMayRunIsSeen(String body, String models) throws MalformedBody {
        assertThat(read(body.replace('\'', '"')).others())
                .containsExactlyInAnyOrder(models == null ? new String[0] : models.split(" ", -1));
    }

    @Test
    void longTextIsRead() throws MalformedBody {
        String long30MiB = "x".repeat(30 * 1024 * 1024);
        assertThat(read("{\"messages\":[{\"content\":\"" + long30MiB + "\"}],\"model\":\"m\"}").model()).isEqualTo("m");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
            "\"temperature\":0|TEMPERATURE_ZERO", "\"temperature\":0.0|TEMPERATURE_ZERO",
            "\"temperature\":0e5|TEMPERATURE_ZERO",
            "\"temperature\":-0|TEMPERATURE_ZERO", "\"temperature\":0.1|-", "\"temperature\":\"0\"|-",
            "\"temperature\":null|-",
            "\"temperature\":false|-",
            "\"seed\":0|SEED", "\"seed\":null|-",
            "\"store\":true|STORE", "\"store\":false|NO_STORE", "\"store\":null|-",
            "\"background\":true|BACKGROUND", "\"background\":false|-", "\"background\":null|-",
            "\"previous_response_id\":\"r\"|STORED_OBJECT", "\"previous_response_id\":null|-",
            "\"conversation\":\"c\"|STORED_OBJECT", "\"conversation\":{\"id\":\"c\"}|STORED_OBJECT",
            "\"conversation\":null|-",
            "\"prompt\":{\"id\":\"p\"}|STORED_OBJECT", "\"prompt\":\"text\"|-", "\"prompt\":[\"a\",{\"id\":1}]|-",
            "\"prompt\":null|-",
            "\"web_search_options\":{}|HOSTED_TOOL", "\"web_search_options\":null|-",
            "\"audio\":{\"voice\":\"v\"}|AUDIO", "\"audio\":null|-",
            "\"modalities\":[\"text\",\"audio\"]|AUDIO", "\"modalities\":[\"text\"]|-", "\"modalities\":null|-",
            "\"functions\":[{\"name\":\"f\"}]|FUNCTION_TOOL", "\"functions\":null|-"})
    void fieldHasItsTrait(String field, Trait trait) throws MalformedBody {
        assertThat(read("{" + field + ",\"model\":\"m\"}").traits())
                .isEqualTo(trait == null ? Set.of() : Set.of(trait));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
            "[]|-", "null|-",
            "[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]|FUNCTION_TOOL",
            "[{\"name\":\"f\",\"parameters\":{\"type\":\"web_search\"},\"type\":\"function\"}]|FUNCTION_TOOL",
            "[{\"type\":\"custom\",\"name\":\"c\"}]|FUNCTION_TOOL",
            "[{\"type\":\"web_search\"}]|HOSTED_TOOL", "[{\"type\":\"web_search_preview_2025_03_11\"}]|HOSTED_TOOL",
            "[{\"type\":\"file_search\",\"vector_store_ids\":[\"v\"]}]|HOSTED_TOOL STORED_OBJECT",
            "[{\"type\":\"mcp\"}]|HOSTED_TOOL STORED_OBJECT",
            "[{\"type\":\"code_interpreter\",\"container\":{\"type\":\"auto\"}}]|HOSTED_TOOL STORED_OBJECT",
            "[{\"type\":\"image_generation\"}]|HOSTED_TOOL STORED_OBJECT",
            "[{\"type\":\"of next year\"}]|HOSTED_TOOL STORED_OBJECT",
            "[{}]|HOSTED_TOOL STORED_OBJECT", "[{\"type\":null}]|HOSTED_TOOL STORED_OBJECT",
            "[\"function\"]|HOSTED_TOOL STORED_OBJECT",
            "[{\"function\":{\"type\":\"function\"}}]|HOSTED_TOOL STORED_OBJECT"})
    void onlyFunctionAndCustomToolsAreHarmlessAndOnlyTheWebIsTheSameForAllAccounts(String tools, String traits)
            throws MalformedBody {
        assertThat(read("{\"tools\":" + tools + "}").traits().stream().map(Trait::name))
                .containsExactlyInAnyOrder(traits == null ? new String[0] : traits.split(" ", -1));
    }

    @Test
    void oneHostedToolAmongFunctionsIsSeen() throws MalformedBody {
        assertThat(read("{\"tools\":[{\"type\":\"function\"},{\"type\":\"mcp\"},{\"type\":\"function\"}]}").traits())
                .containsExactlyInAnyOrder(Trait.FUNCTION_TOOL, Trait.HOSTED_TOOL, Trait.STORED_OBJECT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages", "input"})
    void whatTheContentRefersToIsSeen(String field) throws MalformedBody {
        assertThat(content(field, "{\"type\":\"text\",\"text\":\"http://x file_id input_audio\"}")).isEmpty();
        assertThat(content(field, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}"))
                .containsExactly(Trait.REMOTE_INPUT);
        assertThat(content(field, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"HTTP://x/y.png\"}}"))
                .containsExactly(Trait.REMOTE_INPUT);
        assertThat(content(field, "{\"type\":\"input_image\",\"image_url\":\"http://x/y.png\"}"))
                .containsExactly(Trait.REMOTE_INPUT);
        assertThat(content(field, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,http\"}}"))
                .isEmpty();
        assertThat(content(field, "{\"type\":\"input_image\",\"image_url\":\"data:image/png;base64,AA\"}")).isEmpty();
        assertThat(content(field, "{\"type\":\"input_file\",\"file_url\":\"https://x\"}"))
                .containsExactly(Trait.REMOTE_INPUT);
        assertThat(content(field, "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}"))
                .containsExactly(Trait.STORED_OBJECT);
        assertThat(content(field, "{\"type\":\"input_image\",\"file_id\":\"file-1\"}"))
                .containsExactly(Trait.STORED_OBJECT);
        assertThat(content(field, "{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/pdf;base64,AA\"}}"))
                .isEmpty();
        assertThat(content(field, "{\"type\":\"item_reference\",\"id\":\"msg_1\"}"))
                .containsExactly(Trait.STORED_OBJECT);
        assertThat(content(field, "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\",\"format\":\"wav\"}}"))
                .containsExactly(Trait.AUDIO);
        assertThat(content(field, "{\"type\":\"text\",\"text\":\"a\"},{\"a\":{\"b\":[[{\"file_id\":\"deep\"}]]}}"))
                .containsExactly(Trait.STORED_OBJECT);
    }

    private static Set<Trait> content(String field, String parts) throws MalformedBody {
        Envelope envelope = read(
                "{\"" + field + "\":[{\"role\":\"user\",\"content\":[" + parts + "]}],\"model\":\"m\"}");
        assertThat(envelope.model()).isEqualTo("m");
        return envelope.traits();
    }

    @Test
    void textAsInputRefersToNothing() throws MalformedBody {
        assertThat(read("{\"input\":\"http://x\"}").traits()).isEmpty();
        assertThat(read("{\"input\":[\"http://x\",\"item_reference\"]}").traits()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{ \n}", "{\"model\":\"é😀\"}", "{\"a\":1,\"stream_options\":null,\"b\":2}",
            "{\"stream_options\":{}}", "{ \"stream_options\" : { } , \"model\":\"m\"}",
            "{\"stream_options\":{\"include_usage\":false}}", "{\"stream_options\":{\"include_usage\" : null }}",
            "{\"model\":\"é\",\"stream_options\":{\"include_obfuscation\":true,\"include_usage\":false},\"x\":[{}]}",
            "{\"stream_options\":{\"include_obfuscation\":false}}",
            "{\"stream_options\":{\"x\":{\"include_usage\":true}}}"})
    void usageIsAskedForWhereItWasNotAndNothingElseChanges(String body) throws MalformedBody {
        JsonObject before = new JsonObject(body);
        JsonObject after = new JsonObject(spliced(body));

        assertThat(after.getJsonObject("stream_options").getBoolean("include_usage")).isTrue();
        JsonObject options = before.getValue("stream_options") instanceof JsonObject some ? some : new JsonObject();
        assertThat(after).isEqualTo(before.copy().put("stream_options", options.copy().put("include_usage", true)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"stream_options\":{\"include_usage\":true}}", "{\"stream_options\":\"odd\"}",
            "{\"stream_options\":{\"include_usage\":\"true\"}}"})
    void whatAsksForUsageOrCannotStays(String body) throws MalformedBody {
        assertThat(read(body).usageOption()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{}|{\"model\":\"é\"}", " { } | {\"model\":\"é\" } ",
            "{\"a\":1}|{\"model\":\"é\",\"a\":1}",
            "{\"a\":1, \"model\" : null ,\"b\":2}|{\"a\":1, \"model\" : \"é\" ,\"b\":2}"})
    void modelOfThePathIsNamedOnce(String body, String named) throws MalformedBody {
        assertThat(new JsonObject(edited(body, read(body).modelEdit().naming("é"))))
                .isEqualTo(new JsonObject(named));
        assertThat(edited(body, read(body).modelEdit().naming("é")).toString().strip()).isEqualTo(named.strip());
    }

    /** A field of the same name may be another one elsewhere. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"IMAGES_GENERATIONS|background|\"transparent\"",
            "IMAGES_EDITS|background|null", "IMAGES_GENERATIONS|Background|\"opaque\"", "EMBEDDINGS|store|\"yes\"",
            "EMBEDDINGS|stream|\"no\"", "RESPONSES_INPUT_TOKENS|background|{}", "MODERATIONS|Stream|1",
            "AUDIO_SPEECH|store|[]", "THREAD_RUNS|store|7", "FINE_TUNING_JOBS|stream|\"x\""})
    void fieldMattersOnItsOwnRouteOnly(Endpoint endpoint, String field, String value) throws MalformedBody {
        byte[] body = ("{\"model\":\"m\",\"" + field + "\":" + value + "}").getBytes(UTF_8);
        assertThat(EnvelopeReader.read(body, endpoint)).extracting(Envelope::model, Envelope::stream, Envelope::traits)
                .containsExactly("m", false, Set.of());
    }

    /** The fields that matter here, in every type that the API's own description gives them on each of its routes. */
    @ParameterizedTest
    @CsvFileSource(resources = "/openai/fields.csv", numLinesToSkip = 2)
    void whatTheApiDescribesIsAccepted(String path, String field, String types) throws MalformedBody {
        Known route = (Known) Route.of("POST", "/v1" + path, false);
        for (String type : types.split(" ", -1)) {
            for (String value : valuesOf(type)) {
                byte[] body = ("{\"" + field + "\":" + value + "}").getBytes(UTF_8);
                assertThat(EnvelopeReader.read(body, route.endpoint())).as("%s: %s", field, value).isNotNull();
            }
        }
    }

    private static List<String> valuesOf(String type) {
        return switch (type) {
            case "null" -> List.of("null");
            case "boolean" -> List.of("true", "false");
            case "string" -> List.of("\"transparent\"", "\"\"");
            case "integer" -> List.of("0", "1", "2147483647");
            case "number" -> List.of("0", "0.7", "1e-3");
            case "array" -> List.of("[]", "[\"a\"]", "[[1]]", "[{\"type\":\"text\",\"text\":\"a\"}]");
            case "object" -> List.of("{}", "{\"id\":\"a\",\"variables\":{}}");
            default -> throw new IllegalArgumentException(type);
        };
    }

    private static Buffer spliced(String body) throws MalformedBody {
        return edited(body, Objects.requireNonNull(read(body).usageOption()));
    }

    private static Buffer edited(String body, Envelope.Splice splice) {
        byte[] bytes = body.getBytes(UTF_8);
        return Buffer.buffer().appendBytes(bytes, 0, splice.from()).appendString(splice.text()).appendBytes(bytes,
                splice.to(), bytes.length - splice.to());
    }

    @Property
    void noBytesAreTooStrange(@ForAll byte[] body) {
        try {
            assertThat(EnvelopeReader.read(body, Endpoint.RESPONSES)).isNotNull();
        } catch (MalformedBody fault) {
            assertThat(fault.reason()).isNotBlank();
        }
    }

    @ParameterizedTest
    @CsvSource(value = {"'\"flex\"'; flex", "'\"priority\"'; priority", "'\"auto\"'; ''", "'\"default\"'; ''",
            "'null'; ''", "'7'; ''", "'{\"flex\":1}'; ''", "'\"Fl/ex\"'; ''"}, delimiter = ';')
    void serviceTierIsReadWhereItIsNotTheUsualOne(String value, String tier) throws MalformedBody {
        byte[] body = ("{\"service_tier\":" + value + ",\"model\":\"m\"}").getBytes(UTF_8);
        assertThat(EnvelopeReader.read(body, Endpoint.RESPONSES)).extracting(Envelope::serviceTier, Envelope::model)
                .containsExactly(tier, "m");
    }
}
